//! `monitor` counts its calls and serves the counters to its own host and to nobody else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, ended when the test is over.
struct Monitor {
    child: Child,
    port: u16,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(arguments: &[&str]) -> Monitor {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monitor"));
    for (id, secret) in alpaca_auth_ureq::VARIABLES {
        command.env_remove(id).env_remove(secret);
    }
    let mut child = command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    let port = line
        .rsplit_once(':')
        .and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
    let port = port.unwrap_or_else(|| panic!("no port in {line}"));
    std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    Monitor {
        child,
        port,
        stdout,
    }
}

fn ask(port: u16, request: &[u8]) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("a socket");
    socket.write_all(request).expect("sent");
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer);
    answer
}

fn get(port: u16, path: &str, host: &str) -> String {
    ask(
        port,
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes(),
    )
}

#[test]
fn the_counters_are_served_to_its_own_host_only() {
    let mut monitor = start(&["--every", "1"]);
    let mut line = String::new();
    monitor.stdout.read_line(&mut line).expect("a line");
    assert!(
        line.starts_with("calls=3 sends=3 success=3 bytes_out="),
        "{line}"
    );
    assert!(
        line.contains(" trading_remaining=198 market_data_remaining="),
        "{line}"
    );
    let port = monitor.port;
    let own = format!("127.0.0.1:{port}");
    let text = get(port, "/metrics", &own);
    assert!(
        text.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"),
        "{text}"
    );
    assert!(
        text.contains("\nalpaca_attempts_total{outcome=\"success\"} "),
        "{text}"
    );
    assert!(
        text.contains("\nalpaca_rate_limit_remaining{api=\"trading\"} 19"),
        "{text}"
    );
    assert!(get(port, "/", &own).contains("\r\n\r\ncalls="));
    for (request, status) in [
        (
            format!("GET /metrics HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
            "421",
        ),
        ("GET /metrics HTTP/1.1\r\n\r\n".into(), "421"),
        (format!("GET /other HTTP/1.1\r\nHost: {own}\r\n\r\n"), "404"),
        (
            format!("POST /metrics HTTP/1.1\r\nHost: {own}\r\nContent-Length: 0\r\n\r\n"),
            "405",
        ),
        ("\r\n\r\n".into(), "400"),
        (format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(5000)), "431"),
    ] {
        let answer = ask(port, request.as_bytes());
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(
            !answer.contains("alpaca_") && !answer.contains("calls="),
            "{answer}"
        );
    }
    // A client that says nothing holds the next one up for two seconds at most.
    let silent = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let begun = Instant::now();
    assert!(get(port, "/", &own).contains("calls="));
    assert!(begun.elapsed() < Duration::from_secs(4));
    drop(silent);
    // None of the texts names the key.
    assert!(
        !text.contains(alpaca_sandbox::PAPER_KEY_ID)
            && !line.contains(alpaca_sandbox::PAPER_KEY_ID)
    );
}

#[test]
fn it_ends_after_its_rounds_and_refuses_what_it_does_not_understand() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_monitor"));
        for (id, secret) in alpaca_auth_ureq::VARIABLES {
            command.env_remove(id).env_remove(secret);
        }
        command.args(arguments).output().expect("the program")
    };
    let two = run(&["--every", "0.9", "--rounds", "2", "--audit"]);
    assert!(two.status.success());
    assert_eq!(String::from_utf8_lossy(&two.stdout).lines().count(), 2);
    let said = String::from_utf8_lossy(&two.stderr).into_owned();
    assert_eq!(
        said.matches("GET localhost/v2/account attempt=1 status=200 ms=")
            .count(),
        2,
        "{said}"
    );
    for (arguments, text) in [
        (&["--rounds", "x"][..], "--rounds must be a whole number"),
        (&["--listen", "99999"], "--listen must be a whole number"),
        (&["--every", "0.1"], "--every"),
        (&["--live"], "need keys"),
        (&["--other"], "is not understood"),
    ] {
        let refused = run(arguments);
        assert!(!refused.status.success());
        assert!(
            String::from_utf8_lossy(&refused.stderr).contains(text),
            "{arguments:?}"
        );
    }
}
