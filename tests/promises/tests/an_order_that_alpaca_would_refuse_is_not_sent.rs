//! An order that Alpaca would refuse is not sent: the ticket says which rule it breaks and what to
//! change. What is written is what was meant, to the letter.

use alpaca_auth::order::{
    AmountError, ClientOrderId, Field, Kind, OrderError, PositionIntent, Replacement, Side, Size,
    StopLoss, TICKET_BUFFER, Ticket, TimeInForce, Trail,
};
use alpaca_auth::request::{Effect, Replay, TargetBuffer, trading};
use alpaca_auth::retry::{check_order, client_order_id};
use serde_json::{Value, json};

const TEN: Size<'_> = Size::Quantity("10");
const STOCK: Ticket<'_> = Ticket::market("AAPL", Side::Buy, TEN);
const LIMIT: Ticket<'_> = Ticket::limit("AAPL", Side::Buy, TEN, "231.50");
const PAIR: Ticket<'_> = Ticket::limit(
    "BTC/USD",
    Side::Buy,
    Size::Quantity("0.02"),
    "2100.123456789",
)
.time_in_force(TimeInForce::GoodTilCanceled);
const CONTRACT: Ticket<'_> = Ticket::limit("AAPL261218C00250000", Side::Buy, TEN, "3.15");

const TIMES: [TimeInForce; 6] = [
    TimeInForce::Day,
    TimeInForce::GoodTilCanceled,
    TimeInForce::Opening,
    TimeInForce::Closing,
    TimeInForce::ImmediateOrCancel,
    TimeInForce::FillOrKill,
];

const fn of(symbol: &'static str, kind: Kind<'static>) -> Ticket<'static> {
    Ticket::new(symbol, Side::Buy, TEN, kind)
}

const fn stop(stop: &'static str, limit: Option<&'static str>) -> StopLoss<'static> {
    StopLoss { stop, limit }
}

