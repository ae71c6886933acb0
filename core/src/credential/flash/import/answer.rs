//! What a device says to the host: what it holds, what it stored, or why it refuses.

use core::fmt;

use super::super::{
    FlashPair, FlashPlace, FlashSlotError, NotWritten, SealError, environment, tag,
};
use crate::environment::EnvironmentKind;

/// Bytes of an answer's payload.
pub(super) const ANSWER_LEN: usize = 8;

/// What a device says. Holds nothing of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportAnswer {
    /// What is there.
    State {
        /// The environment that the firmware is built for.
        environment: EnvironmentKind,
        /// The sequence number of the slot that counts, if there is one.
        newest: Option<u32>,
    },
    /// The new key was written and read back.
    Stored {
        /// Where.
        place: FlashPlace,
        /// Its number.
        sequence: u32,
    },
    /// Nothing has changed.
    Refused(ImportRefusal),
}

/// Why a device keeps the key it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportRefusal {
    /// The frame was damaged. Send it again; check speed and parity, and that the terminal is raw.
    Line,
    /// Nobody holds the button, or the strap is not set.
    NotAllowed,
    /// A key of another environment than the firmware is built for.
    OtherEnvironment,
    /// What came is no key. Update the program that sent it.
    NoKey,
    /// The flash does not hold what was written: worn, or protected.
    NotWritten,
    /// The device could not seal it: no device key, or no good random numbers.
    NotSealed,
}

impl fmt::Display for ImportRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => {
                "the device got a damaged frame; check speed and parity, and that the line is raw"
            }
            Self::NotAllowed => "the device does not import now; hold its button, or set its strap",
            Self::OtherEnvironment => {
                "the device's firmware is for another environment than the key"
            }
            Self::NoKey => "the device takes what it got for no key; use one version on both sides",
            Self::NotWritten => {
                "the device's flash does not hold what was written; it is worn or protected"
            }
            Self::NotSealed => {
                "the device cannot seal the key; check its device key and its generator"
            }
        })
    }
}

impl core::error::Error for ImportRefusal {}

impl From<FlashSlotError> for ImportRefusal {
    fn from(error: FlashSlotError) -> Self {
        match error {
            FlashSlotError::OtherEnvironment { .. } => Self::OtherEnvironment,
            FlashSlotError::Corrupt => Self::Line,
            _ => Self::NoKey,
        }
    }
}

impl From<SealError> for ImportRefusal {
    fn from(_: SealError) -> Self {
        Self::NotSealed
    }
}

impl From<NotWritten> for ImportRefusal {
    fn from(_: NotWritten) -> Self {
        Self::NotWritten
    }
}

impl ImportAnswer {
    /// What to say after an update: `flash` as it is now, and what
    /// [`SlotUpdate::verify`](crate::credential::SlotUpdate::verify) found.
    #[must_use]
    pub fn stored<const N: usize>(
        flash: &FlashPair<'_, N>,
        verified: Result<(), NotWritten>,
    ) -> Self {
        match (verified, flash.newest()) {
            (Ok(()), Some(newest)) => Self::Stored {
                place: newest.place,
                sequence: newest.sequence,
            },
            _ => Self::Refused(ImportRefusal::NotWritten),
        }
    }

    pub(super) fn write(self) -> [u8; ANSWER_LEN] {
        let (code, detail, known, sequence) = match self {
            Self::State {
                environment,
                newest,
            } => (
                0,
                tag(environment),
                u8::from(newest.is_some()),
                newest.unwrap_or(0),
            ),
            Self::Stored { place, sequence } => {
                (1, u8::from(place == FlashPlace::Second), 1, sequence)
            }
            Self::Refused(refusal) => (2, refusal.code(), 0, 0),
        };
        let [a, b, c, d] = sequence.to_le_bytes();
        [code, detail, known, 0, a, b, c, d]
    }

    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let [code, detail, known, 0, a, b, c, d] = *payload else {
            return None;
        };
        let sequence = u32::from_le_bytes([a, b, c, d]);
        match (code, known) {
            (0, 0 | 1) => Some(Self::State {
                environment: environment(detail)?,
                newest: (known == 1).then_some(sequence),
            }),
            (1, 1) => Some(Self::Stored {
                place: match detail {
                    0 => FlashPlace::First,
                    1 => FlashPlace::Second,
                    _ => return None,
                },
                sequence,
            }),
            (2, 0) => ImportRefusal::ALL
                .into_iter()
                .find(|refusal| refusal.code() == detail)
                .map(Self::Refused),
            _ => None,
        }
    }
}

impl ImportRefusal {
    const ALL: [Self; 6] = [
        Self::Line,
        Self::NotAllowed,
        Self::OtherEnvironment,
        Self::NoKey,
        Self::NotWritten,
        Self::NotSealed,
    ];

    const fn code(self) -> u8 {
        match self {
            Self::Line => 1,
            Self::NotAllowed => 2,
            Self::OtherEnvironment => 3,
            Self::NoKey => 4,
            Self::NotWritten => 5,
            Self::NotSealed => 6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Import, ImportFrame, ImportReceiver};
    use super::*;
    use std::vec::Vec;

    #[test]
    fn every_answer_is_read_as_it_was_written() {
        let mut answers: Vec<_> = ImportRefusal::ALL.map(ImportAnswer::Refused).into();
        for newest in [None, Some(0), Some(u32::MAX)] {
            for environment in [EnvironmentKind::Paper, EnvironmentKind::Live] {
                answers.push(ImportAnswer::State {
                    environment,
                    newest,
                });
            }
        }
        for place in [FlashPlace::First, FlashPlace::Second] {
            answers.push(ImportAnswer::Stored { place, sequence: 7 });
        }
        for answer in answers {
            let (mut frame, mut receiver, mut read) =
                (ImportFrame::new(), ImportReceiver::new(), None);
            frame.answer(answer);
            frame.expose(|bytes| {
                for byte in bytes {
                    if let Some(Import::Answer(answer)) = receiver.push(*byte) {
                        read = Some(answer);
                    }
                }
            });
            assert_eq!(read, Some(answer));
        }
        for wrong in [
            [3, 0, 0, 0],
            [0, b'X', 0, 0],
            [0, b'P', 2, 0],
            [1, 2, 1, 0],
            [1, 0, 0, 0],
            [2, 9, 0, 0],
            [2, 1, 0, 1],
        ] {
            let mut payload = [0; ANSWER_LEN];
            payload[..4].copy_from_slice(&wrong);
            assert_eq!(ImportAnswer::read(&payload), None, "{wrong:?}");
        }
    }
}
