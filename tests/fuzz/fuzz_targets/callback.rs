//! Any query of a redirect: a code only if `form_urlencoded` reads the same one beside our state, and
//! always if it reads one of each.
#![no_main]

use alpaca_auth::credential::{ClientSecret, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth::oauth::connect::{
    AuthorizationCode, CALLBACK_MAX, CODE_MAX, CallbackError, CodeForm, State, read_callback,
};
use libfuzzer_sys::fuzz_target;

const STATE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ISSUER: &str = "https://connect.example";

/// The values of `name`, as the other parser reads them.
fn values(pairs: &[(String, String)], name: &str) -> Vec<String> {
    let named = pairs.iter().filter(|pair| pair.0 == name);
    named.map(|pair| pair.1.clone()).collect()
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Every pair has a `=`, every escape two digits, and no byte stands there that a query has not.
fn is_strict(query: &str) -> bool {
    let bytes = query.as_bytes();
    let escapes = (0..bytes.len()).filter(|at| bytes[*at] == b'%').all(|at| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]".contains(byte);
    escapes && bytes.iter().all(allowed) && query.split('&').all(|pair| pair.contains('='))
}

fuzz_target!(|query: &str| {
    let mut state = State::vacant();
    state.draw(&[0; 32]);
    let mut code = AuthorizationCode::vacant();
    let result = read_callback(query, &state, Some(ISSUER), &mut code);

    // What the exchange would send.
    let mut slot = Slot::<ClientSecret<Paper>>::vacant();
    let app = slot.paper("id", "secret").expect("a pair");
    let mut form = CodeForm::<Paper, 4096>::new();
    form.exchange(app, &mut code, "http://127.0.0.1/").expect("it fits");
    let sent = values(&form.expose(pairs), "code").concat();

    let theirs = pairs(query.as_bytes());
    let [codes, states, issuers, errors, descriptions] =
        ["code", "state", "iss", "error", "error_description"].map(|name| values(&theirs, name));
    match &result {
        Ok(()) => {
            assert!(query.len() <= CALLBACK_MAX && is_strict(query));
            assert_eq!(codes, [sent.as_str()], "another code than the other parser reads");
            assert_eq!(states, [STATE]);
            assert!(errors.is_empty() && (issuers.is_empty() || issuers == [ISSUER]));
        }
        Err(error) => {
            assert_eq!(sent, "", "a refused callback leaves a code");
            let one = codes.len() == 1 && states == [STATE] && errors.is_empty() && descriptions.len() < 2;
            let issuer = issuers.is_empty() || issuers == [ISSUER];
            let fits = |code: &String| {
                (1..=CODE_MAX).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic())
            };
            let right = one && issuer && codes.iter().all(fits);
            assert!(
                !(right && query.len() <= CALLBACK_MAX && is_strict(query)),
                "a right one is refused: {error:?}"
            );
            if let CallbackError::Denied(denial) = error {
                assert!(states == [STATE] && errors.len() == 1 && codes.is_empty());
                assert!(denial.description.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
            }
            let said = error.to_string();
            assert!(said.is_ascii() && !said.contains(char::is_control));
        }
    }
});
