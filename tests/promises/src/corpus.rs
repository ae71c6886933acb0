//! Hostile answers, each with a name and the stage that must refuse it; and good neighbours.

use alpaca_auth::http::{BodyReader, Framing, Parsed, ResponseHead};
use alpaca_auth::response::json_shape;

/// What refuses an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The head's grammar or limits.
    Head,
    /// The rule of one length.
    Framing,
    /// The body's coding, limit or end.
    Body,
    /// The body is no JSON.
    Json,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is wrong with it.
    pub name: String,
    /// Who must see it.
    pub refused_by: Stage,
    /// The bytes of the connection, up to its end.
    pub bytes: Vec<u8>,
}

/// Largest body that the judge takes.
pub const LIMIT: u64 = 64 * 1024;

/// Reads an answer as every transport of this project must, in pieces of `piece` bytes.
///
/// # Errors
/// The stage that refuses it.
pub fn judge(bytes: &[u8], piece: usize) -> Result<Vec<u8>, Stage> {
    let mut known = 0;
    let (head, length) = loop {
        known = bytes.len().min(known + piece);
        match ResponseHead::parse(&bytes[..known]) {
            Ok(Parsed::Complete { head, length }) => break (head, length),
            Ok(Parsed::NeedMore) if known < bytes.len() => {}
            Ok(Parsed::NeedMore) | Err(_) => return Err(Stage::Head),
        }
    };
    let framing =
        Framing::decide(false, head.status(), head.fields()).map_err(|_| Stage::Framing)?;
    let mut reader = BodyReader::new(framing, LIMIT).map_err(|_| Stage::Body)?;
    let (mut body, mut output) = (Vec::new(), [0; 512]);
    for mut input in bytes[length..].chunks(piece) {
        while !reader.is_done() && !input.is_empty() {
            let progress = reader.decode(input, &mut output).map_err(|_| Stage::Body)?;
            assert!(progress.consumed > 0, "no progress");
            body.extend_from_slice(&output[..progress.produced]);
            input = &input[progress.consumed..];
        }
    }
    reader.end_of_input().map_err(|_| Stage::Body)?;
    json_shape::check(&body).map_err(|_| Stage::Json)?;
    Ok(body)
}

const JSON: &str = r#"{"id":"1","status":"ACTIVE"}"#;

/// A good answer with a length.
#[must_use]
pub fn good() -> Vec<u8> {
    with_length(JSON.as_bytes())
}

/// A good answer in chunks.
#[must_use]
pub fn good_chunked() -> Vec<u8> {
    chunked(b"A\r\n{\"id\":\"1\",\r\n12;x=y\r\n\"status\":\"ACTIVE\"}\r\n0\r\nT: x\r\n\r\n")
}

fn with_length(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        body,
    ]
    .concat()
}

