//! Every operation of Alpaca's OpenAPI files has a descriptor, and no descriptor is made up.
//!
//! The vectors are written from the files by `tests/catalog/generate.py`; `tests/ci.sh catalog`
//! checks them against the files where there are any.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use alpaca_auth::credential::{BrokerKey, BrokerToken, ConnectToken, KeyPair, Opens};
use alpaca_auth::endpoint::{ApiKind, Broker, DataStream, MarketData, Trading};
use alpaca_auth::environment::{Paper, Sandbox};
use alpaca_auth::request::{
    CredentialKind, Effect, Method, Operation, Replay, RequestError, TargetBuffer, catalog,
};

const VECTORS: &str = include_str!("../../catalog/operations.txt");

const APIS: [(&str, &[&Operation]); 3] = [
    ("trading", catalog::trading::ALL),
    ("market_data", catalog::market_data::ALL),
    ("broker", catalog::broker::ALL),
];

/// As the vectors say it.
fn line(api: &str, operation: &Operation) -> String {
    let statuses: Vec<_> = operation.success.iter().map(u16::to_string).collect();
    [
        api,
        operation.method.text(),
        operation.path,
        operation.id,
        &statuses.join(","),
        operation.reply,
    ]
    .join("\t")
}

/// What stands on one side only.
fn differences(vectors: &str) -> Vec<String> {
    let wanted: BTreeSet<_> = vectors
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let lines: Vec<_> = APIS
        .iter()
        .flat_map(|(api, all)| all.iter().map(|operation| line(api, operation)))
        .collect();
    let found: BTreeSet<_> = lines.iter().map(String::as_str).collect();
    assert_eq!(found.len(), lines.len(), "a descriptor stands twice");
    wanted
        .symmetric_difference(&found)
        .map(|line| (*line).to_owned())
        .collect()
}

fn everything() -> impl Iterator<Item = &'static Operation> {
    APIS.into_iter().flat_map(|(_, all)| all.iter().copied())
}

#[test]
fn every_operation_has_a_descriptor_and_no_descriptor_is_made_up() {
    assert_eq!(differences(VECTORS), [""; 0]);
    for (api, all) in APIS {
        let reads = all.iter().filter(|o| o.effect == Effect::Reads).count();
        let money = all
            .iter()
            .filter(|o| o.effect == Effect::MovesMoney)
            .count();
        println!(
            "{api}: {} operations, {reads} read, {money} move money",
            all.len()
        );
    }
    // The controls: an operation without a descriptor, and a descriptor without an operation.
    let more = format!("{VECTORS}trading\tGET\t/v2/new\tnew\t200\tNew\n");
    assert_eq!(differences(&more), ["trading\tGET\t/v2/new\tnew\t200\tNew"]);
    let fewer = VECTORS.replace("trading\tGET\t/v2/account\tgetAccount\t200\tAccount\n", "");
    assert_eq!(
        differences(&fewer),
        ["trading\tGET\t/v2/account\tgetAccount\t200\tAccount"]
    );
    let other = VECTORS.replace("\tPATCH\t/v2/orders/", "\tPUT\t/v2/orders/");
    assert_eq!(differences(&other).len(), 2);
}

#[test]
fn every_constant_of_the_catalog_is_in_the_list_of_all() {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src/request/catalog");
    for (api, all) in APIS {
        let constants: usize = std::fs::read_dir(catalog.join(api))
            .expect("the catalog")
            .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
            .map(|text| text.matches("Operation::of(").count())
            .sum();
        assert_eq!(constants, all.len(), "{api}");
    }
}

#[test]
fn what_moves_money_is_never_sent_again_and_only_a_get_reads() {
    for operation in everything() {
        let get = operation.method == Method::Get;
        assert_eq!(operation.effect == Effect::Reads, get, "{operation}");
        let by_id = operation.method == Method::Delete && operation.path.ends_with('}');
        let safe = get || (by_id && operation.effect == Effect::Changes);
        let replay = if safe { Replay::Safe } else { Replay::Never };
        assert_eq!(operation.replay, replay, "{operation}");
    }
}

