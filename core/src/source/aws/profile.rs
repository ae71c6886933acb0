//! [`Profile`]: an access key out of the text of a profile file (`~/.aws/credentials`).

use core::fmt;

use super::AwsCredentials;
use crate::credential::{CredentialError, CredentialField, Slot};

/// Names one section of a profile file.
///
/// ```
/// use alpaca_auth::credential::Slot;
/// use alpaca_auth::source::aws::{AwsCredentials, Profile};
///
/// let file = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = not-a-real-secret\n";
/// let mut slot = Slot::<AwsCredentials>::vacant();
/// assert!(Profile::new("default").read(file, &mut slot).is_ok());
/// assert!(Profile::new("other").read(file, &mut slot).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile<'n>(&'n str);

/// Why a profile file gives no access key. Names the part, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// The file has no such section.
    NoProfile,
    /// The section stands there twice, so it is not certain which is meant.
    TwoProfiles,
    /// A part is missing: half a key is never completed from another source.
    Missing(CredentialField),
    /// A part stands there twice.
    Repeated(CredentialField),
    /// The section names another way to get credentials, which is not supported here: a role, single
    /// sign-on, or a process.
    Unsupported,
    /// A part is no credential.
    Refused(CredentialError),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProfile => f.write_str(
                "the AWS profile file has no such profile; check AWS_PROFILE, or add the profile",
            ),
            Self::TwoProfiles => {
                f.write_str("the AWS profile file has the profile twice; keep one")
            }
            Self::Missing(field) => write!(f, "the AWS profile has no {field}; add it"),
            Self::Repeated(field) => write!(f, "the AWS profile has the {field} twice; keep one"),
            Self::Unsupported => f.write_str(
                "the AWS profile holds no access key but another way to get one, which is not supported; give an access key, or run where a role's credentials are served",
            ),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ProfileError {}

impl<'n> Profile<'n> {
    /// The profile with this name; AWS's default is `default`.
    #[must_use]
    pub const fn new(name: &'n str) -> Self {
        Self(name)
    }

    /// Fills `slot` from the text of the file; the slot is vacant on an error. Wipe the text.
    ///
    /// Lines are `[section]` and `name = value`; `#` and `;` begin a comment line. Names are known in
    /// any letter case. Both `[name]` and `[profile name]` name a section.
    ///
    /// # Errors
    /// [`ProfileError`] says what is missing or wrong.
    pub fn read<'s>(
        self,
        file: &str,
        slot: &'s mut Slot<AwsCredentials>,
    ) -> Result<&'s AwsCredentials, ProfileError> {
        slot.clear();
        let (mut inside, mut sections) = (false, 0_u32);
        let (mut id, mut secret, mut token) = (None, None, None);
        let mut other = false;
        for line in file.strip_prefix('\u{feff}').unwrap_or(file).lines() {
            let text = line.trim();
            if text.is_empty() || text.starts_with(['#', ';']) {
                continue;
            }
            if let Some(section) = text.strip_prefix('[') {
                inside = self.names(section);
                sections = sections.saturating_add(u32::from(inside));
                continue;
            }
            let Some((name, value)) = text.split_once('=').filter(|_| inside) else {
                continue;
            };
            let is = |known: &str| name.trim().eq_ignore_ascii_case(known);
            let (place, field) = if is("aws_access_key_id") {
                (&mut id, CredentialField::AwsAccessKeyId)
            } else if is("aws_secret_access_key") {
                (&mut secret, CredentialField::AwsSecretKey)
            } else if is("aws_session_token") {
                (&mut token, CredentialField::AwsSessionToken)
            } else {
                other |= [
                    "role_arn",
                    "sso_session",
                    "sso_start_url",
                    "credential_process",
                    "web_identity_token_file",
                ]
                .into_iter()
                .any(is);
                continue;
            };
            if place.replace(value.trim()).is_some() {
                return Err(ProfileError::Repeated(field));
            }
        }
        match (sections, id, secret) {
            (0, ..) => Err(ProfileError::NoProfile),
            (2.., ..) => Err(ProfileError::TwoProfiles),
            (_, None, None) if other => Err(ProfileError::Unsupported),
            (_, None, _) => Err(ProfileError::Missing(CredentialField::AwsAccessKeyId)),
            (_, _, None) => Err(ProfileError::Missing(CredentialField::AwsSecretKey)),
            (_, Some(id), Some(secret)) => {
                slot.aws(id, secret, token).map_err(ProfileError::Refused)
            }
        }
    }

    fn names(self, section: &str) -> bool {
        let end = section.find(']').unwrap_or(section.len());
        let (name, _) = section.split_at_checked(end).unwrap_or_default();
        let name = name.trim();
        let stripped = name.strip_prefix("profile ").map(str::trim_start);
        name == self.0 || stripped == Some(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::CredentialFault;

    fn read(file: &str) -> Result<(), ProfileError> {
        let mut slot = Slot::<AwsCredentials>::vacant();
        let result = Profile::new("work").read(file, &mut slot).map(|_| ());
        assert_eq!(slot.get().is_some(), result.is_ok(), "{file}");
        result
    }

    #[test]
    fn a_profile_that_is_not_whole_is_refused_by_name() {
        use CredentialField as F;
        use ProfileError as P;
        for (file, fault) in [
            ("", P::NoProfile),
            ("aws_access_key_id=a\naws_secret_access_key=s", P::NoProfile),
            (
                "[default]\naws_access_key_id=a\naws_secret_access_key=s",
                P::NoProfile,
            ),
            (
                "[working]\naws_access_key_id=a\naws_secret_access_key=s",
                P::NoProfile,
            ),
            ("[work]\n", P::Missing(F::AwsAccessKeyId)),
            (
                "[work]\naws_access_key_id=a\n[default]\naws_secret_access_key=s",
                P::Missing(F::AwsSecretKey),
            ),
            (
                "[work]\naws_secret_access_key=s",
                P::Missing(F::AwsAccessKeyId),
            ),
            (
                "[work]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=default",
                P::Unsupported,
            ),
            (
                "[work]\naws_access_key_id=a\naws_access_key_id=b\naws_secret_access_key=s",
                P::Repeated(F::AwsAccessKeyId),
            ),
            (
                "[work]\naws_access_key_id=a\naws_secret_access_key=s\n[profile work]\n",
                P::TwoProfiles,
            ),
            (
                "[work]\naws_access_key_id=a\naws_secret_access_key=",
                P::Refused(CredentialError {
                    field: F::AwsSecretKey,
                    fault: CredentialFault::Empty,
                }),
            ),
            (
                "[work]\naws_access_key_id=\"a\"\naws_secret_access_key=s",
                P::Refused(CredentialError {
                    field: F::AwsAccessKeyId,
                    fault: CredentialFault::Quote,
                }),
            ),
        ] {
            assert_eq!(read(file), Err(fault), "{file}");
        }
        for file in [
            "[default]\nregion=x\n[ work ]\r\nAWS_ACCESS_KEY_ID = a\r\n# aws_access_key_id=b\r\naws_secret_access_key = s=/+\r\n",
            "\u{feff}[profile work]\naws_access_key_id=a\naws_secret_access_key=s\naws_session_token=t\n",
        ] {
            assert_eq!(read(file), Ok(()), "{file}");
        }
    }
}