/// All hostile answers.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, refused_by, bytes: Vec<u8>| {
        cases.push(Case {
            name,
            refused_by,
            bytes,
        });
    };
    let named =
        |kind: &str, what: &[u8]| format!("{kind}: {}", &what[..what.len().min(60)].escape_ascii());

    for status_line in STATUS_LINES {
        let bytes = [*status_line, b"\r\nContent-Length: 2\r\n\r\n{}"].concat();
        add(named("status line", status_line), Stage::Head, bytes);
    }
    for line in FIELD_LINES {
        let bytes = [
            b"HTTP/1.1 200 OK\r\n",
            *line,
            b"\r\nContent-Length: 2\r\n\r\n{}",
        ]
        .concat();
        add(named("field", line), Stage::Head, bytes);
    }
    for byte in (0..=8).chain(11..=31).chain([127]) {
        let line = [b"X-Value: a", &[byte][..], b"b"].concat();
        let bytes = [
            b"HTTP/1.1 200 OK\r\n",
            &line[..],
            b"\r\nContent-Length: 2\r\n\r\n{}",
        ]
        .concat();
        add(named("control character", &line), Stage::Head, bytes);
    }
    for byte in b"()<>@,;\\\"/[]?={} " {
        let line = [b"X", &[*byte][..], b"Y: a"].concat();
        let bytes = [
            b"HTTP/1.1 200 OK\r\n",
            &line[..],
            b"\r\nContent-Length: 2\r\n\r\n{}",
        ]
        .concat();
        add(named("field name", &line), Stage::Head, bytes);
    }
    let many = "X: y\r\n".repeat(65);
    add(
        "65 fields".into(),
        Stage::Head,
        format!("HTTP/1.1 200 OK\r\n{many}\r\n").into_bytes(),
    );
    let long = "x".repeat(9000);
    add(
        "a head of 9 KB".into(),
        Stage::Head,
        format!("HTTP/1.1 200 OK\r\nX: {long}\r\n\r\n").into_bytes(),
    );
    add(
        "a status line of 9 KB".into(),
        Stage::Head,
        format!("HTTP/1.1 200 {long}\r\n\r\n").into_bytes(),
    );
    add(
        "an endless field name".into(),
        Stage::Head,
        format!("HTTP/1.1 200 OK\r\n{long}").into_bytes(),
    );
    add("nothing".into(), Stage::Head, Vec::new());

    for fields in FORBIDDEN {
        let bytes = [b"HTTP/1.1 204 No Content\r\n", *fields, b"\r\n\r\n{}"].concat();
        add(named("no content, but", fields), Stage::Framing, bytes);
    }
    for fields in FRAMINGS {
        let bytes = [
            b"HTTP/1.1 200 OK\r\n",
            *fields,
            b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        ]
        .concat();
        add(named("framing", fields), Stage::Framing, bytes);
    }
    for chunks in CHUNKS {
        add(named("chunks", chunks), Stage::Body, chunked(chunks));
    }
    let extension = format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(300));
    add(
        "a chunk extension of 300".into(),
        Stage::Body,
        chunked(extension.as_bytes()),
    );
    let trailers = format!("2\r\n{{}}\r\n0\r\n{}\r\n", "T: x\r\n".repeat(400));
    add(
        "2 KB of trailers".into(),
        Stage::Body,
        chunked(trailers.as_bytes()),
    );
    add("a length of 64 KiB and 1".into(), Stage::Body, {
        let body = format!("\"{}\"", "x".repeat(65_535));
        with_length(body.as_bytes())
    });
    add("chunks of 64 KiB and 1 together".into(), Stage::Body, {
        let chunk = format!("8000\r\n{}\r\n", "1".repeat(0x8000));
        chunked(format!("{chunk}{chunk}1\r\n1\r\n0\r\n\r\n").as_bytes())
    });

    for text in JSONS {
        add(named("json", text), Stage::Json, with_length(text));
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let deep = open.repeat(1000) + "1" + &close.repeat(1000);
        add(
            format!("1000 of {open}"),
            Stage::Json,
            with_length(deep.as_bytes()),
        );
        add(
            format!("1000 of {open}, never closed"),
            Stage::Json,
            with_length(open.repeat(1000).as_bytes()),
        );
    }

    for (name, good) in [("length", good()), ("chunked", good_chunked())] {
        let head = good
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head")
            + 4;
        for end in 1..good.len() {
            let refused_by = if end < head { Stage::Head } else { Stage::Body };
            add(
                format!("{name}, cut at {end}"),
                refused_by,
                good[..end].to_vec(),
            );
        }
    }
    cases
}

