//! Who may call: key headers and HTTP Basic, refused in the ways Alpaca refuses them.

use serde_json::json;

use crate::http::{Answer, Recorded};
use crate::server::Role;

/// Key id of the sandbox's paper account.
pub const PAPER_KEY_ID: &str = "PKSANDBOX00000000000";
/// Secret key of the sandbox's paper account.
pub const PAPER_SECRET: &str = "SANDBOXpXq7Wd2/kR9vTn4LzYc8Gf3JbHs6Ma1Ue";
/// Key id of the sandbox's live account.
pub const LIVE_KEY_ID: &str = "AKSANDBOX00000000000";
/// Secret key of the sandbox's live account.
pub const LIVE_SECRET: &str = "SANDBOXlZi5Vt0/Bw8mKy2PdNh7XrCj4Fs9Gq3Ta";
/// Key of the sandbox's broker partner.
pub const BROKER_KEY_ID: &str = "CKSANDBOX00000000000";
/// Secret of the sandbox's broker partner.
pub const BROKER_SECRET: &str = "SANDBOXbMe6Lu1/Yk4gSx9DoRv3WcPi8Jn5Ht2Za";

/// The pairs that are valid now, per account.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) paper: Vec<(String, String)>,
    pub(crate) live: Vec<(String, String)>,
    pub(crate) broker: Vec<(String, String)>,
}

impl Default for Keys {
    fn default() -> Self {
        let pair = |id: &str, secret: &str| vec![(id.to_owned(), secret.to_owned())];
        Self {
            paper: pair(PAPER_KEY_ID, PAPER_SECRET),
            live: pair(LIVE_KEY_ID, LIVE_SECRET),
            broker: pair(BROKER_KEY_ID, BROKER_SECRET),
        }
    }
}

impl Keys {
    /// Lets the request through, or gives the refusal. The account is named for its rate limit.
    pub(crate) fn check(&self, request: &Recorded) -> Result<&'static str, Answer> {
        let accounts = [
            ("paper", &self.paper),
            ("live", &self.live),
            ("broker", &self.broker),
        ];
        let accepted: &[&str] = match request.role {
            Role::Paper => &["paper"],
            Role::Live => &["live"],
            Role::Data => &["paper", "live"],
            Role::Broker => &["broker"],
            Role::AuthServer => &[],
        };
        let Some((id, secret)) = sent(request) else {
            return Err(match (request.role, request.header("authorization")) {
                (Role::Data, _) => Answer::html(401),
                (_, Some(_)) => Answer::json(401, &json!({"message": "unauthorized."})),
                (_, None) => forbidden(),
            });
        };
        let account = accounts.iter().find(|(account, pairs)| {
            accepted.contains(account) && pairs.iter().any(|pair| pair.0 == id && pair.1 == secret)
        });
        if let Some((account, _)) = account {
            return Ok(account);
        }
        let known = accounts
            .iter()
            .any(|(_, pairs)| pairs.iter().any(|pair| pair.0 == id));
        Err(match request.role {
            Role::Data => Answer::html(401),
            _ if known || well_formed(&id) => Answer::json(
                401,
                &json!({
                    "code": 40110000,
                    "message": "access key verification failed : access key not found (Code = 40110000)",
                }),
            ),
            _ => forbidden(),
        })
    }

    /// Makes a key invalid, whichever account it is of. `false` if there is none of this id.
    pub(crate) fn revoke(&mut self, id: &str) -> bool {
        let mut found = false;
        for pairs in [&mut self.paper, &mut self.live, &mut self.broker] {
            pairs.retain(|pair| {
                found |= pair.0 == id;
                pair.0 != id
            });
        }
        found
    }
}

fn forbidden() -> Answer {
    Answer::json(403, &json!({"message": "forbidden."}))
}

/// Two letters and capitals or digits, 20 or 26 in all.
fn well_formed(id: &str) -> bool {
    let prefix = ["PK", "AK", "CK"]
        .iter()
        .any(|prefix| id.starts_with(prefix));
    let plain = id
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    prefix && plain && matches!(id.len(), 20 | 26)
}

/// The key and secret that the request carries.
fn sent(request: &Recorded) -> Option<(String, String)> {
    if let (Some(id), Some(secret)) = (
        request.header("apca-api-key-id"),
        request.header("apca-api-secret-key"),
    ) {
        return Some((id.to_owned(), secret.to_owned()));
    }
    let basic = request.header("authorization")?.strip_prefix("Basic ")?;
    if request.role != Role::Broker {
        return None;
    }
    let text = String::from_utf8(base64(basic, STANDARD)?).ok()?;
    text.split_once(':')
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

/// The alphabet of base64 (RFC 4648 §4).
pub(crate) const STANDARD: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The alphabet of base64url (RFC 4648 §5), which JOSE uses without padding.
pub(crate) const URL: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Decodes base64; padding belongs to the standard alphabet only.
pub(crate) fn base64(text: &str, alphabet: &[u8; 64]) -> Option<Vec<u8>> {
    let text = if alphabet == STANDARD {
        text.trim_end_matches('=')
    } else {
        text
    };
    let (mut bits, mut count, mut bytes) = (0_u32, 0_u32, Vec::new());
    for digit in text.bytes() {
        let value = alphabet.iter().position(|known| *known == digit)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    // Bits left over say nothing, so they are zero: one spelling only.
    (count < 6 && bits & ((1 << count) - 1) == 0).then_some(bytes)
}
