//! [`SignedRequest`]: what Signature Version 4 adds to the head of one request.

use core::marker::PhantomData;

use super::credentials::{AWS_TOKEN_MAX, AwsCredentials};
use super::get_secret_value::{GetSecretValue, Region};
use super::sigv4::{Canonical, Scope, put_authorization};
use super::time::AmzDate;
use crate::credential::sealed::Sealed;
use crate::credential::{Credential, Opens};
use crate::endpoint::{Endpoint, SecretManager};
use crate::environment::Environment;
use crate::request::{ContentType, RequestError};
use crate::scheme::AuthField;
use crate::secret::Secret;

/// An access key id, a region, the names of headers and a signature.
const AUTHORIZATION_MAX: usize = 384;

const TARGET: &str = "secretsmanager.GetSecretValue";

/// The authentication of one request to AWS: what Signature Version 4 adds to its head.
///
/// It holds a copy of the session token, and wipes it.
pub struct SignedRequest<E> {
    authorization: Secret<AUTHORIZATION_MAX>,
    date: Secret<16>,
    token: Secret<AWS_TOKEN_MAX>,
    environment: PhantomData<fn() -> E>,
}

impl<E: Environment> SignedRequest<E> {
    /// Nothing signed yet. Put it where it stays, then [`sign`](Self::sign).
    #[must_use]
    pub const fn new() -> Self {
        Self::VACANT
    }

    /// Signs `asked` for this endpoint, region and time (unix seconds).
    ///
    /// # Errors
    /// [`RequestError::HeadTooLong`] when a part does not fit or `now` is after the year 9999;
    /// nothing is signed then.
    pub fn sign(
        &mut self,
        asked: &GetSecretValue,
        endpoint: &Endpoint<SecretManager, E>,
        region: &Region,
        credentials: &AwsCredentials,
        now: u64,
    ) -> Result<(), RequestError> {
        self.wipe();
        let signed = self.put(asked, endpoint, region, credentials, now);
        if signed.is_none() {
            self.wipe();
        }
        signed.ok_or(RequestError::HeadTooLong)
    }

    /// Wipes the signature and the session token. Do so when the request is sent.
    pub fn wipe(&mut self) {
        Sealed::wipe(self);
    }

    fn put(
        &mut self,
        asked: &GetSecretValue,
        endpoint: &Endpoint<SecretManager, E>,
        region: &Region,
        credentials: &AwsCredentials,
        now: u64,
    ) -> Option<()> {
        let date = AmzDate::of(now)?;
        self.date.set(date.bytes()).ok()?;
        credentials
            .token
            .expose(|token| self.token.set(token))
            .ok()?;
        let request = asked.request();
        let content_type = ContentType::AmzJson.text().as_bytes();
        let scope = Scope {
            region: region.text(),
            service: "secretsmanager",
        };
        let authorization = &mut self.authorization;
        self.token.expose(|token| {
            let headers: [(&str, &[u8]); 5] = [
                ("content-type", content_type),
                ("host", endpoint.authority().as_bytes()),
                ("x-amz-date", date.bytes()),
                ("x-amz-target", TARGET.as_bytes()),
                ("x-amz-security-token", token),
            ];
            let count = if token.is_empty() { 4 } else { 5 };
            let canonical = Canonical {
                method: request.method().text(),
                path: request.target(),
                query: "",
                headers: headers.get(..count).unwrap_or_default(),
                body: asked.body.as_bytes(),
            };
            authorization
                .write(|out| put_authorization(&canonical, scope, date, credentials, out))
                .ok()
        })
    }
}

impl<E: Environment> Default for SignedRequest<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Sealed for SignedRequest<E> {
    const VACANT: Self = Self {
        authorization: Secret::new(),
        date: Secret::new(),
        token: Secret::new(),
        environment: PhantomData,
    };

    fn wipe(&mut self) {
        self.authorization.wipe();
        self.date.wipe();
        self.token.wipe();
    }
}

