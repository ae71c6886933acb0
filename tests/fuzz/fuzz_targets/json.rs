//! The strict check accepts exactly what serde_json accepts, up to its depth; typed reading ends.
#![no_main]

use alpaca_auth::response::json_shape::{JsonShapeError, check};
use alpaca_auth::response::{Account, ApiError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let theirs = serde_json::from_slice::<serde_json::Value>(input);
    match check(input) {
        Ok(()) => match theirs {
            Ok(_) => {}
            // A matter of its number type, not of the grammar. (With `arbitrary_precision` it
            // would keep any number, but then gives one key of an object a meaning of its own.)
            Err(error) if error.to_string().starts_with("number out of range") => {}
            Err(error) => panic!("we accept, serde_json refuses: {error:?}"),
        },
        Err(JsonShapeError::TooDeep) => {}
        Err(error) => assert!(theirs.is_err(), "we refuse, serde_json accepts: {error:?}"),
    }
    if check(input).is_ok() {
        let _ = serde_json_core_account(input);
        let _ = ApiError::parse(input).map(|error| error.to_string());
    }
});

/// Through the public way: a reply.
fn serde_json_core_account(body: &[u8]) -> bool {
    use alpaca_auth::credential::KeyEvidence;
    use alpaca_auth::endpoint::ApiKind;
    use alpaca_auth::environment::EnvironmentKind;
    use alpaca_auth::response::{Context, Reply, ReplyHead};
    let context = Context {
        api: ApiKind::Trading,
        environment: EnvironmentKind::Paper,
        evidence: KeyEvidence::Paper,
    };
    Reply::new(ReplyHead::new(200), context, body)
        .json::<Account>()
        .is_ok()
}
