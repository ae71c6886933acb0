//! Sends requests of the whole trading catalog to an OpenAPI mock, and broken ones, and says what
//! it makes of them.
//!
//! `catalog_prism PORT SPEC.json`: Prism listens on that port of 127.0.0.1 and has read SPEC.json.
//! The transports refuse plain http, so the bytes of the core's own head writer go over a socket.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::http::{HeadBuffer, write_head};
use alpaca_auth::order::{
    ClientOrderId, Kind, Leg, MultiLeg, NetPrice, Oco, PositionIntent, Replacement, Side, Size,
    StopLoss, TICKET_BUFFER, Ticket, TimeInForce, Trail,
};
use alpaca_auth::request::trading::{
    self, Calendar, DateType, ListActivities, ListAssets, ListOrders, Listed, PortfolioHistory,
    Portion,
};
use alpaca_auth::request::{Direction, Method, Operation, Request, TargetBuffer, catalog};
use alpaca_auth::response::Decimal;
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;
type Target = TargetBuffer<2048>;

const UUID: &str = "61e69015-8549-4bfd-b9c3-01e75843f47d";

/// A body for each operation that takes one, but orders, which have tickets.
const BODIES: [(&str, &str); 12] = [
    ("createLocates", r#"{"symbol":"GME","qty":100}"#),
    ("patchAccountConfig", r#"{"suspend_trade":true}"#),
    (
        "postTokenizationMint",
        r#"{"underlying_symbol":"AAPL","qty":"1.5","issuer":"xstocks","network":"solana","wallet_address":"x"}"#,
    ),
    (
        "createCryptoTransferForAccount",
        r#"{"amount":"1.5","address":"x","asset":"USDC"}"#,
    ),
    (
        "createWhitelistedAddress",
        r#"{"address":"x","asset":"USDC"}"#,
    ),
    ("postWatchlist", r#"{"name":"tech","symbols":["AAPL"]}"#),
    ("addAssetToWatchlist", r#"{"symbol":"AAPL"}"#),
    ("updateWatchlistById", r#"{"name":"tech"}"#),
    ("addAssetToWatchlistByName", r#"{"symbol":"AAPL"}"#),
    ("updateWatchlistByName", r#"{"symbols":["AAPL"]}"#),
    (
        "postOrder",
        r#"{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day"}"#,
    ),
    ("patchOrderByOrderId", r#"{"qty":"4"}"#),
];

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("catalog_prism: {wrong} requests were not judged as they should be");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("catalog_prism: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<usize, Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: catalog_prism PORT SPEC.json".into());
    };
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let mut judge = Judge {
        endpoint: Endpoint::at("127.0.0.1", port.parse()?)?,
        pair: slot.paper("PKTEST", "not-a-real-secret")?,
        spec: serde_json::from_slice(&std::fs::read(path)?)?,
        wrong: 0,
        right: 0,
    };
    for operation in catalog::trading::ALL {
        judge.operation(operation)?;
    }
    let all = catalog::trading::ALL.len();
    println!(
        "{} of {all} operations: a request was accepted",
        judge.take()
    );
    typed(&mut judge)?;
    println!("{} typed requests accepted", judge.take());
    broken(&mut judge)?;
    println!("{} broken requests refused", judge.take());
    Ok(judge.wrong)
}

struct Judge<'k> {
    endpoint: Endpoint<Trading, Paper>,
    pair: &'k KeyPair<Paper>,
    spec: Value,
    wrong: usize,
    right: usize,
}

impl Judge<'_> {
    fn take(&mut self) -> usize {
        std::mem::take(&mut self.right)
    }

    /// A request with every parameter of its query set.
    fn operation(&mut self, operation: &'static Operation) -> Result<(), Failure> {
        let parameters: Vec<_> = operation.parameters().map(path_value).collect();
        let query = self.query_of(operation);
        let query: Vec<_> = query
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let mut target = Target::new("/")?;
        let request = operation.request::<Trading, 2048>(&mut target, &parameters, &query)?;
        self.accepts(match body_of(operation) {
            Some(body) => request.with_json(body.as_bytes()),
            None => request,
        })
    }

    /// The request is accepted, and names nothing that its operation does not know.
    fn accepts<'r>(&mut self, request: impl Into<Request<'r, Trading>>) -> Result<(), Failure> {
        let request = &request.into();
        let operation = request
            .operation()
            .ok_or("a request without an operation")?;
        let unknown = self.unknown(operation, request)?;
        let (status, says) = self.send(request, |head| head)?;
        if operation.success.contains(&status) && unknown.is_empty() {
            self.right += 1;
            return Ok(());
        }
        self.wrong += 1;
        println!(
            "WRONG {operation} {}: {status} {says} {unknown:?}",
            request.target()
        );
        Ok(())
    }

    fn refuses(
        &mut self,
        what: &str,
        status: u16,
        request: &Request<'_, Trading>,
        change: impl Fn(String) -> String,
    ) -> Result<(), Failure> {
        let (found, says) = self.send(request, change)?;
        if found == status {
            self.right += 1;
            return Ok(());
        }
        self.wrong += 1;
        println!("WRONG {what}, {}: {found} {says}", request.target());
        Ok(())
    }

    /// Status, and the beginning of the answer.
    fn send(
        &self,
        request: &Request<'_, Trading>,
        change: impl Fn(String) -> String,
    ) -> Result<(u16, String), Failure> {
        let mut head = HeadBuffer::<4096>::new();
        write_head(request, &self.endpoint, self.pair, &mut head)?;
        let head = head.expose(|head| String::from_utf8(head.to_vec()))?;
        let mut bytes = change(head).into_bytes();
        bytes.extend_from_slice(request.body().map_or(&[][..], |body| body.bytes));
        let mut socket = TcpStream::connect(("127.0.0.1", self.endpoint.port()))?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        socket.write_all(&bytes)?;
        let mut answer = Vec::new();
        let mut piece = [0; 2048];
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            match socket.read(&mut piece)? {
                0 => break,
                length => answer.extend_from_slice(&piece[..length]),
            }
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).ok_or("no status")?.parse()?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok((status, body.chars().take(400).collect()))
    }

    /// Names in the query or the body that the file does not have: Prism lets them pass.
    fn unknown(
        &self,
        operation: &Operation,
        request: &Request<'_, Trading>,
    ) -> Result<Vec<String>, Failure> {
        let known = self.query_of(operation);
        let query = request
            .target()
            .split_once('?')
            .map_or("", |(_, query)| query);
        let names = query
            .split('&')
            .filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()));
        let mut unknown: Vec<_> = names
            .filter(|name| known.iter().all(|(known, _)| known != name))
            .collect();
        if let Some(body) = request.body() {
            let schema =
                &self.source(operation)["requestBody"]["content"]["application/json"]["schema"];
            let properties = &self.resolve(schema)["properties"];
            let body: Value = serde_json::from_slice(body.bytes)?;
            let members = body.as_object().ok_or("no object")?.keys();
            unknown.extend(
                members
                    .filter(|name| properties[name.as_str()].is_null())
                    .cloned(),
            );
        }
        Ok(unknown)
    }

    fn source(&self, operation: &Operation) -> &Value {
        &self.spec["paths"][operation.path][operation.method.text().to_lowercase()]
    }

    /// Every parameter of the query, with a value that its schema takes.
    fn query_of(&self, operation: &Operation) -> Vec<(String, String)> {
        let own = &self.source(operation)["parameters"];
        let shared = &self.spec["paths"][operation.path]["parameters"];
        let both = [own, shared]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten();
        both.map(|parameter| self.resolve(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| {
                let name = parameter["name"].as_str().unwrap_or_default();
                (name.to_owned(), self.sample(&parameter["schema"]))
            })
            .collect()
    }

    fn sample(&self, schema: &Value) -> String {
        let schema = self.resolve(schema);
        if let Some(first) = schema["enum"].get(0) {
            return first.as_str().unwrap_or("0").to_owned();
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("array"), _) => self.sample(&schema["items"]),
            (Some("integer" | "number"), _) => "7".to_owned(),
            (Some("boolean"), _) => "true".to_owned(),
            (_, Some("date")) => "2026-11-25".to_owned(),
            (_, Some("date-time")) => "2026-11-25T09:30:00.123456789-05:00".to_owned(),
            (_, Some("uuid")) => UUID.to_owned(),
            (_, Some("ulid")) => "01JDJ8Q0ZW3T8N6V5M4K2H1G0F".to_owned(),
            _ => "a b/c&d=e+f".to_owned(),
        }
    }

    fn resolve<'v>(&'v self, mut value: &'v Value) -> &'v Value {
        while let Some(at) = value["$ref"].as_str() {
            value = self
                .spec
                .pointer(at.trim_start_matches('#'))
                .unwrap_or(&Value::Null);
        }
        value
    }
}

