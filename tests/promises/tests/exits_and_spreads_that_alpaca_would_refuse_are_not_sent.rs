//! Exits (class `oco`) and spreads (class `mleg`) that Alpaca would refuse are not sent: the error says which rule
//! is broken and what to change. What is written is what was meant, to the letter.

use alpaca_auth::order::{
    AmountError, ClientOrderId, Field, Leg, MultiLeg, NetPrice, Oco, OrderError, PositionIntent,
    Side, StopLoss, TICKET_BUFFER,
};
use alpaca_auth::policy::{Amount, Policy, PolicyError};
use alpaca_auth::request::{Replay, trading};
use alpaca_auth::retry::client_order_id;
use serde_json::{Value, json};

const INTENTS: [PositionIntent; 4] = [
    PositionIntent::BuyToOpen,
    PositionIntent::BuyToClose,
    PositionIntent::SellToOpen,
    PositionIntent::SellToClose,
];

const CONTRACTS: [&str; 5] = [
    "AAPL261218C00250000",
    "AAPL261218C00260000",
    "AAPL261218P00250000",
    "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
    "AAPL261218P00240000",
];

const fn stop(stop: &'static str, limit: Option<&'static str>) -> StopLoss<'static> {
    StopLoss { stop, limit }
}

const fn sale(take_profit: &'static str, stop_loss: StopLoss<'static>) -> Oco<'static> {
    Oco::new("AAPL", Side::Sell, "10", take_profit, stop_loss)
}

const fn purchase(take_profit: &'static str, stop_loss: StopLoss<'static>) -> Oco<'static> {
    Oco::new("AAPL", Side::Buy, "10", take_profit, stop_loss)
}