#[test]
fn every_class_of_invalid_ticket_is_refused_by_name() {
    use OrderError as E;
    use TimeInForce::{
        Closing, Day, FillOrKill, GoodTilCanceled as Gtc, ImmediateOrCancel, Opening,
    };
    let trailing = Kind::TrailingStop(Trail::Percent("1.5"));
    let stopped = Kind::Stop { stop: "200" };
    let half = Size::Quantity("0.5");
    let worth = Size::Notional("25");
    let sell = Ticket::market("AAPL", Side::Sell, TEN);
    let long = "A".repeat(65);
    let cases = [
        // The symbol.
        (Ticket::market("", Side::Buy, TEN), E::Symbol),
        (Ticket::market("AAPL MSFT", Side::Buy, TEN), E::Symbol),
        (Ticket::market("AAPL\"", Side::Buy, TEN), E::Symbol),
        (Ticket::market("AAPL\n", Side::Buy, TEN), E::Symbol),
        (Ticket::market("ÄPL", Side::Buy, TEN), E::Symbol),
        (Ticket::market(&long, Side::Buy, TEN), E::Symbol),
        // Fractions and worths.
        (
            Ticket::market("AAPL", Side::Buy, half).time_in_force(Gtc),
            E::FractionNeedsDay,
        ),
        (
            Ticket::market("AAPL", Side::Buy, half).time_in_force(FillOrKill),
            E::FractionNeedsDay,
        ),
        (
            Ticket::market("AAPL", Side::Buy, worth).time_in_force(Gtc),
            E::NotionalNeedsMarketDay,
        ),
        (
            Ticket::limit("AAPL", Side::Buy, worth, "200"),
            E::NotionalNeedsMarketDay,
        ),
        (
            Ticket::new("AAPL", Side::Buy, worth, stopped),
            E::NotionalNeedsMarketDay,
        ),
        (
            Ticket::limit("BTC/USD", Side::Buy, worth, "200").time_in_force(Gtc),
            E::NotionalNeedsMarketDay,
        ),
        (
            Ticket::new("AAPL", Side::Sell, half, trailing),
            E::FractionType,
        ),
        (
            Ticket::new(
                "AAPL",
                Side::Buy,
                Size::Quantity("10.000000001"),
                Kind::TrailingStop(Trail::Price("2")),
            ),
            E::FractionType,
        ),
        // Times in force.
        (
            of("AAPL", stopped).time_in_force(Opening),
            E::AuctionNeedsMarketOrLimit,
        ),
        (
            of("AAPL", stopped).time_in_force(Closing),
            E::AuctionNeedsMarketOrLimit,
        ),
        (
            of(
                "AAPL",
                Kind::StopLimit {
                    stop: "1",
                    limit: "2",
                },
            )
            .time_in_force(Opening),
            E::AuctionNeedsMarketOrLimit,
        ),
        (
            of("AAPL", trailing).time_in_force(ImmediateOrCancel),
            E::TrailingStopNeedsDayOrGtc,
        ),
        (
            of("AAPL", trailing).time_in_force(Closing),
            E::TrailingStopNeedsDayOrGtc,
        ),
        (STOCK.extended_hours(), E::ExtendedHoursNeedLimit),
        (
            LIMIT.time_in_force(Opening).extended_hours(),
            E::ExtendedHoursNeedLimit,
        ),
        (
            LIMIT.time_in_force(ImmediateOrCancel).extended_hours(),
            E::ExtendedHoursNeedLimit,
        ),
        (
            of("AAPL", trailing).extended_hours(),
            E::ExtendedHoursNeedLimit,
        ),
        // Crypto.
        (of("BTC/USD", stopped).time_in_force(Gtc), E::CryptoType),
        (of("BTC/USD", trailing).time_in_force(Gtc), E::CryptoType),
        (PAIR.time_in_force(Day), E::CryptoTimeInForce),
        (PAIR.time_in_force(FillOrKill), E::CryptoTimeInForce),
        (PAIR.time_in_force(Opening), E::CryptoTimeInForce),
        (PAIR.extended_hours(), E::EquityOnly),
        (PAIR.take_profit("3000"), E::EquityOnly),
        // Options.
        (of("AAPL261218C00250000", stopped), E::OptionType),
        (of("F261218P00012500", trailing), E::OptionType),
        (CONTRACT.time_in_force(Gtc), E::OptionTimeInForce),
        (CONTRACT.time_in_force(Opening), E::OptionTimeInForce),
        (
            Ticket::market("AAPL261218C00250000", Side::Buy, half),
            E::FractionNotAllowed,
        ),
        (
            Ticket::market("AAPL261218C00250000", Side::Buy, worth),
            E::FractionNotAllowed,
        ),
        (CONTRACT.extended_hours(), E::EquityOnly),
        (CONTRACT.stop_loss(stop("1", None)), E::EquityOnly),
        // Exits.
        (
            Ticket::market("AAPL", Side::Buy, half).take_profit("300"),
            E::ExitNeedsWholeShares,
        ),
        (
            Ticket::market("AAPL", Side::Buy, worth).take_profit("300"),
            E::ExitNeedsWholeShares,
        ),
        (
            STOCK.take_profit("300").time_in_force(FillOrKill),
            E::ExitNeedsDayOrGtc,
        ),
        (
            STOCK.stop_loss(stop("200", None)).time_in_force(Opening),
            E::ExitNeedsDayOrGtc,
        ),
        (
            LIMIT.take_profit("300").extended_hours(),
            E::ExitInExtendedHours,
        ),
        (
            STOCK.take_profit("200").stop_loss(stop("200", None)),
            E::ExitsCross,
        ),
        (
            STOCK.take_profit("199.99").stop_loss(stop("200", None)),
            E::ExitsCross,
        ),
        (
            sell.take_profit("200").stop_loss(stop("200.00", None)),
            E::ExitsCross,
        ),
        (
            sell.take_profit("1000").stop_loss(stop("200", None)),
            E::ExitsCross,
        ),
        (
            STOCK.stop_loss(stop("200", Some("200.01"))),
            E::StopLossLimitBeyondStop,
        ),
        (
            sell.stop_loss(stop("200", Some("99.5"))),
            E::StopLossLimitBeyondStop,
        ),
        // The position that is meant.
        (
            STOCK.position_intent(PositionIntent::SellToClose),
            E::IntentOfOtherSide,
        ),
        (
            sell.position_intent(PositionIntent::BuyToOpen),
            E::IntentOfOtherSide,
        ),
    ];
    let mut buffer = [0; TICKET_BUFFER];
    for (ticket, error) in cases {
        assert_eq!(ticket.check(), Err(error), "{ticket:?}");
        assert_eq!(ticket.write(&mut buffer).err(), Some(error), "{ticket:?}");
        let says = error.to_string();
        let advises = ["change", "give", "leave", "check", "use"]
            .iter()
            .any(|word| says.contains(word));
        assert!(advises, "{says}");
    }
    println!("{} invalid tickets are refused by name", cases.len());
}

