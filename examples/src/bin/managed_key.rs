//! Gets a paper key pair out of a secret manager, and says from where; never a value.

use std::process::ExitCode;

use alpaca_auth::credential::{KeyPair, Slot};
use alpaca_auth::endpoint::{Endpoint, SecretManager};
use alpaca_auth::environment::Paper;
use alpaca_auth::source::vault::KvPath;
use alpaca_auth_examples::{Arguments, read};
use alpaca_auth_ureq::Config;
use alpaca_auth_ureq::source::{AwsSecretsManager, GoogleSecretManager, Sources, Vault};
use zeroize::Zeroizing;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "\
usage: managed_key (--vault MOUNT/PATH | --aws NAME | --google PROJECT/NAME) --host HOST [--port PORT] [--ca FILE]
  --vault   a secret of KV v2; VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID, and VAULT_NAMESPACE log in
  --aws     a secret of AWS Secrets Manager, in AWS_REGION; AWS's own variables, profile file, container or
            instance sign
  --google  a secret of Google Secret Manager; the file in GOOGLE_APPLICATION_CREDENTIALS, or the metadata
            server, logs in
  --host    the manager's host: yours, secretsmanager.REGION.amazonaws.com or secretmanager.googleapis.com
  --port    default: 443
  --ca      trust this CA besides Mozilla's";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("managed_key: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let mut arguments = Arguments::of_process();
    if arguments.flag("--help") {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    let host = arguments.value("--host")?.ok_or(USAGE)?;
    let port = arguments
        .value("--port")?
        .map_or(Ok(443), |port| port.parse())?;
    let endpoint = Endpoint::<SecretManager, Paper>::manager(&host, port)?;
    let mut config = Config::new();
    if let Some(path) = arguments.value("--ca")? {
        config = config.trust_also_pem(&read(&path)?)?;
    }
    let [vault, aws, google] = ["--vault", "--aws", "--google"].map(|name| arguments.value(name));
    let mut sources = match (vault?, aws?, google?) {
        (Some(path), None, None) => Sources::new().then(of_vault(&config, endpoint, &path)?),
        (None, Some(name), None) => {
            let region = variable("AWS_REGION").ok_or("AWS_REGION is not set; name the region")?;
            Sources::new().then(AwsSecretsManager::new(&config, endpoint, &region, &name)?)
        }
        (None, None, Some(name)) => Sources::new().then(of_google(&config, endpoint, &name)?),
        _ => return Err(USAGE.into()),
    };
    arguments.end(USAGE)?;
    let won = sources.paper(&mut Slot::<KeyPair<Paper>>::vacant());
    print!("{}", sources.explanation());
    Ok(match won {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("managed_key: {error}");
            ExitCode::FAILURE
        }
    })
}

fn of_vault(
    config: &Config,
    endpoint: Endpoint<SecretManager, Paper>,
    path: &str,
) -> Result<Vault<Paper>, Failure> {
    let (mount, path) = path.split_once('/').ok_or(USAGE)?;
    let namespace = variable("VAULT_NAMESPACE");
    let namespace = namespace.as_ref().map(|namespace| namespace.as_str());
    let vault = Vault::new(config, endpoint, KvPath::v2(mount, path)?, namespace)?;
    match (variable("VAULT_ROLE_ID"), variable("VAULT_SECRET_ID")) {
        (Some(role), Some(secret_id)) => Ok(vault.app_role("approle", &role, &secret_id)?),
        (None, None) => match variable("VAULT_TOKEN") {
            Some(token) => Ok(vault.token(&token)?),
            None => Ok(vault),
        },
        _ => {
            Err("one of VAULT_ROLE_ID and VAULT_SECRET_ID is not set; set both, or neither".into())
        }
    }
}

fn of_google(
    config: &Config,
    endpoint: Endpoint<SecretManager, Paper>,
    name: &str,
) -> Result<GoogleSecretManager<Paper>, Failure> {
    let (project, name) = name.split_once('/').ok_or(USAGE)?;
    let google = GoogleSecretManager::new(config, endpoint, project, name)?;
    let Some(path) = variable("GOOGLE_APPLICATION_CREDENTIALS") else {
        return Ok(google.metadata_server());
    };
    let file = Zeroizing::new(read(&path)?);
    let token_endpoint = Endpoint::manager("oauth2.googleapis.com", 443)?;
    Ok(google.service_account(config, token_endpoint, file.as_bytes())?)
}

fn variable(name: &str) -> Option<Zeroizing<String>> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.map(Zeroizing::new)
}
