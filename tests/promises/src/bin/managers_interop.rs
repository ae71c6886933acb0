//! Asks a secret manager for a paper key pair, and says what came of it.
//!
//! `managers_interop vault|aws|google PORT CA [name=value]…` The pair must be the one on standard
//! input, a half on each line. Every log record goes to the file in `LOG`, at the finest level. With
//! `copies=1` it counts the copies of the secret key in its own memory, while the slot is filled and
//! when it is gone. With `time=1` it says how long the first look took, from asking to a filled slot.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::Paper;
use alpaca_auth::source::vault::KvPath;
use alpaca_auth::source::{Chain, Source};
use alpaca_auth_promises::scan::{MASK, TAIL, count};
use alpaca_auth_ureq::Config;
use alpaca_auth_ureq::source::{AwsSecretsManager, GoogleSecretManager, Vault};
use zeroize::Zeroizing;

type Failure = Box<dyn std::error::Error>;

struct Recorder(Mutex<File>);

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut file = self.0.lock().expect("nobody panics while it logs");
        let _ = writeln!(file, "{} {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

/// What the command line says.
struct Asked {
    endpoint: Endpoint<SecretManager, Paper>,
    config: Config,
    settings: HashMap<String, String>,
}

impl Asked {
    fn get(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    fn must(&self, name: &str) -> Result<&str, Failure> {
        self.get(name)
            .ok_or_else(|| format!("no {name}= given").into())
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("not asked: {error}");
            eprintln!("{error:?}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Failure> {
    if let Some(path) = std::env::var_os("LOG") {
        let file = File::options().create(true).append(true).open(path)?;
        let recorder: &'static Recorder = Box::leak(Box::new(Recorder(Mutex::new(file))));
        log::set_logger(recorder)?;
        log::set_max_level(log::LevelFilter::Trace);
    }
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: managers_interop vault|aws|google PORT CA [name=value]...";
    let manager = arguments.next().ok_or(usage)?;
    let port: u16 = arguments.next().ok_or(usage)?.parse()?;
    let ca = std::fs::read_to_string(arguments.next().ok_or(usage)?)?;
    let config = Config::new()
        .trust_only_pem(&ca)?
        .total_timeout(Duration::from_secs(20));
    let settings = arguments
        .filter_map(|argument| {
            let (name, value) = argument.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect();
    let endpoint = Endpoint::manager("localhost", port)?;
    let asked = Asked {
        endpoint,
        config,
        settings,
    };
    match manager.as_str() {
        "vault" => look(&asked, vault(&asked)?, |_| String::new()),
        "aws" => look(&asked, aws(&asked)?, |aws| {
            let version = aws.version().map_or("none", |version| version.text());
            let origin = aws.origin().map(|origin| origin.to_string());
            format!(", version {version}, {}", origin.unwrap_or_default())
        }),
        "google" => look(&asked, google(&asked)?, |google| {
            format!(", version {}", google.version().unwrap_or(0))
        }),
        _ => Err(usage.into()),
    }
}

/// Looks as often as asked, and says what came of it each time.
fn look<S: Source>(asked: &Asked, source: S, more: impl Fn(&S) -> String) -> Result<bool, Failure> {
    let times = asked.get("looks").unwrap_or("1").parse()?;
    let pause = asked.get("pause").unwrap_or("0").parse()?;
    let mut expected = Slot::<KeyPair<Paper>>::vacant();
    let pattern = fill(&mut expected)?;
    let mut slot = Slot::<KeyPair<Paper>>::vacant();
    let mut sources = [source];
    let mut all = true;
    for time in 0..times {
        if time > 0 {
            std::thread::sleep(Duration::from_millis(pause));
        }
        let mut chain = Chain::new(&mut sources);
        let asking = Instant::now();
        let looked = chain.paper(&mut slot);
        let taken = asking.elapsed();
        eprint!("{}", chain.explanation());
        match looked {
            Ok(won) => {
                let held = slot.get().zip(expected.get());
                let right = held.is_some_and(|(pair, expected)| pair.is(expected));
                all &= right;
                let lease = won.lease_seconds.unwrap_or(0);
                let more = more(&sources[0]);
                let what = if right { "found" } else { "ANOTHER PAIR" };
                println!("{what}, lease {lease}{more}");
                if time == 0 && asked.get("time").is_some() {
                    println!("filled in {} µs", taken.as_micros());
                }
            }
            Err(error) => {
                all = false;
                assert!(
                    slot.get().is_none(),
                    "a slot is filled in spite of an error"
                );
                eprintln!("{error:?}");
                println!("refused: {error}");
            }
        }
    }
    if asked.get("copies").is_some() {
        expected.clear();
        let held = count(&pattern);
        slot.clear();
        drop(sources);
        println!("copies: {held} while it is held, {} after", count(&pattern));
    }
    Ok(all)
}

/// Fills the slot from standard input, and returns the tail of the secret key, masked.
fn fill(slot: &mut Slot<KeyPair<Paper>>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Zeroizing::new([0; 512]);
    // Unbuffered: std's own standard input would keep a copy.
    let length = File::open("/dev/stdin")?.read(&mut bytes[..])?;
    let text = std::str::from_utf8(&bytes[..length])?;
    let (id, secret) = text.split_once('\n').ok_or("no pair on standard input")?;
    let secret = secret.trim_end();
    slot.paper(id, secret)?;
    let tail = secret.len().saturating_sub(TAIL);
    let masked = secret.as_bytes()[tail..].iter().map(|byte| byte ^ MASK);
    Ok(masked.collect())
}

fn vault(asked: &Asked) -> Result<Vault<Paper>, Failure> {
    let (mount, path) = (asked.get("mount").unwrap_or("secret"), asked.must("path")?);
    let path = match (asked.get("engine"), asked.get("version")) {
        (Some("1"), _) => KvPath::v1(mount, path)?,
        (_, Some(version)) => KvPath::v2_version(mount, path, version.parse()?)?,
        _ => KvPath::v2(mount, path)?,
    };
    let endpoint = asked.endpoint.clone();
    let vault = Vault::new(&asked.config, endpoint, path, asked.get("namespace"))?;
    let method = asked.get("method").unwrap_or("approle");
    if let Some(token) = asked.get("token") {
        return Ok(match asked.get("lease_ms") {
            Some(lease) => vault.token_for(token, Duration::from_millis(lease.parse()?))?,
            None => vault.token(token)?,
        });
    }
    if let Some(token) = asked.get("renewed") {
        return Ok(vault.renewed_token(token)?);
    }
    if let Some(token) = asked.get("wrapped") {
        return Ok(vault.wrapped(token)?);
    }
    let Some(role_id) = asked.get("role_id") else {
        return Ok(vault);
    };
    if let Some(token) = asked.get("wrapped_secret_id") {
        return Ok(vault.wrapped_secret_id(method, role_id, token)?);
    }
    Ok(vault.app_role(method, role_id, asked.must("secret_id")?)?)
}

fn aws(asked: &Asked) -> Result<AwsSecretsManager<Paper>, Failure> {
    let region = asked.get("region").unwrap_or("us-east-1");
    let endpoint = asked.endpoint.clone();
    let mut aws = AwsSecretsManager::new(&asked.config, endpoint, region, asked.must("name")?)?;
    if let Some(stage) = asked.get("stage") {
        aws = aws.stage(stage)?;
    }
    if let Some(id) = asked.get("id") {
        aws = aws.key(id, asked.must("secret")?, asked.get("token"))?;
    }
    Ok(aws)
}

fn google(asked: &Asked) -> Result<GoogleSecretManager<Paper>, Failure> {
    let (project, name) = (asked.must("project")?, asked.must("name")?);
    let mut google =
        GoogleSecretManager::new(&asked.config, asked.endpoint.clone(), project, name)?;
    if let Some(version) = asked.get("version") {
        google = google.at_version(version)?;
    }
    if let Some(token) = asked.get("token") {
        google = google.token(token)?;
    } else if let Some(path) = asked.get("file") {
        let port = asked.must("token_port")?.parse()?;
        let endpoint = Endpoint::manager("localhost", port)?;
        google = google.service_account(&asked.config, endpoint, &std::fs::read(path)?)?;
    } else if asked.get("metadata").is_some() {
        google = google.metadata_server();
    }
    Ok(google)
}
