//! Gets a Broker API token, lists the partner's accounts, and shows a refresh.
//!
//! With a client in the environment it asks Alpaca's broker sandbox (or production with
//! `--production`); without, the built-in sandbox, over real HTTPS all the same.

use std::error::Error;
use std::process::ExitCode;

use alpaca_auth::credential::{BrokerToken, Credential, Opens};
use alpaca_auth::endpoint::{AuthServer, Broker, Endpoint, ServedIn};
use alpaca_auth::environment::{BrokerEnvironment, Production, Sandbox};
use alpaca_auth::oauth::ClientAuthentication;
use alpaca_auth::request::broker;
use alpaca_auth_examples::{Arguments, read};
use alpaca_auth_ureq::{Config, KeyJwt, PemKey, SecretPost, TokenCache, UreqTransport};

const USAGE: &str = "\
usage: broker_token [--production] [--refresh] [--revoke]
                    [--authx HOST:PORT --broker HOST:PORT --ca FILE.pem]
  the client comes from ALPACA_CLIENT_ID and either ALPACA_CLIENT_SECRET or
  ALPACA_CLIENT_KEY_FILE (a P-256 or RSA key, PKCS#8 PEM); ALPACA_CLIENT_KEY_ID names the key
  if there are several. Without a client, a sandbox answers.
  --production  real customers, real money (default: the broker sandbox)
  --refresh     ask for a second token, as after a 401
  --revoke      end the token when done, instead of letting it expire
  --authx       another authorization server, for example a loopback, with --broker; --ca trusts
                its CA and no other";

/// Makes the client in its environment, and asks.
macro_rules! by {
    ($environment:ident, $fill:ident, $elsewhere:expr, $id:expr, $proof:expr, $then:expr) => {
        match $proof {
            Proof::Secret(secret) => {
                let client = SecretPost::<$environment>::new(|slot| slot.$fill($id, &secret))?;
                ask(&Place::of($elsewhere)?, client, $then)
            }
            Proof::Key(key, key_id) => {
                let mut client = KeyJwt::<$environment, _>::new(|slot| slot.$fill($id), key)?;
                if let Some(key_id) = key_id {
                    client = client.key_id(&key_id);
                }
                ask(&Place::of($elsewhere)?, client, $then)
            }
        }
    };
}

const BODY: usize = 1 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("broker_token: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let production = arguments.flag("--production");
    let then = Then {
        refresh: arguments.flag("--refresh"),
        revoke: arguments.flag("--revoke"),
    };
    let elsewhere = match (
        address(&mut arguments, "--authx")?,
        address(&mut arguments, "--broker")?,
        arguments.value("--ca")?,
    ) {
        (Some(authx), Some(broker), Some(ca)) => Some(Elsewhere {
            authx,
            broker,
            ca: read(&ca)?,
        }),
        (None, None, None) => None,
        _ => return Err("--authx, --broker and --ca go together: give all three or none".into()),
    };
    arguments.end(USAGE)?;
    let variable = |name: &str| std::env::var(name).ok();
    let proof = match (
        variable("ALPACA_CLIENT_SECRET"),
        variable("ALPACA_CLIENT_KEY_FILE"),
    ) {
        (Some(secret), None) => Some(Proof::Secret(secret)),
        (None, Some(file)) => Some(Proof::Key(
            PemKey::new(&read(&file)?)?,
            variable("ALPACA_CLIENT_KEY_ID"),
        )),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(ONE_CLIENT.into()),
    };
    match (variable("ALPACA_CLIENT_ID"), proof, production) {
        (None, None, false) if elsewhere.is_none() => built_in(),
        (Some(id), Some(proof), false) => {
            by!(Sandbox, sandbox, elsewhere, &id, proof, then)
        }
        (Some(id), Some(proof), true) => {
            eprintln!("Broker production: real customers, real money.");
            by!(Production, production, elsewhere, &id, proof, then)
        }
        _ => Err(ONE_CLIENT.into()),
    }
}

const ONE_CLIENT: &str = "the client is incomplete: set ALPACA_CLIENT_ID, and one of \
ALPACA_CLIENT_SECRET and ALPACA_CLIENT_KEY_FILE";

/// How the client proves who it is.
enum Proof {
    Secret(String),
    Key(PemKey, Option<String>),
}

/// What is done once the accounts are listed.
#[derive(Clone, Copy)]
struct Then {
    refresh: bool,
    revoke: bool,
}

/// Servers that are not Alpaca's, and the PEM of the CA to trust.
struct Elsewhere {
    authx: (String, u16),
    broker: (String, u16),
    ca: String,
}

fn address(
    arguments: &mut Arguments,
    option: &str,
) -> Result<Option<(String, u16)>, Box<dyn Error>> {
    let Some(text) = arguments.value(option)? else {
        return Ok(None);
    };
    let parsed = text.rsplit_once(':').and_then(|(host, port)| {
        let port = port.parse().ok()?;
        Some((host.to_owned(), port))
    });
    let parsed = parsed.ok_or_else(|| format!("{option} must be HOST:PORT"))?;
    Ok(Some(parsed))
}

/// Where the servers are, and whom to trust.
struct Place<E> {
    authx: Endpoint<AuthServer, E>,
    broker: Endpoint<Broker, E>,
    config: Config,
}

impl<E: BrokerEnvironment> Place<E>
where
    AuthServer: ServedIn<E>,
    Broker: ServedIn<E>,
{
    fn of(elsewhere: Option<Elsewhere>) -> Result<Self, Box<dyn Error>> {
        Ok(match elsewhere {
            None => Self {
                authx: Endpoint::alpaca(),
                broker: Endpoint::alpaca(),
                config: Config::new(),
            },
            Some(Elsewhere { authx, broker, ca }) => Self {
                authx: Endpoint::at(&authx.0, authx.1)?,
                broker: Endpoint::at(&broker.0, broker.1)?,
                config: Config::new().trust_only_pem(&ca)?,
            },
        })
    }
}

/// The built-in sandbox: its token is revoked on the way, and replaced by a 401.
fn built_in() -> Result<(), Box<dyn Error>> {
    eprintln!("No client in the environment: asking the built-in sandbox.");
    let sandbox = alpaca_sandbox::Sandbox::start()?;
    let place = Place::<Sandbox> {
        authx: Endpoint::at("localhost", sandbox.authx_port())?,
        broker: Endpoint::at("localhost", sandbox.broker_port())?,
        config: Config::new().trust_only_pem(sandbox.ca_pem())?,
    };
    let client = SecretPost::<Sandbox>::new(|slot| {
        slot.sandbox(
            alpaca_sandbox::AUTHX_CLIENT_ID,
            alpaca_sandbox::AUTHX_CLIENT_SECRET,
        )
    })?;
    let cache = cache(&place, client)?;
    list(&place, &cache)?;
    list(&place, &cache)?;
    println!("token requests so far: {}", sandbox.token_requests());
    sandbox.revoke_tokens();
    println!("the token is revoked");
    list(&place, &cache)?;
    println!("token requests so far: {}", sandbox.token_requests());
    Ok(())
}

fn ask<M>(place: &Place<M::Environment>, client: M, then: Then) -> Result<(), Box<dyn Error>>
where
    M: ClientAuthentication + Send + Sync + 'static,
    M::Error: Clone + Send + std::fmt::Debug + std::fmt::Display,
    BrokerToken<M::Environment>: Opens<Broker> + Credential<Environment = M::Environment>,
{
    let cache = cache(place, client)?;
    list(place, &cache)?;
    if then.refresh {
        let held = cache.token()?;
        cache.replace(&held);
        println!("the token is treated as refused");
        list(place, &cache)?;
    }
    if then.revoke {
        cache.revoke()?;
        println!("the token is revoked");
    }
    Ok(())
}

fn cache<M>(
    place: &Place<M::Environment>,
    client: M,
) -> Result<TokenCache<UreqTransport, M>, Box<dyn Error>>
where
    M: ClientAuthentication + Send + Sync + 'static,
    M::Error: Clone + Send,
{
    let transport = UreqTransport::new(&place.config)?;
    Ok(TokenCache::new(transport, place.authx.clone(), client))
}

/// Lists the partner's accounts, and says which token opened them.
fn list<M>(
    place: &Place<M::Environment>,
    cache: &TokenCache<UreqTransport, M>,
) -> Result<(), Box<dyn Error>>
where
    M: ClientAuthentication + Send + Sync + 'static,
    M::Error: Clone + Send + std::fmt::Debug + std::fmt::Display + 'static,
    BrokerToken<M::Environment>: Opens<Broker> + Credential<Environment = M::Environment>,
{
    let mut transport = UreqTransport::new(&place.config)?;
    let mut body = vec![0; BODY];
    let reply = cache
        .call(
            &mut transport,
            &broker::accounts(),
            &place.broker,
            &mut body,
        )
        .map_err(|error| error.to_string())?;
    let accounts: serde_json::Value = serde_json::from_slice(reply.success()?)?;
    for account in accounts.as_array().into_iter().flatten() {
        let text = |name: &str| {
            account[name]
                .as_str()
                .unwrap_or("-")
                .escape_debug()
                .to_string()
        };
        println!("account {} {}", text("account_number"), text("status"));
    }
    let due = cache.refresh_in().as_secs();
    println!("the token is refreshed in {due} s");
    Ok(())
}
