//! The smallest program with a chain of sources, and the secret managers that features choose: what
//! each adds to a binary.

use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth_ureq::Client;
use alpaca_auth_ureq::source::Sources;
#[cfg(any(feature = "vault", feature = "aws", feature = "google"))]
use {alpaca_auth::endpoint::Endpoint, alpaca_auth_ureq::Config};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sources = Sources::standard();
    #[cfg(feature = "vault")]
    {
        let path = alpaca_auth::source::vault::KvPath::v2("secret", "alpaca/paper")?;
        let endpoint = Endpoint::<_, Paper>::manager("vault.example.com", 8200)?;
        let vault = alpaca_auth_ureq::source::Vault::new(&Config::new(), endpoint, path, None)?;
        let secret_id = std::fs::read_to_string("secret-id")?;
        sources = sources.then(vault.app_role("approle", "role", secret_id.trim())?);
    }
    #[cfg(feature = "aws")]
    {
        let host = "secretsmanager.eu-central-1.amazonaws.com";
        let endpoint = Endpoint::<_, Paper>::manager(host, 443)?;
        let (region, name) = ("eu-central-1", "alpaca/paper");
        sources = sources.then(alpaca_auth_ureq::source::AwsSecretsManager::new(
            &Config::new(),
            endpoint,
            region,
            name,
        )?);
    }
    #[cfg(feature = "google")]
    {
        let endpoint = Endpoint::<_, Paper>::manager("secretmanager.googleapis.com", 443)?;
        let (project, name) = ("my-project", "alpaca-paper");
        let google = alpaca_auth_ureq::source::GoogleSecretManager::new(
            &Config::new(),
            endpoint,
            project,
            name,
        )?;
        let token = Endpoint::manager("oauth2.googleapis.com", 443)?;
        let file = std::fs::read("account.json")?;
        sources = sources.then(google.service_account(&Config::new(), token, &file)?);
    }
    let mut alpaca = Client::<Paper>::from_sources(&mut sources)?;
    println!("{}", alpaca.call(&trading::account())?.status());
    Ok(())
}
