//! What a credential's text may be, and the error that names the field and never the value.

use core::fmt;

/// Which part of a credential an error speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialField {
    /// `APCA-API-KEY-ID`.
    KeyId,
    /// `APCA-API-SECRET-KEY`.
    SecretKey,
    /// The key (user-id) of the Broker API's HTTP Basic.
    BrokerKey,
    /// The secret (password) of the Broker API's HTTP Basic.
    BrokerSecret,
    /// An OAuth 2.0 access token.
    AccessToken,
    /// An OAuth 2.0 client id.
    ClientId,
    /// An OAuth 2.0 client secret.
    ClientSecret,
    /// A private key that signs client assertions.
    SigningKey,
    /// A token of HashiCorp Vault.
    VaultToken,
    /// A namespace of HashiCorp Vault.
    VaultNamespace,
    /// The role id of a Vault AppRole.
    VaultRoleId,
    /// The secret id of a Vault AppRole.
    VaultSecretId,
    /// An AWS access key id.
    AwsAccessKeyId,
    /// An AWS secret access key.
    AwsSecretKey,
    /// An AWS session token.
    AwsSessionToken,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialFault {
    /// Nothing there. Set it.
    Empty,
    /// Longer than the limit of its kind. Check for text pasted twice.
    TooLong,
    /// A line break (CR or LF). Files often end with one: strip it.
    LineBreak,
    /// A space, tab or other blank. Check how it was copied.
    Space,
    /// A quote. Shells and `.env` files need quotes around, not inside, the value.
    Quote,
    /// A NUL byte or another control character. The source is probably binary or cut off.
    Control,
    /// Not ASCII. Check for typographic characters.
    NotAscii,
    /// A colon in the user-id of HTTP Basic, which RFC 7617 forbids.
    Colon,
    /// A character that RFC 6750 does not allow in a bearer token.
    NotBearer,
    /// No private key of the kind: 0, beyond the curve's order, or another curve or format.
    NotKey,
}

/// A credential that is refused before it is stored. Names the field, never echoes the value.
///
/// ```
/// use alpaca_auth::credential::{CredentialFault, CredentialField, KeyPair, Slot};
/// use alpaca_auth::environment::Paper;
///
/// let mut slot = Slot::<KeyPair<Paper>>::vacant();
/// let error = slot.paper("PKTEST", "\"quoted\"").err().unwrap();
/// assert_eq!(error.field, CredentialField::SecretKey);
/// assert_eq!(error.fault, CredentialFault::Quote);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialError {
    /// The part that is refused.
    pub field: CredentialField,
    /// Why.
    pub fault: CredentialFault,
}

impl fmt::Display for CredentialField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyId => "API key id",
            Self::SecretKey => "API secret key",
            Self::BrokerKey => "broker API key",
            Self::BrokerSecret => "broker API secret",
            Self::AccessToken => "access token",
            Self::ClientId => "client id",
            Self::ClientSecret => "client secret",
            Self::SigningKey => "signing key",
            Self::VaultToken => "Vault token",
            Self::VaultNamespace => "Vault namespace",
            Self::VaultRoleId => "Vault role id",
            Self::VaultSecretId => "Vault secret id",
            Self::AwsAccessKeyId => "AWS access key id",
            Self::AwsSecretKey => "AWS secret access key",
            Self::AwsSessionToken => "AWS session token",
        })
    }
}

impl fmt::Display for CredentialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty; set it",
            Self::TooLong => "is too long; check that it was not pasted twice",
            Self::LineBreak => "holds a line break; strip the end of the line",
            Self::Space => "holds a blank; check how it was copied",
            Self::Quote => "holds a quote; give the value without quotes",
            Self::Control => "holds a control character; check that its source is text",
            Self::NotAscii => "holds a character that is not ASCII; copy it again",
            Self::Colon => "holds a colon, which HTTP Basic does not allow there",
            Self::NotBearer => "holds a character that no bearer token has; copy it again",
            Self::NotKey => "is no private key of the kind; give a P-256 key as PKCS#8",
        })
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {}", self.field, self.fault)
    }
}

impl core::error::Error for CredentialError {}

/// Accepts 1 to `max` bytes of visible ASCII without quotes.
pub(crate) fn visible(
    field: CredentialField,
    value: &str,
    max: usize,
) -> Result<(), CredentialError> {
    let refuse = |fault| Err(CredentialError { field, fault });
    if value.is_empty() {
        return refuse(CredentialFault::Empty);
    }
    if value.len() > max {
        return refuse(CredentialFault::TooLong);
    }
    for byte in value.bytes() {
        let fault = match byte {
            b'\r' | b'\n' => CredentialFault::LineBreak,
            b' ' | b'\t' => CredentialFault::Space,
            b'"' | b'\'' | b'`' => CredentialFault::Quote,
            0x21..=0x7e => continue,
            0x80.. => CredentialFault::NotAscii,
            _ => CredentialFault::Control,
        };
        return refuse(fault);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_forbidden_byte_is_refused_wherever_it_stands() {
        for (text, fault) in [
            ("", CredentialFault::Empty),
            ("a\r", CredentialFault::LineBreak),
            ("a\n", CredentialFault::LineBreak),
            ("\nb", CredentialFault::LineBreak),
            ("a\r\nX:y", CredentialFault::LineBreak),
            ("a b", CredentialFault::Space),
            (" ab", CredentialFault::Space),
            ("ab\t", CredentialFault::Space),
            ("\"ab\"", CredentialFault::Quote),
            ("'ab'", CredentialFault::Quote),
            ("a`b", CredentialFault::Quote),
            ("a\0b", CredentialFault::Control),
            ("a\x1b[0m", CredentialFault::Control),
            ("a\x7f", CredentialFault::Control),
            ("a\u{a0}b", CredentialFault::NotAscii),
            ("\u{feff}ab", CredentialFault::NotAscii),
            ("“ab”", CredentialFault::NotAscii),
            ("123456789", CredentialFault::TooLong),
        ] {
            let error = visible(CredentialField::SecretKey, text, 8).unwrap_err();
            assert_eq!(error.fault, fault, "{text:?}");
        }
        assert!(visible(CredentialField::SecretKey, "a/+=b~!z", 8).is_ok());
    }
}
