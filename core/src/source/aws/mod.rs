//! AWS Secrets Manager: `GetSecretValue`, signed by SigV4.
//!
//! | part | job |
//! |---|---|
//! | [`AwsCredentials`] | access key, and the session token of a role |
//! | [`Profile`] | those out of a profile file |
//! | [`read_credentials`] | those out of a reply of the container or instance metadata service |
//! | [`GetSecretValue`] | which secret, at which stage |
//! | [`SignedRequest`] | the authentication of one request, by Signature Version 4 |
//! | [`SecretVersion`] | which version the reply holds |
//!
//! A signature is good for one request and for five minutes. The clock of this machine must be right.
//!
//! ```
//! use alpaca_auth::credential::Slot;
//! use alpaca_auth::endpoint::{Endpoint, SecretManager};
//! use alpaca_auth::environment::Paper;
//! use alpaca_auth::source::aws::{AwsCredentials, GetSecretValue, Region, SignedRequest};
//!
//! let mut slot = Slot::<AwsCredentials>::vacant();
//! let credentials = slot.aws("AKIDEXAMPLE", "not-a-real-secret", None)?;
//! let region = Region::new("eu-central-1")?;
//! let host = "secretsmanager.eu-central-1.amazonaws.com"; // yours: a VPC endpoint has another
//! let endpoint = Endpoint::<SecretManager, Paper>::manager(host, 443)?;
//!
//! let asked = GetSecretValue::new("alpaca/paper", GetSecretValue::CURRENT)?;
//! let now = 1_795_600_000; // unix seconds
//! let mut signed = SignedRequest::<Paper>::new();
//! signed.sign(&asked, &endpoint, &region, credentials, now)?;
//! // transport.send(&asked.request(), &endpoint, &signed, &mut body), then
//! // asked.read(&reply, now, &mut found)
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Sources: AWS Secrets Manager API Reference; IAM User Guide, "AWS Signature Version 4".

mod credentials;
mod error;
mod get_secret_value;
mod profile;
mod signed_request;
mod sigv4;
mod time;

pub use credentials::{
    AWS_TOKEN_MAX, AwsCredentials, CredentialsFault, EXPIRES_EARLY, read_credentials,
};
pub use error::AwsError;
pub use get_secret_value::{GetSecretValue, Region, SECRET_ID_MAX, STAGE_MAX, SecretVersion};
pub use profile::{Profile, ProfileError};
pub use signed_request::SignedRequest;
