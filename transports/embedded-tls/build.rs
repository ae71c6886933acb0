//! States the day of the build: an earlier time cannot be right, so certificates are not judged by it.
//! `SOURCE_DATE_EPOCH` (reproducible-builds.org) takes precedence over the clock.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let given = std::env::var("SOURCE_DATE_EPOCH").ok();
    let seconds = match given.map(|text| text.trim().parse::<u64>()) {
        Some(Ok(seconds)) => seconds,
        Some(Err(_)) => {
            println!("cargo::error=SOURCE_DATE_EPOCH must be unix seconds");
            return;
        }
        None => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    };
    println!("cargo::rustc-env=ALPACA_AUTH_BUILD_DAY={}", seconds / DAY);
}
