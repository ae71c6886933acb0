//! A callback with a wrong, missing or second parameter, or of a foreign issuer, gives no code.

use alpaca_auth::credential::{ClientSecret, Slot};
use alpaca_auth::environment::Paper;
use alpaca_auth::oauth::connect::{
    AuthorizationCode, CALLBACK_MAX, CODE_MAX, CallbackError, CodeForm, DenialCode, State,
    read_callback,
};
use alpaca_auth_promises::forms;

const STATE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ISSUER: &str = "https://connect.example";

fn read(query: &str, issuer: Option<&str>) -> Result<String, CallbackError> {
    let mut state = State::vacant();
    state.draw(&[0; 32]);
    let mut code = AuthorizationCode::vacant();
    let result = read_callback(query, &state, issuer, &mut code);
    let mut slot = Slot::<ClientSecret<Paper>>::vacant();
    let app = slot.paper("id", "secret").expect("a pair");
    let mut form = CodeForm::<Paper>::new();
    form.exchange(app, &mut code, "http://127.0.0.1/")
        .expect("it fits");
    let form = form.expose(|bytes| String::from_utf8(bytes.to_vec()).expect("ASCII"));
    let sent = form.split("&code=").nth(1).expect("a code");
    let sent = sent.split('&').next().expect("a code").to_owned();
    assert_eq!(
        result.is_ok(),
        !sent.is_empty(),
        "a refused callback leaves a code"
    );
    result.map(|()| sent)
}

#[test]
fn only_a_callback_with_this_state_and_one_of_each_gives_a_code() {
    let right = format!("code=c0de&state={STATE}");
    assert_eq!(read(&right, None).as_deref(), Ok("c0de"));
    assert_eq!(
        read(&format!("{right}&session=1"), None).as_deref(),
        Ok("c0de")
    );
    let other = CallbackError::OtherState;
    let longest = "c".repeat(CODE_MAX);
    assert_eq!(
        read(&right.replace("c0de", &longest), None),
        Ok(longest.clone())
    );
    for (query, error) in [
        (String::new(), CallbackError::Malformed),
        ("code=c0de".to_owned(), other.clone()),
        ("code=c0de&state=".to_owned(), other.clone()),
        (
            right.replace("AAA&", "AAB&").replace("=AAA", "=BAA"),
            other.clone(),
        ),
        (format!("{right}A"), other.clone()),
        (right[..right.len() - 1].to_owned(), other.clone()),
        (
            format!("code=c0de&state={}", STATE.repeat(20)),
            other.clone(),
        ),
        // A refusal that nobody asked for is not believed either.
        ("error=access_denied".to_owned(), other.clone()),
        ("error=access_denied&state=x".to_owned(), other),
        (format!("{right}&code=evil"), CallbackError::Repeated),
        (format!("{right}&code=c0de"), CallbackError::Repeated),
        (format!("{right}&c%6Fde=evil"), CallbackError::Repeated),
        (format!("{right}&state={STATE}"), CallbackError::Repeated),
        (
            format!("{right}&error=access_denied"),
            CallbackError::Ambiguous,
        ),
        (format!("state={STATE}"), CallbackError::Ambiguous),
        (right.replace("c0de", ""), CallbackError::Malformed),
        (
            right.replace("c0de", "c0%0d%0ade"),
            CallbackError::Malformed,
        ),
        (right.replace("c0de", "c0+de"), CallbackError::Malformed),
        (right.replace("c0de", "c0%de%zz"), CallbackError::Malformed),
        (right.replace("c0de", "c0%"), CallbackError::Malformed),
        (format!("{right}&x"), CallbackError::Malformed),
        (format!("{right}&x=%g0"), CallbackError::Malformed),
        (format!("{right}&"), CallbackError::Malformed),
        (format!("{right}#fragment"), CallbackError::Malformed),
        (
            right.replace("c0de", &format!("{longest}c")),
            CallbackError::TooLong,
        ),
        (
            format!("{right}&x={}", "x".repeat(CALLBACK_MAX)),
            CallbackError::TooLong,
        ),
    ] {
        assert_eq!(read(&query, None), Err(error), "{query}");
    }
}

#[test]
fn a_foreign_issuer_gives_no_code() {
    let right = format!("code=c0de&state={STATE}");
    let with = |issuer: &str| format!("{right}&iss={issuer}");
    let encoded = "https%3A%2F%2Fconnect.example";
    assert!(read(&with(encoded), Some(ISSUER)).is_ok());
    assert!(read(&with(ISSUER), Some(ISSUER)).is_ok());
    assert!(read(&right, Some(ISSUER)).is_ok());
    for issuer in [
        "https://evil.example",
        "https%3A%2F%2Fconnect.example%2F",
        "",
    ] {
        let error = read(&with(issuer), Some(ISSUER)).expect_err("refused");
        assert_eq!(error, CallbackError::OtherIssuer, "{issuer}");
    }
    // Nothing to compare it with.
    assert_eq!(read(&with(ISSUER), None), Err(CallbackError::OtherIssuer));
    let twice = format!("{}&iss=x", with(ISSUER));
    assert_eq!(read(&twice, Some(ISSUER)), Err(CallbackError::Repeated));
}

#[test]
fn a_refusal_of_the_page_has_a_name_and_bounded_text() {
    for (error, code) in [
        ("access_denied", DenialCode::AccessDenied),
        ("server_error", DenialCode::ServerError),
        ("Access_Denied", DenialCode::Other),
        ("%1b%5b31m", DenialCode::Other),
    ] {
        let text = format!("no%1b%0a+{}", "x".repeat(1000));
        let query = format!("error={error}&state={STATE}&error_description={text}");
        let Err(CallbackError::Denied(denial)) = read(&query, None) else {
            panic!("{error} is not refused");
        };
        assert_eq!(denial.code, code);
        assert_eq!(denial.description.len(), 96);
        assert!(denial.description.starts_with("no?? x"), "{denial:?}");
        let said = CallbackError::Denied(denial).to_string();
        assert!(
            said.is_ascii() && !said.contains(char::is_control),
            "{said}"
        );
    }
}

#[test]
fn no_error_says_the_code_or_the_state() {
    let code = "c0dec0dec0dec0dec0de";
    let right = format!("code={code}&state={STATE}");
    for query in [
        format!("{right}&code=x"),
        format!("{right}&error=x"),
        format!("{right}&iss=x"),
        format!("{right}&%"),
        format!("{right}A"),
        format!("code={code}%00&state={STATE}"),
    ] {
        let error = read(&query, None).expect_err("refused");
        let said = format!("{error} {error:?}");
        assert!(forms::found(code, &said).is_empty(), "{said}");
        assert!(!said.contains("AAAAAAAA"), "{said}");
    }
}