/// Answers that are fine, each beside something refused.
#[must_use]
pub fn neighbours() -> Vec<(&'static str, Vec<u8>)> {
    let fields = |fields: &str| {
        format!(
            "HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n{JSON}",
            JSON.len()
        )
        .into_bytes()
    };
    let json = |body: &str| with_length(body.as_bytes());
    let chunks = |body: &str| chunked(body.as_bytes());
    vec![
        ("a length", good()),
        ("chunks, an extension and a trailer", good_chunked()),
        (
            "no reason phrase",
            format!("HTTP/1.1 200\r\nContent-Length: 28\r\n\r\n{JSON}").into_bytes(),
        ),
        (
            "an empty reason phrase",
            format!("HTTP/1.1 200 \r\nContent-Length: 28\r\n\r\n{JSON}").into_bytes(),
        ),
        (
            "an unknown status",
            format!("HTTP/1.1 299 x\r\nContent-Length: 28\r\n\r\n{JSON}").into_bytes(),
        ),
        ("an empty field", fields("X:\r\n")),
        ("blanks around a value", fields("X: \t y \t \r\n")),
        ("a tab inside a value", fields("X: a\tb\r\n")),
        (
            "a byte above ASCII in a value",
            [b"HTTP/1.1 200 OK\r\nX: \xe4\r\n".as_slice(), &good()[17..]].concat(),
        ),
        (
            "every character of a token",
            fields("!#$%&'*+-.^_`|~09azAZ: y\r\n"),
        ),
        ("63 other fields", fields(&"X: y\r\n".repeat(63))),
        (
            "a field of 7 KB",
            fields(&format!("X: {}\r\n", "y".repeat(7000))),
        ),
        (
            "a lower-case length",
            format!("HTTP/1.1 200 OK\r\ncontent-length: 28\r\n\r\n{JSON}").into_bytes(),
        ),
        (
            "a length with zeros",
            format!("HTTP/1.1 200 OK\r\nContent-Length: 0028\r\n\r\n{JSON}").into_bytes(),
        ),
        (
            "chunked in capitals",
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n".as_slice(),
                b"1c\r\n",
                JSON.as_bytes(),
                b"\r\n0\r\n\r\n",
            ]
            .concat(),
        ),
        (
            "a chunk size with zeros",
            chunks(&format!("0000001C\r\n{JSON}\r\n0\r\n\r\n")),
        ),
        (
            "8 trailers, one empty, one with a byte above ASCII",
            chunked(
                &[
                    format!("1c\r\n{JSON}\r\n0\r\nA:\r\n").as_bytes(),
                    b"B:\xe4\r\n",
                    "C: \t x\r\n".repeat(6).as_bytes(),
                    b"\r\n",
                ]
                .concat(),
            ),
        ),
        (
            "more zeros at the end",
            chunks(&format!("1c\r\n{JSON}\r\n000\r\n\r\n")),
        ),
        (
            "blanks around the value",
            json(" \t\r\n{\"id\" : \"1\" , \"status\":\"A\"} "),
        ),
        (
            "32 levels",
            json(&format!(
                "{{\"id\":\"1\",\"status\":\"A\",\"x\":{}{}}}",
                "[".repeat(31),
                "]".repeat(31)
            )),
        ),
        (
            "a pair of surrogates",
            json(r#"{"id":"1","status":"A","x":"\ud83d\ude00"}"#),
        ),
        (
            "numbers of all kinds",
            json(r#"{"id":"1","status":"A","x":[0,-0,1.5,1e5,1E-5,-1.5e+5]}"#),
        ),
        (
            "something after the body",
            [good(), b"HTTP/1.1 200 OK\r\n".to_vec()].concat(),
        ),
    ]
}

const STATUS_LINES: &[&[u8]] = &[
    b"HTTP/1.0 200 OK",
    b"HTTP/2 200 OK",
    b"HTTP/2.0 200 OK",
    b"HTTP/1.2 200 OK",
    b"HTTP/0.9 200 OK",
    b"HTTP/1.1",
    b"HTTP/1.1 ",
    b"HTTP/1.1 OK",
    b"HTTP/1.1 20",
    b"HTTP/1.1 2",
    b"HTTP/1.1 2000",
    b"HTTP/1.1 -200 OK",
    b"HTTP/1.1 +20 OK",
    b"HTTP/1.1 0x2 OK",
    b"HTTP/1.1 099 OK",
    b"HTTP/1.1 000 OK",
    b"HTTP/1.1 600 OK",
    b"HTTP/1.1 999 OK",
    b"HTTP/1.1  200 OK",
    b"HTTP/1.1\t200 OK",
    b"http/1.1 200 OK",
    b"HTTP /1.1 200 OK",
    b"HTTP/1.1200 OK",
    b" HTTP/1.1 200 OK",
    b"\tHTTP/1.1 200 OK",
    b"\0HTTP/1.1 200 OK",
    b"GET / HTTP/1.1",
    b"SSH-2.0-OpenSSH_9.2",
    b"220 smtp ready",
    b"<html>",
    b"{}",
    b"HTTP/1.1 200 O\0K",
    b"HTTP/1.1 200 O\rK",
    b"HTTP/1.1 200 OK\nX: y",
    b"\r\nHTTP/1.1 200 OK",
    b"\xef\xbb\xbfHTTP/1.1 200 OK",
];

const FIELD_LINES: &[&[u8]] = &[
    b"X",
    b": y",
    b"X : y",
    b"X\t: y",
    b" X: y",
    b"\tX: y",
    b"X: y\r\n folded",
    b"X: y\r\n\tfolded",
    b"X: y\nZ: z",
    b"X: y\n",
    b"X: y\rZ: z",
    b"X: y\r\r",
    b"\xc3\xa4: y",
    b"X\0: y",
    b"X: \0",
    b"X\xa0: y",
    b"X\r: y",
    b"X\n: y",
    b"Content-Length : 2",
    b"Transfer-Encoding : chunked",
    b"Content Length: 2",
];

const FRAMINGS: &[&[u8]] = &[
    b"X: y",
    b"Connection: close",
    b"Content-Length: ",
    b"Content-Length: -1",
    b"Content-Length: +2",
    b"Content-Length: 2 ,2",
    b"Content-Length: 2, 2",
    b"Content-Length: 2,3",
    b"Content-Length: 0x2",
    b"Content-Length: 2.0",
    b"Content-Length: 2e0",
    b"Content-Length: two",
    b"Content-Length: 2 2",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: 18446744073709551617",
    b"Content-Length: 00000000000000000002",
    b"Content-Length: 2\r\nContent-Length: 2",
    b"Content-Length: 2\r\nContent-Length: 3",
    b"Content-Length: 2\r\ncontent-length: 2",
    b"Content-Length: 2\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 2",
    b"Transfer-Encoding: chunked\r\nContent-Length: 0",
    b"Transfer-Encoding: ",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, gzip",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunkedx",
    b"Transfer-Encoding: \"chunked\"",
    b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding: ,chunked",
    b"Transfer-Encoding: chunked,",
    b"Transfer-Encoding: chun ked",
    b"Transfer-Encoding: \xe3hunked",
    b"Transfer-Encoding: 'chunked'",
    b"Transfer-Encoding: chunked chunked",
    b"Transfer-Encoding: chunked\r\ntransfer-encoding: CHUNKED",
    b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: identity\r\nContent-Length: 2",
    b"Transfer_Encoding: chunked",
    b"X-Content-Length: 2",
    b"Content_Length: 2",
    b"Content-Length: \xb2",
    b"Content-Length: \"2\"",
    b"Content-Length: 2;",
    b"Content-Length: 2\r\nX: y\r\nCONTENT-LENGTH: 2",
];

/// Where the status says that there is no body.
const FORBIDDEN: &[&[u8]] = &[
    b"Content-Length: 2",
    b"Transfer-Encoding: chunked",
    b"Content-Length: 0\r\nContent-Length: 0",
    b"Content-Length: 0\r\nTransfer-Encoding: chunked",
    b"Content-Length: -0",
    b"Content-Length: ",
    b"Transfer-Encoding: gzip",
];

const CHUNKS: &[&[u8]] = &[
    b"\r\n",
    b"x\r\n",
    b"-2\r\n{}\r\n0\r\n\r\n",
    b"+2\r\n{}\r\n0\r\n\r\n",
    b"0x2\r\n{}\r\n0\r\n\r\n",
    b" 2\r\n{}\r\n0\r\n\r\n",
    b"2 \r\n{}\r\n0\r\n\r\n",
    b"\t2\r\n{}\r\n0\r\n\r\n",
    b"2\n{}\n0\n\n",
    b"2\r{}\r\n0\r\n\r\n",
    b"2\r\n{}0\r\n\r\n",
    b"2\r\n{}\n0\r\n\r\n",
    b"2\r\n{}\r0\r\n\r\n",
    b"1\r\n{}\r\n0\r\n\r\n",
    b"3\r\n{}\r\n0\r\n\r\n",
    b"000000002\r\n{}\r\n0\r\n\r\n",
    b"ffffffff\r\n{}",
    b"ffffffffffffffff\r\n{}",
    b"10000000000000002\r\n{}\r\n0\r\n\r\n",
    b"2;\0\r\n{}\r\n0\r\n\r\n",
    b"2;a\nb\r\n{}\r\n0\r\n\r\n",
    b"2,2\r\n{}\r\n0\r\n\r\n",
    b"2\r\n{}\r\n0\r\n\n",
    b"2\r\n{}\r\n0\r\n folded\r\n\r\n",
    b"2\r\n{}\r\n0\r\nT: x\n\r\n",
    b"2\r\n{}\r\n0\r\nT: \0\r\n\r\n",
    b"2\r\n{}\r\n0\r\n\r",
    b"2\r\n{}\r\n",
    b"2\r\n{}",
    b"2\r\n",
    b"2",
    b"",
    b"g\r\n{}\r\n0\r\n\r\n",
    b"2\r\n{}\r\n\r\n0\r\n\r\n",
    b"\xb2\r\n{}\r\n0\r\n\r\n",
    // A trailer that is no field: two answers run into one, or a proxy that lost count.
    b"2\r\n{}\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"2\r\n{}\r\n0\r\n{}\r\n\r\n",
    b"2\r\n{}\r\n0\r\nT\r\n\r\n",
    b"2\r\n{}\r\n0\r\n: x\r\n\r\n",
    b"2\r\n{}\r\n0\r\nT : x\r\n\r\n",
    b"2\r\n{}\r\n0\r\nT\t: x\r\n\r\n",
    b"2\r\n{}\r\n0\r\n\xc3\xa4: x\r\n\r\n",
    b"2\r\n{}\r\n0\r\n(T): x\r\n\r\n",
    b"2\r\n{}\r\n0\r\nT: x\r\n folded\r\n\r\n",
    b"2\r\n{}\r\n0\r\nT: x\ry\r\n\r\n",
    b"2\r\n{}\r\n0\r\nT: \x7f\r\n\r\n",
    b"2;\x7f\r\n{}\r\n0\r\n\r\n",
    b"2;a\r{}\r\n0\r\n\r\n",
    b"2\r\n{}\r\n0;\0\r\n\r\n",
    b"2\r\n{}\r\n0 \r\n\r\n",
    b"2\r\n{}\r\n000000000\r\n\r\n",
    b"2\r\n{}\r\n-0\r\n\r\n",
    b"2\r\n{}\r\n0\r\r\n",
    b"2h\r\n{}\r\n0\r\n\r\n",
    b"2.0\r\n{}\r\n0\r\n\r\n",
    b"\0\r\n{}\r\n0\r\n\r\n",
];

const JSONS: &[&[u8]] = &[
    b" ",
    b"x",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"{]",
    b"[}",
    b"{,}",
    b"[,]",
    b"[1,]",
    b"[,1]",
    b"{\"a\"}",
    b"{\"a\":}",
    b"{\"a\":1,}",
    b"{,\"a\":1}",
    b"{a:1}",
    b"{'a':1}",
    b"{1:1}",
    b"{\"a\" 1}",
    b"{\"a\"::1}",
    b"{\"a\":1 \"b\":2}",
    b"[1 2]",
    b"[1;2]",
    b"01",
    b"-",
    b"-01",
    b"+1",
    b".5",
    b"1.",
    b"1.e5",
    b"1e",
    b"1e+",
    b"1ee5",
    b"0x10",
    b"1_000",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"undefined",
    b"nul",
    b"nulll",
    b"True",
    b"tru",
    b"falsey",
    b"None",
    b"\"a",
    b"\"\\\"",
    b"\"\\x41\"",
    b"\"\\u12\"",
    b"\"\\u12g4\"",
    b"\"\\U0041\"",
    b"\"\\ud800\"",
    b"\"\\udc00\"",
    b"\"\\ud800\\ud800\"",
    b"\"\\ud800x\"",
    b"\"\n\"",
    b"\"\t\"",
    b"\"\0\"",
    b"\"\x1f\"",
    b"\"\xff\"",
    b"\"\xc0\xaf\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\x90\x80\x80\"",
    b"\"\xe2\x82\"",
    b"\xef\xbb\xbf{}",
    b"\xfe\xff\0{\0}",
    b"{}{}",
    b"{} x",
    b"1 2",
    b"{}\0",
    b"null,",
    b"/* */{}",
    b"{}// x",
    b"<html>401</html>",
    b"error",
    b"{\"id\":\"1\",\"status\":ACTIVE}",
    b"{\"id\":\"1\",\"x\":garbage,\"status\":\"ACTIVE\"}",
    b"{\"id\":\"1\",\"x\":--1,\"status\":\"ACTIVE\"}",
    b"{\"id\":\"1\",\"x\":1.2.3,\"status\":\"ACTIVE\"}",
    b"{\"id\":\"1\",\"x\":tru,\"status\":\"ACTIVE\"}",
];