#[test]
fn every_amount_is_a_positive_decimal_of_its_field() {
    let place = |field, text: &'static str| match field {
        Field::Quantity => Ticket::market("AAPL", Side::Buy, Size::Quantity(text)),
        Field::Notional => Ticket::market("AAPL", Side::Buy, Size::Notional(text)),
        Field::LimitPrice => Ticket::limit("AAPL", Side::Buy, TEN, text),
        Field::StopPrice => of("AAPL", Kind::Stop { stop: text }),
        Field::TrailPrice => of("AAPL", Kind::TrailingStop(Trail::Price(text))),
        Field::TrailPercent => of("AAPL", Kind::TrailingStop(Trail::Percent(text))),
        Field::TakeProfit => STOCK.take_profit(text),
        Field::StopLoss => STOCK.stop_loss(stop(text, None)),
        _ => Ticket::market("AAPL", Side::Sell, TEN).stop_loss(stop("0.0001", Some(text))),
    };
    for (field, decimals) in [
        (Field::Quantity, "1.0000000001"),
        (Field::Notional, "1.001"),
        (Field::LimitPrice, "1.001"),
        (Field::StopPrice, "231.505"),
        (Field::TrailPrice, "1.0000000001"),
        (Field::TrailPercent, "1.0000000001"),
        (Field::TakeProfit, "1.001"),
        (Field::StopLoss, "0.00001"),
        (Field::StopLossLimit, "1.001"),
    ] {
        for text in [
            "", "-1", "+1", "1e3", "1,000", "1.", ".5", "NaN", " 1", "$1", "1.2.3",
        ] {
            let error = OrderError::Amount(field, AmountError::Form);
            assert_eq!(place(field, text).check(), Err(error), "{field:?} {text:?}");
        }
        for text in ["0", "0.00", "000"] {
            let error = OrderError::Amount(field, AmountError::Zero);
            assert_eq!(place(field, text).check(), Err(error), "{field:?} {text:?}");
        }
        match place(field, decimals).check() {
            Err(error @ OrderError::Amount(of, AmountError::Decimals(_))) if of == field => {
                let says = error.to_string();
                assert!(
                    says.starts_with(field.name()) && says.ends_with("round it"),
                    "{says}"
                );
            }
            other => panic!("{field:?}: {other:?}"),
        }
        // The accepted neighbours.
        for text in ["1", "01.50", "0.01", "0.0100"] {
            assert_eq!(place(field, text).check(), Ok(()), "{field:?} {text}");
        }
    }
    // Options are priced in cents, whatever they cost.
    let cents = OrderError::Amount(Field::LimitPrice, AmountError::Decimals(2));
    for text in ["3.155", "0.999", "0.0001"] {
        let contract = Ticket::limit("AAPL261218C00250000", Side::Buy, TEN, text);
        assert_eq!(contract.check(), Err(cents), "{text}");
    }
    assert_eq!(place(Field::LimitPrice, "0.9999").check(), Ok(()));
    assert!(place(Field::LimitPrice, "0.99999").check().is_err());
}

