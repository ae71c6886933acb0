//! A secret manager's answer gives a key when it is whole and right, else an error with a name and a
//! remedy and an empty slot. No key, token or signature of it stands in an error or a log record, and
//! a server that is not verified, or redirects, gets none.

use std::fmt::Write as _;
use std::sync::Mutex;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::{Live, Paper};
use alpaca_auth::source::vault::KvPath;
use alpaca_auth::source::{Chain, ManagerFault, NetworkFault, Source, SourceError, SourceFault};
use alpaca_auth_promises::forms;
use alpaca_auth_promises::scripted::{Scripted, answer};
use alpaca_auth_ureq::Config;
use alpaca_auth_ureq::source::{AwsSecretsManager, GoogleSecretManager, Vault};

const ID: &str = "PKMANAGER00000001";
const SECRET: &str = "n0t/aReal+SecretQ7w2Zk9Xv4Lm1Rt8Yb3";
const TOKEN: &str = "hvs.not-a-real-token-Q7w2Zk9Xv4Lm1Rt8Yb3";
const AWS_SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Keeps every record, from every crate, at every level.
struct Recorder(Mutex<String>);

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut text = self.0.lock().expect("no test panics while it logs");
        writeln!(text, "{} {}", record.target(), record.args()).expect("a string grows");
    }

    fn flush(&self) {}
}

static RECORDER: Recorder = Recorder(Mutex::new(String::new()));

/// A manager with a login, at a port.
type Make = fn(&Config, u16) -> Box<dyn Source>;

fn endpoint(port: u16) -> Endpoint<SecretManager, Paper> {
    Endpoint::manager("localhost", port).expect("a host")
}

fn vault(config: &Config, port: u16) -> Box<dyn Source> {
    let path = KvPath::v2("secret", "alpaca").expect("a path");
    let vault = Vault::new(config, endpoint(port), path, None).expect("a source");
    Box::new(vault.token(TOKEN).expect("a token"))
}

fn aws(config: &Config, port: u16) -> Box<dyn Source> {
    let aws = AwsSecretsManager::new(config, endpoint(port), "eu-central-1", "alpaca");
    let aws = aws.expect("a source").key("AKIDEXAMPLE", AWS_SECRET, None);
    Box::new(aws.expect("a key"))
}

fn google(config: &Config, port: u16) -> Box<dyn Source> {
    let google = GoogleSecretManager::new(config, endpoint(port), "p", "alpaca");
    Box::new(google.expect("a source").token(TOKEN).expect("a token"))
}

