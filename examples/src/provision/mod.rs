//! What `provision` is made of: the key's file, the slots it writes, and the line to a device.

mod keys;
mod serial;
mod slots;

pub use keys::KeyFile;
pub use serial::{SILENCE, Serial, import};
pub use slots::{Written, describe, write_next, write_one};

use std::fmt;

use alpaca_auth::credential::{CredentialError, ImportRefusal};
use alpaca_auth::environment::EnvironmentKind;

/// Why nothing was provisioned. Holds nothing of a key.
#[derive(Debug)]
pub enum ProvisionError {
    /// The file of keys is refused.
    KeyFile(String, &'static str),
    /// A half of the pair is no key.
    Credential(String, CredentialError),
    /// The file is no dump of two sectors, and no slot.
    NoDump(String),
    /// What was written reads back otherwise.
    ReadBack(String),
    /// The line to the device does not work.
    Line(std::io::Error),
    /// The device says nothing that is understood.
    Silent,
    /// The device is for another environment. The key was not sent.
    OtherDevice {
        /// The device's.
        device: EnvironmentKind,
        /// The key's.
        key: EnvironmentKind,
    },
    /// The device refuses.
    Refused(ImportRefusal),
}

impl fmt::Display for ProvisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyFile(path, why) => write!(f, "the file of keys {path} {why}"),
            Self::Credential(path, error) => write!(f, "{path}: {error}"),
            Self::NoDump(path) => write!(
                f,
                "{path} is neither a slot nor two sectors; read both sectors of the device into it"
            ),
            Self::ReadBack(path) => write!(
                f,
                "{path} does not hold what was written; check the disk. Nothing was wiped"
            ),
            Self::Line(error) => {
                write!(
                    f,
                    "the line to the device fails: {error}; check cable and permissions"
                )
            }
            Self::Silent => f.write_str(
                "the device does not answer; check its speed, that the line is raw \
                 (stty -F DEVICE 115200 raw -echo), and that the firmware imports keys and its strap \
                 or button is set",
            ),
            Self::OtherDevice { device, key } => write!(
                f,
                "the device's firmware is for {device} and the key is of {key}; the key was not sent"
            ),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for ProvisionError {}