fn path_value(name: &str) -> &'static str {
    match name {
        "symbol" | "symbol_or_asset_id" => "BTC/USD",
        "market" => "NYSE",
        "activity_type" => "FILL",
        _ => UUID,
    }
}

fn body_of(operation: &Operation) -> Option<&'static str> {
    BODIES
        .iter()
        .find(|(id, _)| *id == operation.id)
        .map(|(_, body)| *body)
}

/// The typed requests, with all that they can say.
fn typed(judge: &mut Judge<'_>) -> Result<(), Failure> {
    let mut target = Target::new("/")?;
    let target = &mut target;
    judge.accepts(trading::account())?;
    judge.accepts(trading::configurations())?;
    judge.accepts(trading::change_configurations(br#"{"no_shorting":true}"#))?;
    judge.accepts(trading::clock())?;
    judge.accepts(trading::positions())?;
    judge.accepts(trading::position(target, "AAPL")?)?;
    judge.accepts(trading::close_position(target, "AAPL", Portion::All)?)?;
    let half = Decimal::parse("50.5")?;
    judge.accepts(trading::close_position(
        target,
        "BTC/USD",
        Portion::Percentage(half),
    )?)?;
    judge.accepts(trading::close_position(
        target,
        "BTC/USD",
        Portion::Quantity(half),
    )?)?;
    judge.accepts(trading::close_all_positions(true))?;
    judge.accepts(trading::close_all_positions(false))?;
    judge.accepts(trading::asset(target, "BTC/USD")?)?;
    let assets = ListAssets {
        status: Some("active"),
        asset_class: Some("us_equity"),
        exchange: Some("NYSE"),
        attributes: &["ipo"],
    };
    judge.accepts(assets.request(target)?)?;
    let activities = ListActivities {
        types: &["FILL"],
        category: None,
        date: Some("2026-11-25T00:00:00Z"),
        until: Some("2026-11-25T00:00:00Z"),
        after: Some("2026-11-24T00:00:00Z"),
        direction: Some(Direction::Ascending),
        page_size: Some(100),
        page_token: Some("20261125000000000::x"),
    };
    judge.accepts(activities.request(target)?)?;
    let activities = ListActivities {
        category: Some("trade_activity"),
        ..ListActivities::default()
    };
    judge.accepts(activities.request(target)?)?;
    let history = PortfolioHistory {
        period: Some("1M"),
        timeframe: Some("1D"),
        start: None,
        end: Some("2026-11-25T00:00:00Z"),
        intraday_reporting: Some("continuous"),
        pnl_reset: Some("no_reset"),
    };
    judge.accepts(history.request(target)?)?;
    for date_type in [DateType::Trading, DateType::Settlement] {
        let calendar = Calendar {
            date_type: Some(date_type),
            ..Calendar::default()
        };
        judge.accepts(calendar.request(target)?)?;
    }
    for status in [Listed::Open, Listed::Closed, Listed::All] {
        let list = ListOrders {
            status: Some(status),
            limit: Some(500),
            after: Some("2026-11-24T00:00:00Z"),
            until: Some("2026-11-25T00:00:00Z"),
            direction: Some(Direction::Descending),
            nested: Some(true),
            symbols: &["AAPL", "BTC/USD"],
            side: Some(Side::Buy),
        };
        judge.accepts(list.request(target)?)?;
    }
    judge.accepts(trading::open_orders())?;
    judge.accepts(trading::cancel_all_orders())?;
    judge.accepts(trading::order(target, UUID)?)?;
    judge.accepts(trading::cancel_order(target, UUID)?)?;
    let id = ClientOrderId::with_prefix("a'b/", [7; 16])?;
    judge.accepts(trading::order_by_client_order_id(target, &id)?)?;
    let mut buffer = [0; TICKET_BUFFER];
    let replacement = Replacement {
        quantity: Some("4"),
        time_in_force: Some(TimeInForce::GoodTilCanceled),
        limit_price: Some("155"),
        net_price: None,
        stop_price: Some("154"),
        trail: Some("2"),
        client_order_id: Some(&id),
    };
    let replacement = replacement.write(&mut buffer)?;
    judge.accepts(trading::replace_order(target, UUID, &replacement)?)?;
    let spread = Replacement {
        net_price: Some(NetPrice::Credit("0.05")),
        ..Replacement::default()
    };
    judge.accepts(trading::replace_order(
        target,
        UUID,
        &spread.write(&mut [0; 64])?,
    )?)?;
    tickets(judge, &id)
}

fn tickets(judge: &mut Judge<'_>, id: &ClientOrderId) -> Result<(), Failure> {
    use TimeInForce::{Closing, FillOrKill, GoodTilCanceled, ImmediateOrCancel, Opening};
    let ten = Size::Quantity("10");
    let market = Ticket::market("AAPL", Side::Buy, ten);
    let limit = Ticket::limit("AAPL", Side::Sell, ten, "231.50");
    let of = |kind| Ticket::new("AAPL", Side::Sell, ten, kind);
    let loss = StopLoss {
        stop: "200",
        limit: Some("199"),
    };
    let contract = Ticket::limit("AAPL261218C00250000", Side::Buy, ten, "3.15");
    for ticket in [
        market.client_order_id(id),
        market.time_in_force(Closing),
        limit.extended_hours(),
        limit.time_in_force(Opening),
        limit.time_in_force(FillOrKill),
        of(Kind::Stop { stop: "200" }),
        of(Kind::StopLimit {
            stop: "200",
            limit: "199",
        }),
        of(Kind::TrailingStop(Trail::Price("2"))),
        of(Kind::TrailingStop(Trail::Percent("1.5"))),
        Ticket::market("AAPL", Side::Buy, Size::Notional("99.95")),
        Ticket::market("ETH/USD", Side::Buy, Size::Quantity("0.02"))
            .time_in_force(ImmediateOrCancel),
        Ticket::limit("ETH/USD", Side::Buy, Size::Quantity("0.02"), "2100")
            .time_in_force(GoodTilCanceled),
        contract.position_intent(PositionIntent::BuyToOpen),
        market.take_profit("300"),
        market.stop_loss(loss),
        market
            .take_profit("300")
            .stop_loss(loss)
            .client_order_id(id),
    ] {
        let mut buffer = [0; TICKET_BUFFER];
        judge.accepts(trading::submit(&ticket.write(&mut buffer)?))?;
    }
    let mut buffer = [0; TICKET_BUFFER];
    for exits in [
        Oco::new("AAPL", Side::Sell, "10", "300", loss),
        Oco::new(
            "AAPL",
            Side::Buy,
            "10",
            "100",
            StopLoss {
                limit: None,
                ..loss
            },
        )
        .good_til_canceled()
        .client_order_id(id),
    ] {
        judge.accepts(trading::submit(&exits.write(&mut buffer)?))?;
    }
    let leg = |symbol, ratio, intent| Leg {
        symbol,
        ratio,
        intent,
    };
    let legs = [
        leg("AAPL261218C00250000", 3, PositionIntent::BuyToOpen),
        leg("AAPL261218C00260000", 1, PositionIntent::SellToOpen),
        leg("AAPL261218P00250000", 1, PositionIntent::BuyToClose),
        leg("AAPL261218P00240000", 1, PositionIntent::SellToClose),
    ];
    for spread in [
        MultiLeg::market(&legs[..2], "3").client_order_id(id),
        MultiLeg::limit(&legs, "1", NetPrice::Debit("4.15")),
        MultiLeg::limit(&legs[1..], "1", NetPrice::Credit("0.05")),
    ] {
        judge.accepts(trading::submit(&spread.write(&mut buffer)?))?;
    }
    Ok(())
}

/// What Prism must refuse, or its yes says nothing.
fn broken(judge: &mut Judge<'_>) -> Result<(), Failure> {
    let same = |head| head;
    let without = |field: &'static str| {
        move |head: String| {
            let kept = head
                .split_inclusive("\r\n")
                .filter(|line| !line.starts_with(field));
            kept.collect::<String>()
        }
    };
    let account = trading::account();
    judge.refuses("no key id", 401, &account, without("APCA-API-KEY-ID"))?;
    judge.refuses("no secret", 401, &account, without("APCA-API-SECRET-KEY"))?;
    for target in [
        "/v2/nothing",
        "/v2/orders:by_id",
        "/v1/account",
        "/v2/account/",
    ] {
        let request = Request::new(Method::Get, target)?;
        judge.refuses("a wrong path", 404, &request, same)?;
    }
    for (method, target) in [(Method::Delete, "/v2/account"), (Method::Put, "/v2/orders")] {
        judge.refuses("a wrong method", 405, &Request::new(method, target)?, same)?;
    }
    for target in [
        "/v2/orders?status=some",
        "/v2/orders?limit=many",
        "/v2/orders?direction=up",
        "/v2/orders?nested=perhaps",
        "/v2/orders/1",
        "/v2/orders:by_client_order_id",
        "/v2/account/activities?page_size=101",
        "/v2/calendar?date_type=trading",
        "/v3/calendar/MOON",
        "/v1/locates?limit=0",
    ] {
        let request = Request::new(Method::Get, target)?;
        judge.refuses("a wrong value", 422, &request, same)?;
    }
    let mut target = Target::new("/")?;
    for operation in catalog::trading::ALL
        .iter()
        .filter(|o| body_of(o).is_some())
    {
        let query: Vec<_> = if operation.path.ends_with(":by_name") {
            vec![("name", "x")]
        } else {
            Vec::new()
        };
        let parameters: Vec<_> = operation.parameters().map(path_value).collect();
        let request = operation.request::<Trading, 2048>(&mut target, &parameters, &query)?;
        judge.refuses("a list as body", 422, &request.with_json(b"[1]"), same)?;
    }
    for body in [
        r#"{"symbol":"AAPL","qty":"1","side":"buy","type":"limit"}"#,
        r#"{"symbol":"AAPL","qty":"1","side":"buy","time_in_force":"day"}"#,
        r#"{"symbol":"AAPL","qty":1,"side":"buy","type":"market","time_in_force":"day"}"#,
        r#"{"symbol":"AAPL","qty":"1","side":"hold","type":"market","time_in_force":"day"}"#,
        r#"{"symbol":"AAPL","qty":"1","side":"buy","type":"maker","time_in_force":"day"}"#,
        r#"{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"week"}"#,
        r#"{"type":"market","time_in_force":"day","extended_hours":"yes"}"#,
        r#"{"type":"market","time_in_force":"day","take_profit":"300"}"#,
        r#"{"type":"limit","time_in_force":"day","order_class":"ocO"}"#,
        r#"{"type":"limit","time_in_force":"day","order_class":"oco","stop_loss":{"stop_price":200}}"#,
        r#"{"type":"market","time_in_force":"day","order_class":"mleg","legs":{}}"#,
        r#"{"type":"market","time_in_force":"day","order_class":"mleg","legs":[{"symbol":"A"}]}"#,
        r#"{"type":"market","time_in_force":"day","order_class":"mleg","legs":[{"symbol":"A","ratio_qty":1}]}"#,
        r#"{"type":"market","time_in_force":"day","order_class":"mleg","legs":[{"symbol":"A","ratio_qty":"1","position_intent":"hold"}]}"#,
    ] {
        judge.refuses(
            "a wrong order",
            422,
            &trading::submit_order(body.as_bytes()),
            same,
        )?;
    }
    let legs = [r#"{"symbol":"A","ratio_qty":"1"}"#; 5].join(",");
    let many = format!(
        r#"{{"type":"market","time_in_force":"day","order_class":"mleg","legs":[{legs}]}}"#
    );
    judge.refuses(
        "five legs",
        422,
        &trading::submit_order(many.as_bytes()),
        same,
    )?;
    let long = format!(
        r#"{{"type":"market","time_in_force":"day","client_order_id":"{}"}}"#,
        "x".repeat(129)
    );
    judge.refuses(
        "a long id",
        422,
        &trading::submit_order(long.as_bytes()),
        same,
    )
}
