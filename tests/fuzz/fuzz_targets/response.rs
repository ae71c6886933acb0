//! Any bytes as an answer: the parser ends, stays inside, gives the same for every split, and
//! reads what another client reads.
#![no_main]

use alpaca_auth::http::{BodyError, BodyReader, Framing, Parsed, ResponseHead};
use alpaca_auth::response::{ApiError, ReplyHead};
use libfuzzer_sys::fuzz_target;

#[path = "../../promises/src/other_parser.rs"]
mod other_parser;

fn decode(framing: Framing, input: &[u8], piece: usize) -> Result<Vec<u8>, BodyError> {
    let mut reader = BodyReader::new(framing, 1 << 16)?;
    let (mut body, mut output) = (Vec::new(), [0; 97]);
    for mut input in input.chunks(piece) {
        while !reader.is_done() && !input.is_empty() {
            let progress = reader.decode(input, &mut output)?;
            assert!(progress.consumed > 0);
            body.extend_from_slice(&output[..progress.produced]);
            input = &input[progress.consumed..];
        }
    }
    reader.end_of_input().map(|()| body)
}

fuzz_target!(|input: &[u8]| {
    let Ok(Parsed::Complete { head, length }) = ResponseHead::parse(input) else {
        return;
    };
    assert!(length <= input.len());
    let mut reply = ReplyHead::new(head.status());
    head.fields()
        .for_each(|(name, value)| reply.field(name, value));
    let Ok(framing) = Framing::decide(false, head.status(), head.fields()) else {
        return;
    };
    let body = &input[length..];
    let whole = decode(framing, body, body.len().max(1));
    for piece in [1, 3, 64] {
        assert_eq!(decode(framing, body, piece), whole);
    }
    if let Ok(body) = whole {
        // What both read, they read the same. (An answer before the last one is skipped there.)
        if !head.is_interim() {
            if let Some(other) = other_parser::body(input) {
                assert_eq!(body, other, "read in two ways");
            }
        }
        let _ = ApiError::parse(&body).map(|error| error.to_string());
    }
});
