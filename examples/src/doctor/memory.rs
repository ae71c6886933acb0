//! Whether this machine may write memory, and with it keys, to disk: core dumps and swap.
//!
//! Linux tells in `/proc`; elsewhere nothing is reported.

use std::fs;

use super::Report;

/// Reports what a program that this user starts here would meet.
pub fn memory(report: &mut Report) {
    if let Ok(limits) = fs::read_to_string("/proc/self/limits")
        && let Some(dumps) = dumps_core(&limits)
    {
        report.fact("core_dumps", dumps);
        if dumps {
            report.note(
                "a crash may write the key to disk; ulimit -c 0, or LimitCORE=0 in the service, stops core dumps",
            );
        }
    }
    if let Ok(swaps) = fs::read_to_string("/proc/swaps") {
        let swaps = swaps_to_disk(&swaps);
        report.fact("swap_on_disk", swaps);
        if swaps {
            report.note(
                "memory, with the key, may be swapped to disk; swapoff, encrypt the swap, or MemorySwapMax=0 in \
                 the service",
            );
        }
    }
}

/// Whether the soft limit of core files is above 0.
fn dumps_core(limits: &str) -> Option<bool> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"))?;
    Some(line.split_whitespace().next()? != "0")
}

/// Whether there is swap other than compressed memory. Encrypted swap counts, since it does not show here.
fn swaps_to_disk(swaps: &str) -> bool {
    swaps
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .any(|line| !line.starts_with("/dev/zram"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_decides_over_core_dumps() {
        let limits = |soft| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max stack size            8388608              unlimited            bytes\n\
                 Max core file size        {soft:<20} unlimited            bytes\n"
            )
        };
        assert_eq!(dumps_core(&limits("0")), Some(false));
        assert_eq!(dumps_core(&limits("unlimited")), Some(true));
        assert_eq!(dumps_core(&limits("1024")), Some(true));
        assert_eq!(dumps_core("Max stack size 8388608"), None);
        assert_eq!(dumps_core("Max core file size"), None);
    }

    #[test]
    fn compressed_memory_is_no_disk() {
        let swaps = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        let zram = "/dev/zram0                              partition\t1000\t0\t100\n";
        let file = "/var/swap                               file\t102396\t0\t-2\n";
        assert!(!swaps_to_disk(""));
        assert!(!swaps_to_disk(swaps));
        assert!(!swaps_to_disk(&format!("{swaps}{zram}\n")));
        assert!(swaps_to_disk(&format!("{swaps}{file}")));
        assert!(swaps_to_disk(&format!("{swaps}{zram}{file}")));
    }
}