impl<E: Environment> Credential for SignedRequest<E> {
    type Environment = E;

    fn with_fields<R>(&self, read: impl FnOnce(&[AuthField<'_>]) -> R) -> R {
        self.authorization.expose(|authorization| {
            self.date.expose(|date| {
                self.token.expose(|token| {
                    let fields = [
                        AuthField {
                            name: "X-Amz-Target",
                            prefix: TARGET,
                            line: "\r\nX-Amz-Target: secretsmanager.GetSecretValue",
                            secret: b"",
                        },
                        AuthField {
                            name: "X-Amz-Date",
                            prefix: "",
                            line: "\r\nX-Amz-Date: ",
                            secret: date,
                        },
                        AuthField {
                            name: "Authorization",
                            prefix: "AWS4-HMAC-SHA256 ",
                            line: "\r\nAuthorization: AWS4-HMAC-SHA256 ",
                            secret: authorization,
                        },
                        AuthField {
                            name: "X-Amz-Security-Token",
                            prefix: "",
                            line: "\r\nX-Amz-Security-Token: ",
                            secret: token,
                        },
                    ];
                    let count = if token.is_empty() { 3 } else { 4 };
                    read(fields.get(..count).unwrap_or_default())
                })
            })
        })
    }
}

impl<E: Environment> Opens<SecretManager> for SignedRequest<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Slot;
    use crate::environment::Paper;
    use crate::http::{HeadBuffer, write_head};
    use std::string::String;

    fn head(token: Option<&str>, region: &str, now: u64) -> String {
        let mut slot = Slot::<AwsCredentials>::vacant();
        let credentials = slot.aws("AKIDEXAMPLE", "secret", token).unwrap();
        let endpoint = Endpoint::<SecretManager, Paper>::manager("localhost", 5555).unwrap();
        let asked = GetSecretValue::new("alpaca/paper", GetSecretValue::CURRENT).unwrap();
        let mut signed = SignedRequest::new();
        let region = Region::new(region).unwrap();
        signed
            .sign(&asked, &endpoint, &region, credentials, now)
            .unwrap();
        let mut head = HeadBuffer::<1024>::new();
        write_head(&asked.request(), &endpoint, &signed, &mut head).unwrap();
        head.expose(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn the_head_holds_what_was_signed_and_never_the_secret() {
        let text = head(Some("session"), "eu-central-1", 1_440_938_160);
        for line in [
            "POST / HTTP/1.1\r\nHost: localhost:5555\r\n",
            "\r\nX-Amz-Target: secretsmanager.GetSecretValue\r\nX-Amz-Date: 20150830T123600Z\r\n",
            "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/secretsmanager/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=",
            "\r\nX-Amz-Security-Token: session\r\nContent-Type: application/x-amz-json-1.1\r\n",
        ] {
            assert!(text.contains(line), "{line} not in {text}");
        }
        assert!(!text.contains("secret\r") && !text.contains("=secret"));
        let without = head(None, "eu-central-1", 1_440_938_160);
        assert!(!without.contains("oken"));
        assert_ne!(text, head(Some("session"), "eu-central-1", 1_440_938_161));
        assert_ne!(text, head(Some("session"), "eu-central-2", 1_440_938_160));
    }

    #[test]
    fn nothing_is_signed_after_the_year_9999() {
        let mut slot = Slot::<AwsCredentials>::vacant();
        let credentials = slot.aws("AKIDEXAMPLE", "secret", None).unwrap();
        let endpoint = Endpoint::<SecretManager, Paper>::manager("localhost", 5555).unwrap();
        let asked = GetSecretValue::new("n", GetSecretValue::CURRENT).unwrap();
        let mut signed = SignedRequest::new();
        let region = Region::new("eu-central-1").unwrap();
        let refused = signed.sign(&asked, &endpoint, &region, credentials, u64::MAX);
        assert_eq!(refused, Err(RequestError::HeadTooLong));
        assert!(signed.authorization.is_empty() && signed.date.is_empty());
    }
}
