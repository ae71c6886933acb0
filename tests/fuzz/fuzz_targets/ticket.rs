//! Any texts as a ticket: refused, or written as `serde_json` writes the same members.
#![no_main]

use alpaca_auth::order::{
    ClientOrderId, Kind, Replacement, Side, Size, StopLoss, TICKET_BUFFER, Ticket, TimeInForce,
    Trail,
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
    if let Ok(submission) = ticket.write(&mut buffer) {
        let json: Value = serde_json::from_slice(submission.json()).expect("JSON");
        assert_eq!(json, expected);
        let length = submission.json().len();
        let short = usize::from(room) % length;
        assert!(ticket.write(&mut [0; TICKET_BUFFER][..short]).is_err());
    }
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

fn merge(into: &mut Value, part: Value) {
    for (name, value) in part.as_object().expect("an object") {
        into[name] = value.clone();
    }
}