/// What each answers when all is well. The checksum is CRC-32C of the payload.
fn managers() -> [(&'static str, Make, String); 3] {
    let pair = format!(r#"{{"key_id":"{ID}","secret_key":"{SECRET}"}}"#);
    let payload = base64(pair.as_bytes());
    let checksum = crc32c(pair.as_bytes());
    let quoted = pair.replace('"', "\\\"");
    [
        (
            "Vault",
            vault,
            format!(
                r#"{{"lease_duration":0,"renewable":false,"data":{{"data":{pair},"metadata":{{"version":1,"destroyed":false}}}}}}"#
            ),
        ),
        (
            "AWS",
            aws,
            format!(
                r#"{{"VersionId":"v1","SecretString":"{quoted}","VersionStages":["AWSCURRENT"]}}"#
            ),
        ),
        (
            "Google",
            google,
            format!(
                r#"{{"name":"projects/1/secrets/alpaca/versions/1","payload":{{"data":"{payload}","dataCrc32c":"{checksum}"}}}}"#
            ),
        ),
    ]
}

/// One look: whether the slot holds the right pair, or why it is vacant.
fn look(source: &mut Box<dyn Source>, said: &mut String) -> Result<(), SourceFault> {
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    slot.paper("PKOLD", "old").expect("a pair");
    let mut sources: [&mut dyn Source; 1] = [source.as_mut()];
    let mut chain = Chain::new(&mut sources);
    let looked = chain.paper(&mut slot);
    writeln!(said, "{looked:?} {}", chain.explanation()).expect("a string grows");
    match looked {
        Ok(_) => {
            let mut right = Slot::<KeyPair<Paper>>::vacant();
            let right = right.paper(ID, SECRET).expect("a pair");
            assert!(slot.get().expect("a pair").is(right));
            Ok(())
        }
        Err(error) => {
            assert!(slot.get().is_none(), "{error}");
            let text = error.to_string();
            assert!(text.contains("; "), "no remedy: {text}");
            writeln!(said, "{text}").expect("a string grows");
            match error {
                SourceError::Broken { fault, .. } => Err(fault),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Everything in one test: the log is one for the whole process.
#[test]
fn a_whole_answer_gives_the_key_and_any_other_a_named_error_without_a_secret() {
    log::set_logger(&RECORDER).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
    let server = Scripted::start(|_| answer(200, "{}"));
    let config = Config::new().trust_only_pem(&server.ca_pem).expect("a CA");
    let mut said = String::new();
    for (name, make, whole) in managers() {
        let mut source = make(&config, server.port);
        let right = whole.clone();
        server.script(move |_| answer(200, &right));
        for _ in 0..2 {
            assert_eq!(look(&mut source, &mut said), Ok(()), "{name}");
        }
        // The body cut at each byte: never a key, never a panic.
        for end in 0..whole.len() {
            let cut = whole.get(..end).expect("ASCII").to_owned();
            server.script(move |_| answer(200, &cut));
            let fault = look(&mut source, &mut said);
            assert!(
                matches!(fault, Err(SourceFault::Manager(_))),
                "{name} {end}: {fault:?}"
            );
        }
        // Each member's name changed: what is needed is missing, what is not changes nothing.
        let members: Vec<_> = whole.match_indices("\":").map(|(at, _)| at).collect();
        let mut refused = 0;
        for at in &members {
            let mut other = whole.clone();
            other.replace_range(at - 1..*at, "~");
            server.script(move |_| answer(200, &other));
            refused += usize::from(look(&mut source, &mut said).is_err());
        }
        assert!(
            refused >= 3,
            "{name}: {refused} of {} members",
            members.len()
        );
        // Every status, with the right body: only 200 gives a key.
        for status in [
            201, 204, 301, 307, 400, 401, 403, 404, 412, 429, 473, 500, 503,
        ] {
            let right = if status == 204 {
                String::new()
            } else {
                whole.clone()
            };
            server.script(move |_| answer(status, &right));
            assert!(look(&mut source, &mut said).is_err(), "{name} {status}");
        }
        let network = |fault| Err(SourceFault::Manager(ManagerFault::Network(fault)));
        let elsewhere = Scripted::start(|_| answer(200, "{}"));
        let location = format!("Location: https://localhost:{}/\r\n", elsewhere.port);
        for (fault, bytes) in [
            (NetworkFault::TooLarge, answer(200, &" ".repeat(20_000))),
            (
                NetworkFault::Malformed,
                b"HTTP/1.1 200 X\r\n\r\n{}".to_vec(),
            ),
            (
                NetworkFault::Malformed,
                b"HTTP/1.1 200 X\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}".to_vec(),
            ),
            (
                NetworkFault::Redirect,
                format!("HTTP/1.1 307 X\r\n{location}Content-Length: 0\r\n\r\n").into_bytes(),
            ),
        ] {
            server.script(move |_| bytes.clone());
            let mut source = make(&config, server.port);
            assert_eq!(look(&mut source, &mut said), network(fault), "{name}");
        }
        assert!(
            elsewhere.requests().is_empty(),
            "{name} followed a redirect"
        );
        // A server that the configuration does not trust gets no byte of a request.
        let mut stranger = make(&config, elsewhere.port);
        assert_eq!(
            look(&mut stranger, &mut said),
            network(NetworkFault::NotVerified),
            "{name}"
        );
        assert!(
            elsewhere.requests().is_empty(),
            "{name} spoke to a stranger"
        );
        // Keys of paper are not looked for where live ones are wanted. Nothing is sent.
        drop(server.requests());
        let mut live = Slot::<KeyPair<Live>>::vacant();
        let mut source = make(&config, server.port);
        let mut sources: [&mut dyn Source; 1] = [source.as_mut()];
        let error = Chain::new(&mut sources).live(&mut live).unwrap_err();
        assert!(matches!(
            error,
            SourceError::Broken {
                fault: SourceFault::OtherEnvironment { .. },
                ..
            }
        ));
        assert!(server.requests().is_empty(), "{name}");
    }
    let log = RECORDER.0.lock().expect("no test panics while it logs");
    assert!(log.contains("ureq"), "the recorder records nothing");
    for secret in [SECRET, TOKEN, AWS_SECRET] {
        for text in [&said, &*log] {
            let shown = forms::found(secret, text);
            assert!(shown.is_empty(), "{secret} is shown: {shown:?}");
        }
    }
    assert!(!log.contains("Signature="), "a signature is shown");
}

#[test]
fn each_manager_sends_its_token_in_its_own_header_and_nothing_else() {
    let server = Scripted::start(|_| answer(500, "{}"));
    let config = Config::new().trust_only_pem(&server.ca_pem).expect("a CA");
    for (name, make, _) in managers() {
        let _ = look(&mut make(&config, server.port), &mut String::new());
        let requests = server.requests();
        let [request] = requests.as_slice() else {
            panic!("{name}: {requests:?}")
        };
        let expected = match name {
            "Vault" => format!("X-Vault-Request: true\r\nX-Vault-Token: {TOKEN}\r\n\r\n"),
            "Google" => format!("Authorization: Bearer {TOKEN}\r\n\r\n"),
            _ => "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/".to_owned(),
        };
        assert!(request.contains(&expected), "{name}: {request}");
        assert!(
            !request.contains(AWS_SECRET) && !request.contains("APCA"),
            "{name}: {request}"
        );
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(*group.get(at).unwrap_or(&0))
        });
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = char::from(ALPHABET[bits >> shift & 63]);
            text.push(if at > group.len() { '=' } else { digit });
        }
    }
    text
}

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0x82f6_3b78 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}
