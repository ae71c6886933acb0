//! Counts copies of a secret in the memory of this process.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use zeroize::Zeroize;

/// The pattern is kept masked by this, so that it is no copy itself.
pub const MASK: u8 = 0x5a;
/// glibc overwrites the first 16 bytes of a freed chunk, so the pattern is the secret's tail.
pub const TAIL: usize = 20;

/// Occurrences of the pattern in all readable memory but the scanner's own buffer.
///
/// # Panics
/// When the process cannot read its own memory.
#[must_use]
pub fn count(pattern: &[u8]) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").expect("the memory map");
    let memory = File::open("/proc/self/mem").expect("the memory");
    let mut buffer = vec![0_u8; 1 << 16];
    let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + buffer.len() as u64;
    let mut found = 0;
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').expect("a range");
        if !rest.starts_with('r') || line.ends_with("[vvar]") || line.ends_with("[vsyscall]") {
            continue;
        }
        let (start, end) = range.split_once('-').expect("two ends");
        let parse = |text| u64::from_str_radix(text, 16).expect("an address");
        let (mut at, end) = (parse(start), parse(end));
        // The buffer is part of a region: scan what is before and after it.
        while at < end {
            if own.contains(&at) {
                at = own.end;
                continue;
            }
            let stop = if at < own.start {
                end.min(own.start)
            } else {
                end
            };
            let want = usize::try_from(stop - at).expect("fits").min(buffer.len());
            let Ok(read) = memory.read_at(&mut buffer[..want], at) else {
                break;
            };
            if read == 0 {
                break;
            }
            found += buffer[..read]
                .windows(pattern.len())
                .filter(|window| {
                    window
                        .iter()
                        .zip(pattern)
                        .all(|(byte, masked)| byte ^ MASK == *masked)
                })
                .count();
            let read = read as u64;
            // Overlap, so that an occurrence across two reads is seen, but only once.
            at += if at + read < stop {
                read - (pattern.len() as u64 - 1)
            } else {
                read
            };
        }
    }
    buffer.zeroize();
    found
}