/// Written apart from the generator's rules: what these words name moves money unless it only
/// cancels, removes, plans or asks.
#[test]
fn what_sounds_like_money_moves_money() {
    let words = [
        "orders",
        "positions",
        "transfers",
        "journals",
        "ach_relationships",
        "recipient_bank",
        "withdrawal",
        "exercise",
        "mint",
        "redeem",
        "instant_funding",
        "settlements",
        "locates",
        "whitelists",
        "rebalancing",
        "banking",
        "tokenization",
    ];
    let exceptions: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (
            "DELETE",
            &[
                "orders",
                "orders/{order_id}",
                "whitelists/{whitelisted_address_id}",
                "ach_relationships/{ach_relationship_id}",
                "recipient_banks/{bank_id}",
                "recipient_bank",
                "portfolios/{portfolio_id}",
                "runs/{run_id}",
                "subscriptions/{subscription_id}",
            ][..],
        ),
        ("POST", &["orders/estimation", "portfolios"][..]),
    ]);
    let mut seen = BTreeSet::new();
    let mut money = 0;
    for operation in everything().filter(|o| o.method != Method::Get) {
        if !words.iter().any(|word| operation.path.contains(word)) {
            continue;
        }
        let mut named = exceptions
            .get(operation.method.text())
            .into_iter()
            .flat_map(|e| e.iter());
        match named.find(|end| operation.path.ends_with(&format!("/{end}"))) {
            Some(end) => {
                assert_eq!(operation.effect, Effect::Changes, "{operation}");
                seen.insert((operation.method.text(), *end));
            }
            None => {
                assert_eq!(operation.effect, Effect::MovesMoney, "{operation}");
                money += 1;
            }
        }
    }
    let all = exceptions.values().map(|ends| ends.len()).sum::<usize>();
    assert_eq!(seen.len(), all, "an exception that nothing needs");
    assert!(money > 30, "{money}");
}

/// One value for each parameter gives a target without a brace; anything else is refused.
#[test]
fn every_path_takes_exactly_its_parameters() {
    let mut target = TargetBuffer::<512>::new("/").expect("fits");
    for operation in everything() {
        let names: Vec<_> = operation.parameters().collect();
        let values = vec!["a/b{c}"; names.len()];
        let mut ask = |values: &[&str]| match operation.api {
            ApiKind::Trading => operation
                .request::<Trading, 512>(&mut target, values, &[])
                .map(text),
            ApiKind::MarketData => operation
                .request::<MarketData, 512>(&mut target, values, &[])
                .map(text),
            ApiKind::DataStream => operation
                .request::<DataStream, 512>(&mut target, values, &[])
                .map(text),
            ApiKind::Broker => operation
                .request::<Broker, 512>(&mut target, values, &[])
                .map(text),
            other => panic!("{other}"),
        };
        let filled = ask(&values).expect("a target");
        assert!(!filled.contains(['{', '}']), "{filled}");
        assert_eq!(
            filled.matches("a%2Fb%7Bc%7D").count(),
            names.len(),
            "{filled}"
        );
        assert_eq!(
            filled.matches('/').count(),
            operation.path.matches('/').count()
        );
        let more = vec!["x"; names.len() + 1];
        assert_eq!(ask(&more), Err(RequestError::ParameterCount));
        if let Some((_, fewer)) = values.split_first() {
            assert_eq!(ask(fewer), Err(RequestError::ParameterCount));
            for value in ["", ".", ".."] {
                let mut values = values.clone();
                values[names.len() - 1] = value;
                assert_eq!(ask(&values), Err(RequestError::SegmentEmpty));
            }
        }
    }
}

fn text<A: alpaca_auth::endpoint::Api>(request: alpaca_auth::request::Request<'_, A>) -> String {
    request.target().to_owned()
}

/// The compiler's table and the catalog's are the same.
#[test]
fn the_accepted_credentials_are_those_that_open_the_api() {
    fn opens<A: alpaca_auth::endpoint::Api, C: Opens<A>>() {}
    use CredentialKind as Kind;
    opens::<Trading, KeyPair<Paper>>();
    opens::<Trading, ConnectToken<Paper>>();
    opens::<MarketData, KeyPair<Paper>>();
    opens::<MarketData, ConnectToken<Paper>>();
    opens::<MarketData, BrokerToken<Sandbox>>();
    opens::<MarketData, BrokerKey<Sandbox>>();
    opens::<DataStream, KeyPair<Paper>>();
    opens::<DataStream, ConnectToken<Paper>>();
    opens::<DataStream, BrokerToken<Sandbox>>();
    opens::<Broker, BrokerToken<Sandbox>>();
    opens::<Broker, BrokerKey<Sandbox>>();
    opens::<Broker, KeyPair<Sandbox>>();
    for operation in everything() {
        let accepts = match operation.api {
            ApiKind::Trading => &[Kind::KeyPair, Kind::ConnectToken][..],
            ApiKind::MarketData => &[
                Kind::KeyPair,
                Kind::ConnectToken,
                Kind::BrokerToken,
                Kind::BrokerKey,
            ],
            ApiKind::DataStream => &[Kind::KeyPair, Kind::ConnectToken, Kind::BrokerToken],
            _ => &[Kind::BrokerToken, Kind::BrokerKey, Kind::KeyPair],
        };
        assert_eq!(operation.accepts(), accepts, "{operation}");
        let crypto = operation.path.starts_with("/v1beta3/crypto/");
        assert_eq!(operation.authenticated, !crypto, "{operation}");
    }
}
