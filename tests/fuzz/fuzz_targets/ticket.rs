//! Any texts as a ticket, exits or a spread: refused, or written as `serde_json` writes the same members.
#![no_main]

use alpaca_auth::order::{
    ClientOrderId, Kind, Leg, MultiLeg, NetPrice, Oco, OrderError, PositionIntent, Replacement, Side, Size,
    StopLoss, Submission, TICKET_BUFFER, Ticket, TimeInForce, Trail,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    // Two numbers, then texts. 0xff is no byte of UTF-8, so that a text may hold any character.
    let [which, room, texts @ ..] = data else { return };
    let (which, room) = (*which, *room);
    let mut texts = texts.split(|byte| *byte == 0xff).map(|text| std::str::from_utf8(text).unwrap_or_default());
    let mut text = || texts.next().unwrap_or_default();
    let (symbol, size, limit, stop, id) = (text(), text(), text(), text(), text());
    let sell = room & 1 != 0;
    let side = if sell { Side::Sell } else { Side::Buy };
    let (amount, mut expected) = match which & 1 {
        0 => (Size::Quantity(size), json!({"qty": size})),
        _ => (Size::Notional(size), json!({"notional": size})),
    };
    let (kind, prices) = match which >> 1 & 7 {
        0 => (Kind::Limit { limit }, json!({"limit_price": limit})),
        1 => (Kind::Stop { stop }, json!({"stop_price": stop})),
        2 => (Kind::StopLimit { stop, limit }, json!({"stop_price": stop, "limit_price": limit})),
        3 => (Kind::TrailingStop(Trail::Price(stop)), json!({"trail_price": stop})),
        4 => (Kind::TrailingStop(Trail::Percent(stop)), json!({"trail_percent": stop})),
        _ => (Kind::Market, json!({})),
    };
    let times = [TimeInForce::Day, TimeInForce::GoodTilCanceled, TimeInForce::ImmediateOrCancel, TimeInForce::Opening];
    let time = times[usize::from(which >> 4 & 3)];
    let mut ticket = Ticket::new(symbol, side, amount, kind).time_in_force(time);
    merge(&mut expected, prices);
    merge(&mut expected, json!({"symbol": symbol, "side": side.text(), "type": kind.text(), "time_in_force": time.text()}));
    if which & 0x40 != 0 {
        ticket = ticket.take_profit(limit).stop_loss(StopLoss { stop, limit: None });
        let exits = json!({"order_class": "bracket", "take_profit": {"limit_price": limit}, "stop_loss": {"stop_price": stop}});
        merge(&mut expected, exits);
    }
    let id = ClientOrderId::parse(id);
    if let Ok(id) = &id {
        ticket = ticket.client_order_id(id);
        merge(&mut expected, json!({"client_order_id": id.text()}));
    }
    let mut buffer = [0; TICKET_BUFFER];
    same(ticket.write(&mut buffer), &expected);
    if let Ok(submission) = ticket.write(&mut buffer) {
        let short = usize::from(room) % submission.json().len();
        assert!(ticket.write(&mut [0; TICKET_BUFFER][..short]).is_err());
    }
    exits([symbol, size, limit, stop], side, which, id.as_ref().ok());
    spread([symbol, size, limit, stop], which, room, id.as_ref().ok());
    let replacement = Replacement {
        quantity: Some(size),
        limit_price: Some(limit),
        client_order_id: id.as_ref().ok(),
        ..Replacement::default()
    };
    if let Ok(written) = replacement.write(&mut buffer) {
        let mut expected = json!({"qty": size, "limit_price": limit});
        if let Ok(id) = &id {
            merge(&mut expected, json!({"client_order_id": id.text()}));
        }
        let json: Value = serde_json::from_slice(written.json()).expect("JSON");
        assert_eq!(json, expected);
    }
});

fn same(written: Result<Submission<'_>, OrderError>, expected: &Value) {
    if let Ok(submission) = written {
        let json: Value = serde_json::from_slice(submission.json()).expect("JSON");
        assert_eq!(json, *expected);
        assert_eq!(submission.json().len(), expected.to_string().len());
    }
}

fn exits([symbol, size, profit, stop]: [&str; 4], side: Side, which: u8, id: Option<&ClientOrderId>) {
    let loss = StopLoss { stop, limit: (which & 8 != 0).then_some(profit) };
    let mut order = Oco::new(symbol, side, size, profit, loss);
    let mut expected = json!({
        "symbol": symbol, "side": side.text(), "type": "limit", "time_in_force": "day", "qty": size,
        "order_class": "oco", "take_profit": {"limit_price": profit}, "stop_loss": {"stop_price": stop},
    });
    if let Some(limit) = loss.limit {
        expected["stop_loss"]["limit_price"] = limit.into();
    }
    if which & 0x10 != 0 {
        order = order.good_til_canceled();
        expected["time_in_force"] = "gtc".into();
    }
    if let Some(id) = id {
        order = order.client_order_id(id);
        expected["client_order_id"] = id.text().into();
    }
    same(order.write(&mut [0; TICKET_BUFFER]), &expected);
}

fn spread([symbol, size, limit, second]: [&str; 4], which: u8, room: u8, id: Option<&ClientOrderId>) {
    let ratio = |shift: u8| u16::from(which >> shift & 3);
    let leg = |symbol, ratio, intent| Leg { symbol, ratio, intent };
    let all = [
        leg(symbol, ratio(0), PositionIntent::BuyToOpen),
        leg(second, ratio(2), PositionIntent::SellToOpen),
        leg("AAPL261218C00260000", ratio(4), PositionIntent::BuyToClose),
        leg("AAPL261218P00250000", ratio(6), PositionIntent::SellToClose),
        leg("AAPL261218P00240000", 1, PositionIntent::SellToClose),
    ];
    let legs = &all[..usize::from(room >> 1) % 6];
    let (mut order, price) = match room >> 6 {
        0 => (MultiLeg::limit(legs, size, NetPrice::Debit(limit)), Some(limit.to_owned())),
        1 => (MultiLeg::limit(legs, size, NetPrice::Credit(limit)), Some(format!("-{limit}"))),
        _ => (MultiLeg::market(legs, size), None),
    };
    let of_leg = |leg: &Leg<'_>| {
        let intent = leg.intent.text();
        let (side, _) = intent.split_once('_').expect("a word");
        json!({"symbol": leg.symbol, "ratio_qty": leg.ratio.to_string(), "side": side, "position_intent": intent})
    };
    let kind = if price.is_some() { "limit" } else { "market" };
    let mut expected = json!({"order_class": "mleg", "type": kind, "time_in_force": "day", "qty": size});
    expected["legs"] = legs.iter().map(of_leg).collect();
    if let Some(price) = price {
        expected["limit_price"] = price.into();
    }
    if let Some(id) = id {
        order = order.client_order_id(id);
        expected["client_order_id"] = id.text().into();
    }
    same(order.write(&mut [0; TICKET_BUFFER]), &expected);
}

fn merge(into: &mut Value, part: Value) {
    for (name, value) in part.as_object().expect("an object") {
        into[name] = value.clone();
    }
}