const fn leg(symbol: &'static str, ratio: u16) -> Leg<'static> {
    Leg {
        symbol,
        ratio,
        intent: PositionIntent::BuyToOpen,
    }
}

/// The text says what to do.
fn advises(error: OrderError) {
    let says = error.to_string();
    let advises = ["change", "give", "leave", "check", "use"]
        .iter()
        .any(|word| says.contains(word));
    assert!(advises, "{says}");
}

#[test]
fn every_class_of_invalid_exits_is_refused_by_name() {
    use OrderError as E;
    let loss = stop("200", None);
    let of = |symbol, quantity| Oco::new(symbol, Side::Sell, quantity, "300", loss);
    let long = "A".repeat(65);
    let cases = [
        // The symbol, and what has no exits.
        (of("", "1"), E::Symbol),
        (of("AAPL MSFT", "1"), E::Symbol),
        (of("AAPL\"", "1"), E::Symbol),
        (of(&long, "1"), E::Symbol),
        (of("BTC/USD", "1"), E::EquityOnly),
        (of("AAPL261218C00250000", "1"), E::EquityOnly),
        // Fractions.
        (of("AAPL", "0.5"), E::ExitNeedsWholeShares),
        (of("AAPL", "10.000000001"), E::ExitNeedsWholeShares),
        // A long position wins above, a short one below.
        (sale("200", loss), E::ExitsCross),
        (sale("199.99", loss), E::ExitsCross),
        (sale("99", loss), E::ExitsCross),
        (sale("200.00", loss).good_til_canceled(), E::ExitsCross),
        (purchase("200", loss), E::ExitsCross),
        (purchase("200.01", loss), E::ExitsCross),
        (purchase("1000", loss), E::ExitsCross),
        // The limit of the stop loss is no better than its stop.
        (
            sale("300", stop("200", Some("200.01"))),
            E::StopLossLimitBeyondStop,
        ),
        (
            sale("300", stop("200", Some("1000"))),
            E::StopLossLimitBeyondStop,
        ),
        (
            purchase("100", stop("200", Some("199.99"))),
            E::StopLossLimitBeyondStop,
        ),
        (
            purchase("100", stop("200", Some("99"))),
            E::StopLossLimitBeyondStop,
        ),
        // Stocks are priced in cents.
        (
            sale("300.001", loss),
            E::Amount(Field::TakeProfit, AmountError::Decimals(2)),
        ),
        (
            sale("300", stop("199.999", None)),
            E::Amount(Field::StopLoss, AmountError::Decimals(2)),
        ),
        (
            sale("300", stop("200", Some("0.00001"))),
            E::Amount(Field::StopLossLimit, AmountError::Decimals(4)),
        ),
    ];
    let mut buffer = [0; TICKET_BUFFER];
    for (exits, error) in cases {
        assert_eq!(exits.check(), Err(error), "{exits:?}");
        assert_eq!(exits.write(&mut buffer).err(), Some(error), "{exits:?}");
        if !matches!(error, E::Amount(..)) {
            advises(error);
        }
    }
    // The accepted neighbours.
    for exits in [
        sale("200.01", stop("200", Some("200"))),
        sale("1000", stop("200", Some("99.5"))).good_til_canceled(),
        purchase("199.99", stop("200", Some("200"))),
        purchase("99", stop("200", Some("1000"))),
        of("BRK.B", "1.0"),
        of("b0b6dd9d-8b9b-48a9-ba46-b9d54906e415", "1"),
        sale("1", stop("0.9999", None)),
    ] {
        assert_eq!(exits.check(), Ok(()), "{exits:?}");
    }
    println!("{} invalid exits are refused by name", cases.len());
}

#[test]
fn every_class_of_invalid_spread_is_refused_by_name() {
    use OrderError as E;
    let all: Vec<_> = CONTRACTS
        .into_iter()
        .map(|contract| leg(contract, 1))
        .collect();
    let ratios = |ratios: &[u16]| -> Vec<Leg<'static>> {
        let legs = CONTRACTS.into_iter().zip(ratios);
        legs.map(|(contract, ratio)| leg(contract, *ratio))
            .collect()
    };
    let second = |symbol| vec![leg(CONTRACTS[0], 1), leg(symbol, 1)];
    let cases = [
        (vec![], E::LegCount),
        (all[..1].to_vec(), E::LegCount),
        (all.clone(), E::LegCount),
        // What is no option contract.
        (second("AAPL"), E::LegNoOption),
        (second("BTC/USD"), E::LegNoOption),
        (second("AAPL261218X00250000"), E::LegNoOption),
        (second("AAPL26121C00250000"), E::LegNoOption),
        (second("TOOLONG261218C00250000"), E::LegNoOption),
        (second(""), E::Symbol),
        (second("AAPL261218C0025000\""), E::Symbol),
        (second("AAPL 261218C00250000"), E::Symbol),
        // One contract twice, next to each other or not.
        (second(CONTRACTS[0]), E::LegTwice),
        (vec![all[0], all[1], leg(CONTRACTS[0], 2)], E::LegTwice),
        (vec![all[0], all[1], all[2], all[1]], E::LegTwice),
        // Ratios.
        (ratios(&[0, 1]), E::LegRatioZero),
        (ratios(&[1, 0]), E::LegRatioZero),
        (ratios(&[0, 0]), E::LegRatioZero),
        (ratios(&[1, 1, 1, 0]), E::LegRatioZero),
        (ratios(&[5, 5]), E::LegRatios),
        (ratios(&[2, 4]), E::LegRatios),
        (ratios(&[6, 9, 15]), E::LegRatios),
        (ratios(&[2, 2, 2, 2]), E::LegRatios),
        (ratios(&[u16::MAX, u16::MAX]), E::LegRatios),
    ];
    let mut buffer = [0; TICKET_BUFFER];
    for (legs, error) in &cases {
        for order in [
            MultiLeg::market(legs, "1"),
            MultiLeg::limit(legs, "1", NetPrice::Credit("0.5")),
        ] {
            assert_eq!(order.check(), Err(*error), "{order:?}");
            assert_eq!(order.write(&mut buffer).err(), Some(*error), "{order:?}");
        }
        advises(*error);
    }
    let two = &all[..2];
    for quantity in ["0.5", "1.000000001"] {
        let order = MultiLeg::market(two, quantity);
        assert_eq!(order.check(), Err(E::FractionNotAllowed));
    }
    // Options are priced in cents.
    for text in ["0.405", "3.1499", "0.0001"] {
        for price in [NetPrice::Debit(text), NetPrice::Credit(text)] {
            let cents = E::Amount(Field::LimitPrice, AmountError::Decimals(2));
            assert_eq!(MultiLeg::limit(two, "1", price).check(), Err(cents));
        }
    }
    // The accepted neighbours.
    for legs in [
        ratios(&[1, 1]),
        ratios(&[3, 1]),
        ratios(&[1, 2, 1]),
        ratios(&[6, 10, 15]),
        ratios(&[2, 2, 2, 3]),
        ratios(&[u16::MAX, u16::MAX - 1]),
    ] {
        assert_eq!(MultiLeg::market(&legs, "3").check(), Ok(()), "{legs:?}");
    }
    println!("{} invalid spreads are refused by name", cases.len());
}