/// The accepted neighbours of the refused classes.
#[test]
fn what_alpaca_takes_is_taken() {
    let trailing = of("AAPL", Kind::TrailingStop(Trail::Price("2")));
    let sell = Ticket::market("AAPL", Side::Sell, TEN);
    for ticket in [
        STOCK,
        LIMIT.extended_hours(),
        LIMIT
            .time_in_force(TimeInForce::GoodTilCanceled)
            .extended_hours(),
        LIMIT.time_in_force(TimeInForce::Opening),
        STOCK.time_in_force(TimeInForce::Closing),
        trailing.time_in_force(TimeInForce::GoodTilCanceled),
        Ticket::limit("AAPL", Side::Sell, Size::Quantity("0.000000001"), "231.5"),
        Ticket::new(
            "AAPL",
            Side::Sell,
            Size::Quantity("0.5"),
            Kind::Stop { stop: "200" },
        ),
        Ticket::new(
            "AAPL",
            Side::Sell,
            Size::Quantity("10.0"),
            Kind::TrailingStop(Trail::Price("2")),
        ),
        Ticket::market("AAPL", Side::Buy, Size::Notional("1.50")),
        PAIR,
        PAIR.time_in_force(TimeInForce::ImmediateOrCancel),
        Ticket::market("BTC/USD", Side::Buy, Size::Notional("10"))
            .time_in_force(TimeInForce::GoodTilCanceled),
        CONTRACT.position_intent(PositionIntent::BuyToOpen),
        Ticket::market(
            "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
            Side::Buy,
            Size::Quantity("0.5"),
        )
        .time_in_force(TimeInForce::GoodTilCanceled),
        STOCK
            .take_profit("200.01")
            .stop_loss(stop("200", Some("200"))),
        sell.take_profit("99").stop_loss(stop("200", Some("201"))),
        Ticket::market("BRK.B", Side::Buy, TEN),
    ] {
        assert_eq!(ticket.check(), Ok(()), "{ticket:?}");
    }
}

/// The same body as `serde_json` makes, over all combinations that are accepted.
#[test]
fn what_is_written_is_what_serde_json_writes() {
    let ids = [None, Some("a'b {c} /x"), Some("7c1f")]
        .map(|id| id.map(|id| ClientOrderId::parse(id).expect("an id")));
    let kinds = [
        (Kind::Market, json!({"type": "market"})),
        (
            Kind::Limit { limit: "201.5" },
            json!({"type": "limit", "limit_price": "201.5"}),
        ),
        (
            Kind::Stop { stop: "201" },
            json!({"type": "stop", "stop_price": "201"}),
        ),
        (
            Kind::StopLimit {
                stop: "201",
                limit: "202",
            },
            json!({"type": "stop_limit", "stop_price": "201", "limit_price": "202"}),
        ),
        (
            Kind::TrailingStop(Trail::Price("2")),
            json!({"type": "trailing_stop", "trail_price": "2"}),
        ),
        (
            Kind::TrailingStop(Trail::Percent("1.5")),
            json!({"type": "trailing_stop", "trail_percent": "1.5"}),
        ),
    ];
    let sizes = [
        (Size::Quantity("3"), json!({"qty": "3"})),
        (Size::Quantity("0.25"), json!({"qty": "0.25"})),
        (Size::Notional("99.95"), json!({"notional": "99.95"})),
    ];
    let exits = [
        (None, None, json!({})),
        (
            Some("300"),
            None,
            json!({"order_class": "oto", "take_profit": {"limit_price": "300"}}),
        ),
        (
            None,
            Some(stop("100", None)),
            json!({"order_class": "oto", "stop_loss": {"stop_price": "100"}}),
        ),
        (
            Some("300"),
            Some(stop("100", Some("99"))),
            json!({
                "order_class": "bracket", "take_profit": {"limit_price": "300"},
                "stop_loss": {"stop_price": "100", "limit_price": "99"},
            }),
        ),
    ];
    let (mut written, mut refused) = (0, 0);
    let mut buffer = [0; TICKET_BUFFER];
    for symbol in ["AAPL", "BTC/USD", "AAPL261218C00250000"] {
        for (kind, kind_json) in &kinds {
            for (size, size_json) in &sizes {
                for (profit, loss, exit_json) in &exits {
                    for time in TIMES {
                        for extended in [false, true] {
                            for id in &ids {
                                let mut ticket = Ticket::new(symbol, Side::Buy, *size, *kind)
                                    .time_in_force(time);
                                let mut expected = json!({"symbol": symbol, "side": "buy", "time_in_force": time.text()});
                                merge(&mut expected, [kind_json, size_json, exit_json]);
                                if let Some(profit) = profit {
                                    ticket = ticket.take_profit(profit);
                                }
                                if let Some(loss) = loss {
                                    ticket = ticket.stop_loss(*loss);
                                }
                                if extended {
                                    ticket = ticket.extended_hours();
                                    merge(&mut expected, [&json!({"extended_hours": true})]);
                                }
                                if let Some(id) = id {
                                    ticket = ticket.client_order_id(id);
                                    merge(&mut expected, [&json!({"client_order_id": id.text()})]);
                                }
                                let Ok(submission) = ticket.write(&mut buffer) else {
                                    refused += 1;
                                    continue;
                                };
                                written += 1;
                                let json: Value =
                                    serde_json::from_slice(submission.json()).expect("JSON");
                                assert_eq!(json, expected);
                                // No member twice, no blank: the compact text has the same length.
                                assert_eq!(submission.json().len(), expected.to_string().len());
                            }
                        }
                    }
                }
            }
        }
    }
    println!("{written} tickets as serde_json writes them, {refused} refused");
    assert!(written > 100 && refused > written, "{written} {refused}");
}

