//! Revocations of broker tokens: rightly, by another client, and with one thing wrong.

use std::time::{SystemTime, UNIX_EPOCH};

use alpaca_auth::credential::{BrokerToken, ClientId, ClientSecret, InBody, Slot};
use alpaca_auth::endpoint::{AuthServer, Endpoint};
use alpaca_auth::environment::Sandbox;
use alpaca_auth::oauth::{
    ClientAuthentication, IssuedToken, Moment, PrivateKeyJwt, RevocationForm, TokenForm,
    read_revocation,
};
use alpaca_auth::request::Request;
use alpaca_auth::response::Reply;
use alpaca_auth::transport::Transport as _;
use alpaca_auth_ureq::{PemKey, UreqTransport};
use ring::rand::SecureRandom as _;

use crate::{Failure, Place, Report, SECRET};

/// What `run.sh` counts: the server must have ended as many tokens.
const ENDED: &str = "the token is ended";

struct Server {
    endpoint: Endpoint<AuthServer, Sandbox>,
    transport: UreqTransport,
    body: Vec<u8>,
}

pub(crate) fn ask(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let mut server = Server {
        endpoint: Endpoint::at("localhost", place.authx)?,
        transport: place.transport()?,
        body: vec![0; 8192],
    };
    let mut slots = [const { Slot::<ClientSecret<Sandbox>>::vacant() }; 3];
    let [own, wrong, other] = &mut slots;
    let own = own.sandbox("secret", SECRET)?;
    let wrong = wrong.sandbox("secret", "another")?;
    let other = other.sandbox("other", SECRET)?;
    for (name, client, accepted) in [
        ("revocation", own, true),
        ("revocation, wrong client secret", wrong, false),
        ("revocation, another client", other, false),
    ] {
        let mut slot = Slot::vacant();
        let token = server.token(own, &mut slot)?;
        let mut form = RevocationForm::<Sandbox>::new(token);
        client.write(&server.endpoint, &moment()?, &mut form)?;
        let result = server.revoke(&form.request(), form.credential())?;
        report.say(name, accepted, &result);
    }

    let key = std::fs::read_to_string(format!("{}/es256.pem", place.directory))?;
    let mut slot = Slot::<ClientId<Sandbox>>::vacant();
    let client = PrivateKeyJwt {
        client: slot.sandbox("es256")?,
        signer: PemKey::new(&key)?,
        key_id: Some("one"),
        audience: None,
    };
    let mut slot = Slot::vacant();
    let token = server.token(&client, &mut slot)?;
    let mut form = RevocationForm::<Sandbox>::new(token);
    client.write(&server.endpoint, &moment()?, &mut form)?;
    for (name, accepted) in [
        ("es256, revocation", true),
        ("es256, revocation, replayed jti", false),
    ] {
        let result = server.revoke(&form.request(), form.credential())?;
        report.say(name, accepted, &result);
    }
    Ok(())
}

impl Server {
    fn token<'s, M>(
        &mut self,
        client: &M,
        slot: &'s mut Slot<BrokerToken<Sandbox>>,
    ) -> Result<&'s BrokerToken<Sandbox>, Failure>
    where
        M: ClientAuthentication<Environment = Sandbox>,
        M::Error: std::error::Error + 'static,
    {
        let mut form = TokenForm::<Sandbox>::new();
        client.write(&self.endpoint, &moment()?, &mut form)?;
        let reply = self.send(&form.request(), form.credential())?;
        Ok(slot.issue(&IssuedToken::read(&reply)?)?)
    }

    fn revoke(
        &mut self,
        request: &Request<'_, AuthServer>,
        credential: &InBody<Sandbox>,
    ) -> Result<Result<String, String>, Failure> {
        let reply = self.send(request, credential)?;
        Ok(read_revocation::<Sandbox>(&reply)
            .map(|()| ENDED.to_owned())
            .map_err(|error| error.to_string()))
    }

    fn send(
        &mut self,
        request: &Request<'_, AuthServer>,
        credential: &InBody<Sandbox>,
    ) -> Result<Reply<'_>, Failure> {
        let transport = &mut self.transport;
        Ok(transport.send(request, &self.endpoint, credential, &mut self.body)?)
    }
}

fn moment() -> Result<Moment, Failure> {
    let mut entropy = [0; 16];
    ring::rand::SystemRandom::new()
        .fill(&mut entropy)
        .map_err(|_| "no entropy")?;
    let unix = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(Moment { unix, entropy })
}
