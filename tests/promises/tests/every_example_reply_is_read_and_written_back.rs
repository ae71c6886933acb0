//! Every example reply of Alpaca's OpenAPI files is read into its type, and each field that the type names comes out
//! as it was. What a type insists on is exactly its minimal form.

use std::collections::BTreeMap;
use std::path::Path;

use alpaca_auth::response::json::{self, Entries, Raw};
use alpaca_auth::response::{
    Account, AccountConfigurations, Activity, Asset, Bar, Bars, BarsBySymbol, BrokerAccount,
    CalendarDay, Clock, CryptoLatestTrades, Journal, LatestBar, LatestQuote, LatestTrade, News,
    NewsItem, Order, PortfolioHistory, Position, Quote, ReplyError, Snapshot, Snapshots, Trade,
    Transfer, json_shape,
};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Value;

/// Reads a reply as one type and writes it back.
type Through = fn(&str) -> Result<String, ReplyError>;

struct Kind {
    through: Through,
    /// The members that the type names; none for one that names what it finds.
    fields: &'static [&'static str],
    /// The least that is a reply of this type.
    minimal: &'static str,
}

macro_rules! kinds {
    ($($name:literal: $type:ident<$($parameter:ty)?>, $minimal:literal;)*) => {
        BTreeMap::from([$(($name, Kind {
            through: |text| through::<$type<'_ $(, $parameter)?>>(text),
            fields: fields_of::<$type<'_ $(, $parameter)?>>(),
            minimal: $minimal,
        })),*])
    };
}

fn kinds() -> BTreeMap<&'static str, Kind> {
    kinds! {
        "Account": Account<>, r#"{"id":"1","status":"ACTIVE"}"#;
        "AccountConfigurations": AccountConfigurations<>, "{}";
        "Activity": Activity<>, r#"{"activity_type":"FEE","id":"1"}"#;
        "Asset": Asset<>, r#"{"id":"1","symbol":"A"}"#;
        "Bar": Bar<>, r#"{"t":"x","o":1,"h":2,"l":1,"c":2}"#;
        "Bars": Bars<>, r#"{"symbol":"A"}"#;
        "BarsBySymbol": BarsBySymbol<>, r#"{"bars":{}}"#;
        "BrokerAccount": BrokerAccount<>, r#"{"id":"1","status":"ACTIVE"}"#;
        "CalendarDay": CalendarDay<>, r#"{"date":"x","open":"x","close":"x"}"#;
        "Clock": Clock<>, r#"{"is_open":false}"#;
        "CryptoLatestTrades": CryptoLatestTrades<>, r#"{"trades":{}}"#;
        "EntriesOfSnapshots": Entries<Snapshot<'_>>, "{}";
        "Journal": Journal<>, r#"{"id":"1","entry_type":"JNLC"}"#;
        "LatestBar": LatestBar<>, r#"{"symbol":"A","bar":{"t":"x","o":1,"h":2,"l":1,"c":2}}"#;
        "LatestQuote": LatestQuote<>, r#"{"symbol":"A","quote":{"t":"x","ap":1,"bp":2}}"#;
        "LatestTrade": LatestTrade<>, r#"{"symbol":"A","trade":{"t":"x","p":1}}"#;
        "News": News<>, r#"{"news":[]}"#;
        "NewsItem": NewsItem<>, r#"{"id":1,"headline":"x"}"#;
        "Order": Order<>, r#"{"id":"1","status":"new"}"#;
        "PortfolioHistory": PortfolioHistory<>, r#"{"timestamp":[],"equity":[]}"#;
        "Position": Position<>, r#"{"symbol":"A","qty":"1"}"#;
        "Quote": Quote<>, r#"{"t":"x","ap":1,"bp":2}"#;
        "Snapshot": Snapshot<>, "{}";
        "Snapshots": Snapshots<>, r#"{"snapshots":{}}"#;
        "Trade": Trade<>, r#"{"t":"x","p":1}"#;
        "Transfer": Transfer<>, r#"{"id":"1","status":"QUEUED","amount":"1"}"#;
    }
}

fn through<'b, T: Deserialize<'b> + Serialize>(text: &'b str) -> Result<String, ReplyError> {
    let value: T = json::from_slice(text.as_bytes())?;
    let mut out = String::new();
    json::write(&value, &mut out).expect("what was read can be written");
    Ok(out)
}

/// The members that a type asks a deserializer for.
fn fields_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    struct Asked<'f>(&'f mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Asked<'_> {
        type Error = serde::de::value::Error;
        fn deserialize_any<V: Visitor<'de>>(
            self,
            _: V,
        ) -> Result<V::Value, serde::de::value::Error> {
            Err(serde::de::Error::custom(""))
        }
        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, serde::de::value::Error> {
            *self.0 = fields;
            Err(serde::de::Error::custom(""))
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut fields: &[&str] = &[];
    let _ = T::deserialize(Asked(&mut fields));
    fields
}

/// The examples of one file: where each stands, and its text.
fn examples(file: &str) -> Vec<(String, String)> {
    #[derive(serde::Deserialize)]
    struct Line<'b> {
        source: &'b str,
        #[serde(borrow)]
        reply: Raw<'b>,
    }
    file.lines()
        .map(|line| {
            let line: Line<'_> = json::from_slice(line.as_bytes()).expect("a line of a vector");
            (line.source.to_owned(), line.reply.text().to_owned())
        })
        .collect()
}

