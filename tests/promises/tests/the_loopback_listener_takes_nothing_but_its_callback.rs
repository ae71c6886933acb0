//! The loopback listener refuses other paths, methods, hosts and logins, and ends at its deadline.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use alpaca_auth::oauth::connect::{AuthorizationCode, CallbackError, DenialCode, State};
use alpaca_auth_ureq::{LOOPBACK_HEAD_MAX, Loopback, LoopbackError};

const STATE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A listener that waits for `time`, and its authority.
fn begin(time: Duration) -> (JoinHandle<Result<(), LoopbackError>>, String) {
    let loopback = Loopback::open(0, "/callback").expect("a port");
    let uri = loopback.redirect_uri().to_owned();
    let authority = uri
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_suffix("/callback"));
    let authority = authority.expect("a loopback URI").to_owned();
    let thread = std::thread::spawn(move || {
        let (mut state, mut code) = (State::vacant(), AuthorizationCode::vacant());
        state.draw(&[0; 32]);
        loopback.wait(&state, None, &mut code, Instant::now() + time)
    });
    (thread, authority)
}

fn send(authority: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(authority).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it is read");
    let mut answer = Vec::new();
    // An oversize request is answered and cut off.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("ASCII")
}

fn ask(authority: &str, method: &str, target: &str) -> String {
    send(
        authority,
        &format!("{method} {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
    )
}

#[test]
fn other_requests_are_refused_and_the_login_goes_on() {
    let (thread, authority) = begin(Duration::from_secs(60));
    let right = format!("/callback?code=c0de&state={STATE}");
    // A connection that a browser opens and does not use keeps nobody waiting.
    let idle = TcpStream::connect(&authority).expect("it listens");
    for (method, target, status) in [
        ("GET", "/favicon.ico", "404"),
        ("GET", "/", "404"),
        ("GET", "/callback/", "404"),
        ("GET", &right.replace("callback", "Callback"), "404"),
        ("GET", &format!("http://{authority}{right}"), "404"),
        ("POST", &right, "405"),
        ("HEAD", &right, "405"),
        ("get", &right, "405"),
        ("GET", "/callback", "400"),
        ("GET", "/callback?code=evil&state=x", "400"),
        ("GET", "/callback?error=access_denied", "400"),
        ("GET", &format!("{right}&code=evil"), "400"),
        ("GET", &format!("{right} x"), "400"),
    ] {
        let answer = ask(&authority, method, target);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{target} {answer}"
        );
        assert!(
            !answer.contains("c0de") && !answer.contains("evil"),
            "{answer}"
        );
    }
    for head in [
        "Host: evil.example\r\n".to_owned(),
        "Host: localhost\r\n".to_owned(),
        String::new(),
        format!("Host: {authority}\r\nHost: {authority}\r\n"),
    ] {
        let answer = send(&authority, &format!("GET {right} HTTP/1.1\r\n{head}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 400 "), "{head} {answer}");
    }
    let answer = send(
        &authority,
        &format!("GET {right} HTTP/1.0\r\nHost: {authority}\r\n\r\n"),
    );
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let long = "x".repeat(LOOPBACK_HEAD_MAX - 3);
    send(&authority, &format!("GET /{long}"));
    assert!(!thread.is_finished(), "a stranger has ended the login");
    let answer = ask(&authority, "GET", &right);
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("logged in"),
        "{answer}"
    );
    assert_eq!(thread.join().expect("no panic"), Ok(()));
    drop(idle);
    assert!(TcpStream::connect(&authority).is_err(), "it still listens");
}

#[test]
fn a_head_that_is_too_long_is_answered_431() {
    let (thread, authority) = begin(Duration::from_secs(60));
    let long = "x".repeat(LOOPBACK_HEAD_MAX + 1 - "GET /".len());
    let answer = send(&authority, &format!("GET /{long}"));
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    ask(
        &authority,
        "GET",
        &format!("/callback?error=access_denied&state={STATE}"),
    );
    let result = thread.join().expect("no panic");
    let Err(LoopbackError::Callback(CallbackError::Denied(denial))) = result else {
        panic!("{result:?}");
    };
    assert_eq!(denial.code, DenialCode::AccessDenied);
}

#[test]
fn it_ends_at_its_deadline_even_with_a_connection_that_says_nothing() {
    let (thread, authority) = begin(Duration::from_millis(300));
    let mut half = TcpStream::connect(&authority).expect("it listens");
    half.write_all(b"GET /callb").expect("it is read");
    ask(&authority, "GET", "/callback?code=c0de&state=x");
    let error = thread.join().expect("no panic").expect_err("no code");
    assert_eq!(error, LoopbackError::Deadline { refused: 1 });
    let said = format!("{error} {error:?}");
    assert!(!said.contains("c0de"), "{said}");
}

#[test]
fn a_path_that_is_no_plain_path_is_refused() {
    for path in ["", "callback", "/a?b", "/a b", "/a#b", "/%41", "/\r\n"] {
        assert!(Loopback::open(0, path).is_err(), "{path}");
    }
}
