//! The first snippet of the README as a program: fetches the account once.

use alpaca_auth::endpoint::{Endpoint, Trading};
use alpaca_auth::environment::Paper;
use alpaca_auth::request::trading;
use alpaca_auth::response::Account;
use alpaca_auth_ureq::{Client, Config};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let config = Config::new().trust_only_pem(&std::fs::read_to_string(&arguments[1])?)?;
    let endpoint = Endpoint::<Trading, Paper>::at("localhost", arguments[0].parse()?)?;
    let mut alpaca = Client::<Paper>::from_env_with(&config)?.at(endpoint);
    let reply = alpaca.call(&trading::account())?;
    println!("{}", reply.json::<Account>()?.status);
    Ok(())
}
