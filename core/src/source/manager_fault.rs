//! [`ManagerFault`]: why a secret manager gave nothing, and what all of them have in common.

use core::fmt;

#[cfg(feature = "aws")]
use super::aws::{AwsError, CredentialsFault, ProfileError};
#[cfg(feature = "google")]
use super::google::{GoogleError, ServiceAccountError};
#[cfg(feature = "vault")]
use super::vault::VaultError;
use crate::request::RequestError;

/// Why a secret manager gave nothing. Holds codes and names, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManagerFault {
    /// Vault's answer.
    #[cfg(feature = "vault")]
    Vault(VaultError),
    /// The answer of AWS Secrets Manager.
    #[cfg(feature = "aws")]
    Aws(AwsError),
    /// The metadata service of AWS.
    #[cfg(feature = "aws")]
    AwsCredentials(CredentialsFault),
    /// The AWS profile file.
    #[cfg(feature = "aws")]
    AwsProfile(ProfileError),
    /// Google's answer.
    #[cfg(feature = "google")]
    Google(GoogleError),
    /// The service account file of Google.
    #[cfg(feature = "google")]
    ServiceAccount(ServiceAccountError),
    /// The request could not be written. Nothing was sent.
    Request(RequestError),
    /// The manager could not be reached, or gave no complete answer.
    Network(NetworkFault),
    /// This machine's clock is not set: it says a time before 2020.
    Clock,
}

/// How far a request to a secret manager came. The transport's own error says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkFault {
    /// Its host name has no address.
    HostNotFound,
    /// No connection.
    Connect,
    /// The server could not be verified. Nothing was sent.
    NotVerified,
    /// No complete answer in time.
    Timeout,
    /// The connection broke before the answer was complete.
    Lost,
    /// It redirects, which is not followed.
    Redirect,
    /// The answer is malformed.
    Malformed,
    /// The answer is longer than there is room for.
    TooLarge,
    /// The address is none that credentials are served at.
    AddressRefused,
    /// What stands between, or the HTTP library, failed otherwise.
    Other,
}

impl fmt::Display for ManagerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "vault")]
            Self::Vault(error) => error.fmt(f),
            #[cfg(feature = "aws")]
            Self::Aws(error) => error.fmt(f),
            #[cfg(feature = "aws")]
            Self::AwsCredentials(error) => error.fmt(f),
            #[cfg(feature = "aws")]
            Self::AwsProfile(error) => error.fmt(f),
            #[cfg(feature = "google")]
            Self::Google(error) => error.fmt(f),
            #[cfg(feature = "google")]
            Self::ServiceAccount(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::Network(fault) => fault.fmt(f),
            Self::Clock => {
                f.write_str("this machine's clock is not set; set it, for example by NTP")
            }
        }
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostNotFound => "its host name has no address; check the name and the name server",
            Self::Connect => "there is no connection to it; check host, port and firewalls",
            Self::NotVerified => {
                "its certificate could not be verified; check the host, or trust its CA"
            }
            Self::Timeout => "it gave no complete answer in time; check that it runs",
            Self::Lost => "the connection to it broke; check it and what stands between",
            Self::Redirect => {
                "it redirects, which is not followed; give the host that it redirects to"
            }
            Self::Malformed => "its answer is malformed; check the host and what stands between",
            Self::TooLarge => {
                "its answer is longer than a key can need; store the key in a secret of its own"
            }
            Self::AddressRefused => {
                "credentials are only taken from the addresses where clouds serve them; check the URL in the environment"
            }
            Self::Other => "the request failed; check the host and what stands between",
        })
    }
}

impl core::error::Error for ManagerFault {}
impl core::error::Error for NetworkFault {}
