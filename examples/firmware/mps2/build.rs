//! Writes `memory.x` for the chosen board. Of the board's megabytes the program gets as much RAM as a
//! small part has, and its stack lies at the start of it: one that grows too far faults at the end of
//! memory instead of overwriting the statics.

use std::{env, fs, path::PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (flash, ram) = match env::var_os("CARGO_FEATURE_AN505") {
        Some(_) => (0x1000_0000, 0x3800_0000),
        None => (0, 0x2000_0000),
    };
    // What RSA of 4096 bits takes, which is twice what ECDSA does: see the README.
    const STACK: u32 = 40 * 1024;
    let text = format!(
        "MEMORY {{\n  FLASH : ORIGIN = {flash:#x}, LENGTH = 512K\n  STACK : ORIGIN = {ram:#x}, LENGTH = {STACK}\n  \
           RAM : ORIGIN = {statics:#x}, LENGTH = 24K\n}}\n\
         _stack_end = ORIGIN(STACK);\n_stack_start = ORIGIN(STACK) + LENGTH(STACK);\n",
        statics = ram + STACK
    );
    let folder = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(error) = fs::write(folder.join("memory.x"), text) {
        println!("cargo::error=cannot write memory.x: {error}");
    }
    println!("cargo::rustc-link-search={}", folder.display());
}
