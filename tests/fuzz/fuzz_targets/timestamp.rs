//! RFC 3339 is read as the `time` crate reads it, with the differences that are stated.
#![no_main]

use alpaca_auth::response::{Timestamp, TimestampError};
use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = core::str::from_utf8(input) else { return };
    let theirs = OffsetDateTime::parse(text, &Rfc3339);
    match Timestamp::parse(text) {
        Ok(ours) => match theirs {
            Ok(theirs) => {
                assert_eq!(ours.seconds, theirs.unix_timestamp(), "{text}");
                assert_eq!(ours.nanoseconds, theirs.nanosecond(), "{text}");
            }
            // Nothing that we read is refused.
            Err(error) => panic!("we read what time refuses: {text}: {error}"),
        },
        // It takes any byte between date and time.
        Err(TimestampError::Form) if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) => {}
        // It takes a leap second where one may stand, and cuts off what is finer than a nanosecond.
        Err(TimestampError::LeapSecond | TimestampError::TooPrecise) => {}
        Err(error) => assert!(theirs.is_err(), "we refuse what time reads: {text}: {error}"),
    }
});