/// Everything that was written stands in what was read.
fn assert_part(written: &Value, read: &Value, place: &str) {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            for (name, value) in written {
                assert_part(value, &read[name], &format!("{place}.{name}"));
            }
        }
        _ => assert_eq!(written, read, "{place}"),
    }
}

fn check(kind: &Kind, place: &str, read: &str) -> usize {
    let written = (kind.through)(read).unwrap_or_else(|error| panic!("{place}: {error}\n{read}"));
    let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_part(&value(&written), &value(read), place);
    let mut fields = 0;
    for name in kind.fields {
        let member = |text| json_shape::member(text, name).filter(|value| *value != b"null");
        let (before, after) = (member(read.as_bytes()), member(written.as_bytes()));
        assert_eq!(before.is_some(), after.is_some(), "{place}: {name}");
        if let (Some(before), Some(after)) = (before, after) {
            fields += 1;
            // A structure is compared by its members above; blanks may go.
            if !matches!(before.first(), Some(b'{')) {
                assert_eq!(before, after, "{place}: {name}");
            }
        }
    }
    fields
}

#[test]
fn every_example_reply_is_read_and_written_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/replies");
    let kinds = kinds();
    let (mut seen, mut replies, mut fields) = (Vec::new(), 0, 0);
    for entry in std::fs::read_dir(folder).expect("the vectors") {
        let path = entry.expect("a file").path();
        if path
            .extension()
            .is_none_or(|extension| extension != "jsonl")
        {
            continue;
        }
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        let kind = kinds
            .get(name.as_str())
            .unwrap_or_else(|| panic!("no type for {name}"));
        let text = std::fs::read_to_string(&path).expect("a vector");
        for (source, mut reply) in examples(&text) {
            if name == "Transfer" {
                // Alpaca's example has the word "string" for an amount, which is none.
                assert!(matches!((kind.through)(&reply), Err(ReplyError::Type(_))));
                let sound = reply.replace(r#""amount": "string""#, r#""amount": "100.00""#);
                assert_ne!(sound, reply);
                reply = sound;
            }
            fields += check(kind, &source, &reply);
            replies += 1;
            if name == "News" {
                let page: News<'_> = json::from_slice(reply.as_bytes()).expect("a page");
                let (item, text) = (&kinds["NewsItem"], page.news.raw().text());
                check(
                    item,
                    &source,
                    text.strip_prefix('[')
                        .and_then(|t| t.strip_suffix(']'))
                        .expect("one"),
                );
                seen.push("NewsItem".to_owned());
            }
        }
        seen.push(name);
    }
    println!(
        "{replies} example replies of {} types, {fields} fields to the letter",
        seen.len()
    );
    for name in kinds.keys() {
        assert!(seen.iter().any(|seen| seen == name), "no example of {name}");
    }
    assert!(replies > 45 && fields > 450, "{replies} {fields}");
}

#[test]
fn each_type_is_read_in_its_minimal_form_and_in_nothing_less() {
    for (name, kind) in kinds() {
        check(&kind, name, kind.minimal);
        let Value::Object(minimal) = serde_json::from_str(kind.minimal).expect("JSON") else {
            panic!("{name}");
        };
        for member in minimal.keys() {
            let mut less = minimal.clone();
            less.remove(member);
            let less = Value::Object(less).to_string();
            assert!(
                (kind.through)(&less).is_err(),
                "{name} is read without {member}"
            );
            let mut null = minimal.clone();
            null.insert(member.clone(), Value::Null);
            let null = Value::Object(null).to_string();
            assert!(
                (kind.through)(&null).is_err(),
                "{name} is read with {member} null"
            );
        }
        // Whatever it does not insist on may be null, and what it does not know may be anything.
        let mut more = minimal.clone();
        for field in kind.fields {
            more.entry(*field).or_insert(Value::Null);
        }
        if !kind.fields.is_empty() {
            more.insert(
                "not known yet".to_owned(),
                serde_json::json!([{"a": [null, 1.5, "]}"]}]),
            );
        }
        check(&kind, name, &Value::Object(more).to_string());
        for text in ["", "null", "7", "[]", "\"x\"", "{", "{}{}", "<html>"] {
            assert!((kind.through)(text).is_err(), "{name}: {text}");
        }
    }
}

#[test]
fn a_field_that_gets_lost_is_seen() {
    // The control: a type that names a field and does not write it back.
    #[derive(serde::Deserialize, Serialize)]
    struct Loses<'b> {
        id: &'b str,
        #[serde(skip_serializing)]
        #[expect(dead_code, reason = "it gets lost")]
        qty: Option<&'b str>,
    }
    let kind = Kind {
        through: |text| through::<Loses<'_>>(text),
        fields: fields_of::<Loses<'_>>(),
        minimal: "{}",
    };
    check(&kind, "control", r#"{"id":"1"}"#);
    let lost = std::panic::catch_unwind(|| check(&kind, "control", r#"{"id":"1","qty":"2"}"#));
    assert!(lost.is_err());
}
