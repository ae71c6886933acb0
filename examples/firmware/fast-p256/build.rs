//! Refuses targets that the assembly is not for.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_default();
    if !(target.starts_with("thumbv7em") || target.starts_with("thumbv8m.main")) {
        println!(
            "cargo::error=fast-p256 is assembly for Cortex-M4, M7 and M33 (UMAAL): build for {target} without the patch of p256"
        );
    }
}