#[test]
fn every_amount_is_a_positive_decimal_of_its_field() {
    let legs = [leg(CONTRACTS[0], 1), leg(CONTRACTS[1], 1)];
    let place = |at: usize, text: &'static str| match at {
        0 => Oco::new("AAPL", Side::Sell, text, "300", stop("200", None)).check(),
        1 => sale(text, stop("0.0001", None)).check(),
        2 => sale("1000000", stop(text, None)).check(),
        3 => purchase("0.0001", stop("0.0002", Some(text))).check(),
        4 => MultiLeg::market(&legs, text).check(),
        5 => MultiLeg::limit(&legs, "1", NetPrice::Debit(text)).check(),
        _ => MultiLeg::limit(&legs, "1", NetPrice::Credit(text)).check(),
    };
    for (at, field) in [
        Field::Quantity,
        Field::TakeProfit,
        Field::StopLoss,
        Field::StopLossLimit,
        Field::Quantity,
        Field::LimitPrice,
        Field::LimitPrice,
    ]
    .into_iter()
    .enumerate()
    {
        // A sign is the direction's: a credit of -1 would be a debit.
        for text in [
            "", "-1", "+1", "--1", "1e3", "1,000", "1.", ".5", "NaN", " 1", "$1", "1.2.3",
        ] {
            let error = OrderError::Amount(field, AmountError::Form);
            assert_eq!(place(at, text), Err(error), "{at} {text:?}");
        }
        for text in ["0", "0.00", "000"] {
            let error = OrderError::Amount(field, AmountError::Zero);
            assert_eq!(place(at, text), Err(error), "{at} {text:?}");
        }
        assert!(matches!(
            place(at, "1.0000000001"),
            Err(OrderError::Amount(of, AmountError::Decimals(_))) if of == field
        ));
        assert_eq!(place(at, "1"), Ok(()), "{at}");
        assert_eq!(place(at, "01.00"), Ok(()), "{at}");
    }
}

fn of_leg(leg: &Leg<'_>) -> Value {
    let intent = leg.intent.text();
    let (side, _) = intent.split_once('_').expect("a word");
    json!({
        "symbol": leg.symbol, "ratio_qty": leg.ratio.to_string(), "side": side, "position_intent": intent,
    })
}

/// The same body as `serde_json` makes, over all combinations that are accepted.
#[test]
fn what_is_written_is_what_serde_json_writes() {
    let ids =
        [None, Some("a'b {c} /x")].map(|id| id.map(|id| ClientOrderId::parse(id).expect("an id")));
    let mut buffer = [0; TICKET_BUFFER];
    let (mut written, mut refused) = (0, 0);
    let mut same = |json: Option<&[u8]>, expected: Value| {
        let Some(json) = json else {
            refused += 1;
            return;
        };
        written += 1;
        assert_eq!(
            serde_json::from_slice::<Value>(json).expect("JSON"),
            expected
        );
        // No member twice, no blank: the compact text has the same length.
        assert_eq!(json.len(), expected.to_string().len());
    };
    for id in &ids {
        for symbol in ["AAPL", "BTC/USD", "F261218P00012500"] {
            for side in [Side::Buy, Side::Sell] {
                for quantity in ["3", "0.25"] {
                    for (profit, at) in [("300", "100"), ("100", "300")] {
                        for limit in [None, Some("99"), Some("301")] {
                            for lasting in [false, true] {
                                let loss = StopLoss { stop: at, limit };
                                let mut exits = Oco::new(symbol, side, quantity, profit, loss);
                                let mut expected = json!({
                                    "symbol": symbol, "side": side.text(), "type": "limit", "qty": quantity,
                                    "time_in_force": if lasting { "gtc" } else { "day" }, "order_class": "oco",
                                    "take_profit": {"limit_price": profit}, "stop_loss": {"stop_price": at},
                                });
                                if let Some(limit) = limit {
                                    expected["stop_loss"]["limit_price"] = limit.into();
                                }
                                if lasting {
                                    exits = exits.good_til_canceled();
                                }
                                if let Some(id) = id {
                                    exits = exits.client_order_id(id);
                                    expected["client_order_id"] = id.text().into();
                                }
                                let json = exits.write(&mut buffer).ok();
                                same(json.map(|submission| submission.json()), expected);
                            }
                        }
                    }
                }
            }
        }
    }
    let prices = [
        None,
        Some(NetPrice::Debit("1.25")),
        Some(NetPrice::Credit("0.05")),
        Some(NetPrice::Credit("-1")),
    ];
    for id in &ids {
        for count in 0..=CONTRACTS.len() {
            for ratio in [0, 1, 2, 65_535] {
                for first in [1, 2] {
                    for limit in prices {
                        let legs: Vec<_> = CONTRACTS
                            .into_iter()
                            .zip(INTENTS.into_iter().cycle())
                            .take(count)
                            .enumerate()
                            .map(|(at, (symbol, intent))| Leg {
                                symbol,
                                ratio: if at == 0 { first } else { ratio },
                                intent,
                            })
                            .collect();
                        let mut order = match limit {
                            None => MultiLeg::market(&legs, "7"),
                            Some(limit) => MultiLeg::limit(&legs, "7", limit),
                        };
                        let kind = if limit.is_some() { "limit" } else { "market" };
                        let mut expected = json!({
                            "order_class": "mleg", "type": kind, "time_in_force": "day", "qty": "7",
                        });
                        match limit {
                            None => {}
                            Some(NetPrice::Debit(text)) => expected["limit_price"] = text.into(),
                            Some(NetPrice::Credit(text)) => {
                                expected["limit_price"] = format!("-{text}").into();
                            }
                        }
                        if let Some(id) = id {
                            order = order.client_order_id(id);
                            expected["client_order_id"] = id.text().into();
                        }
                        expected["legs"] = legs.iter().map(of_leg).collect();
                        let json = order.write(&mut buffer).ok();
                        same(json.map(|submission| submission.json()), expected);
                    }
                }
            }
        }
    }
    println!("{written} orders as serde_json writes them, {refused} refused");
    assert!(written > 80 && refused > written, "{written} {refused}");
}