fn merge<'v>(into: &mut Value, parts: impl IntoIterator<Item = &'v Value>) {
    for part in parts {
        for (name, value) in part.as_object().expect("an object") {
            into[name] = value.clone();
        }
    }
}

#[test]
fn only_a_ticket_with_an_id_may_be_sent_again_and_can_be_looked_up() {
    let id = ClientOrderId::with_prefix("tests/", [9; 16]).expect("an id");
    let (mut one, mut two) = ([0; TICKET_BUFFER], [0; TICKET_BUFFER]);
    let without = LIMIT.write(&mut one).expect("a ticket");
    let request = trading::submit(&without);
    assert_eq!(request.replay(), Replay::Never);
    assert_eq!(
        request.operation().map(|o| o.effect),
        Some(Effect::MovesMoney)
    );
    assert!(without.client_order_id().is_none());

    let ticket = LIMIT.client_order_id(&id);
    let with = ticket.write(&mut two).expect("a ticket");
    let request = trading::submit(&with);
    assert_eq!(request.replay(), Replay::WithClientOrderId);
    assert_eq!(request.body().map(|body| body.bytes), Some(with.json()));
    let mut target = TargetBuffer::<256>::new("/").expect("fits");
    let lookup = with.client_order_id().expect("an id");
    let lookup = trading::order_by_client_order_id(&mut target, lookup).expect("fits");
    assert!(
        lookup.target().starts_with(
            "/v2/orders:by_client_order_id?client_order_id=tests%2F09090909-0909-4909-"
        )
    );
    assert_eq!(lookup.replay(), Replay::Safe);
    // Whoever retries reads the same id out of the body, and asks the same.
    assert_eq!(client_order_id(&request), Some(id.text()));
    let mut other = TargetBuffer::<256>::new("/").expect("fits");
    let check = check_order(&request, &mut other).expect("an order with an id");
    assert_eq!(check.target(), lookup.target());
    assert_eq!(check.operation(), lookup.operation());

    // An own body may have an id that nobody checked, so it is never sent again.
    let own = trading::submit_order(with.json());
    assert_eq!(own.replay(), Replay::Never);
    let change = Replacement {
        client_order_id: Some(&id),
        ..Replacement::default()
    };
    let change = change.write(&mut one).expect("a replacement");
    let request = trading::replace_order(&mut target, "1", &change).expect("fits");
    assert_eq!(request.replay(), Replay::Never);
}

#[test]
fn the_longest_ticket_fits_and_a_shorter_buffer_is_an_error_at_every_size() {
    let id = ClientOrderId::parse(&"x".repeat(128)).expect("an id");
    let symbol = "A".repeat(64);
    let amount = format!("{}.01", "9".repeat(29));
    let higher = format!("1{}.01", "0".repeat(28));
    let ticket = Ticket::new(
        &symbol,
        Side::Sell,
        Size::Quantity("10000000000000000000000000000000"),
        Kind::StopLimit {
            stop: &amount,
            limit: &amount,
        },
    )
    .time_in_force(TimeInForce::GoodTilCanceled)
    .client_order_id(&id)
    .position_intent(PositionIntent::SellToClose)
    .take_profit(&higher)
    .stop_loss(StopLoss {
        stop: &amount,
        limit: Some(&amount),
    });
    let mut buffer = [0; TICKET_BUFFER];
    let length = ticket.write(&mut buffer).expect("a ticket").json().len();
    println!("the longest ticket has {length} of {TICKET_BUFFER} bytes");
    for room in 0..length {
        let refused = ticket.write(&mut buffer[..room]).err();
        assert_eq!(refused, Some(OrderError::BufferTooSmall), "{room}");
    }
    assert!(ticket.write(&mut buffer[..length]).is_ok());
}