#[test]
fn only_with_an_id_may_they_be_sent_again() {
    let id = ClientOrderId::with_prefix("tests/", [9; 16]).expect("an id");
    let legs = [leg(CONTRACTS[0], 1), leg(CONTRACTS[1], 1)];
    let exits = sale("300", stop("200", None));
    let spread = MultiLeg::limit(&legs, "1", NetPrice::Debit("1"));
    let mut buffer = [0; TICKET_BUFFER];
    for without in [exits.write(&mut buffer), spread.write(&mut [0; 512])] {
        let without = without.expect("an order");
        assert!(without.client_order_id().is_none());
        assert_eq!(trading::submit(&without).replay(), Replay::Never);
    }
    let (exits, spread) = (exits.client_order_id(&id), spread.client_order_id(&id));
    for with in [exits.write(&mut buffer), spread.write(&mut [0; 512])] {
        let with = with.expect("an order");
        let request = trading::submit(&with);
        assert_eq!(request.replay(), Replay::WithClientOrderId);
        assert_eq!(request.body().map(|body| body.bytes), Some(with.json()));
        // Whoever retries reads the same id out of the body.
        assert_eq!(client_order_id(&request), Some(id.text()));
    }
}

/// A policy cannot bound what they trade for, and says so.
#[test]
fn a_policy_that_bounds_money_refuses_them() {
    let legs = [leg(CONTRACTS[0], 1), leg(CONTRACTS[1], 1)];
    let policy = Policy::new().per_order(Amount::dollars(1_000_000));
    let mut buffer = [0; TICKET_BUFFER];
    let exits = sale("300", stop("200", None));
    let submission = exits.write(&mut buffer).expect("exits");
    let refused = policy.check(&trading::submit(&submission), Some(Amount::dollars(1)));
    assert_eq!(refused, Err(PolicyError::Member));
    let spread = MultiLeg::limit(&legs, "1", NetPrice::Credit("1"));
    let submission = spread.write(&mut buffer).expect("a spread");
    let refused = policy.check(&trading::submit(&submission), Some(Amount::dollars(1)));
    assert_eq!(refused, Err(PolicyError::Member));
}

#[test]
fn the_longest_fits_and_a_shorter_buffer_is_an_error_at_every_size() {
    let id = ClientOrderId::parse(&"x".repeat(128)).expect("an id");
    let symbol = "A".repeat(64);
    let amount = format!("{}.01", "9".repeat(29));
    let lower = format!("1{}.01", "0".repeat(28));
    let whole = "9".repeat(32);
    let loss = StopLoss {
        stop: &amount,
        limit: Some(&amount),
    };
    let exits = Oco::new(&symbol, Side::Buy, &whole, &lower, loss)
        .good_til_canceled()
        .client_order_id(&id);
    let legs = [0, 1, 2, 3].map(|at| {
        let symbols = [
            "00000000-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000001",
            "00000000-0000-0000-0000-000000000002",
            "00000000-0000-0000-0000-000000000003",
        ];
        Leg {
            symbol: symbols[at],
            ratio: u16::MAX - u16::from(at == 3),
            intent: PositionIntent::SellToClose,
        }
    });
    let spread = MultiLeg::limit(&legs, &whole, NetPrice::Credit(&amount)).client_order_id(&id);
    let mut buffer = [0; TICKET_BUFFER];
    let exits_length = exits.write(&mut buffer).expect("exits").json().len();
    let spread_length = spread.write(&mut buffer).expect("a spread").json().len();
    println!("exits have {exits_length}, a spread {spread_length} of {TICKET_BUFFER} bytes");
    for room in 0..exits_length.max(spread_length) {
        let refused = Some(OrderError::BufferTooSmall);
        if room < exits_length {
            assert_eq!(exits.write(&mut buffer[..room]).err(), refused, "{room}");
        }
        if room < spread_length {
            assert_eq!(spread.write(&mut buffer[..room]).err(), refused, "{room}");
        }
    }
    assert!(exits.write(&mut buffer[..exits_length]).is_ok());
    assert!(spread.write(&mut buffer[..spread_length]).is_ok());
}
