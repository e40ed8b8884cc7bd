//! What the system says of this process and its host: read from `/proc`, where there is one.

use std::fs::read_to_string;

/// Ticks of a second in `/proc/self/stat`: the same on every Linux.
const TICKS: f64 = 100.0;
/// Bytes of a page in `/proc/self/statm` where the system doesn't say.
const PAGE_BYTES: f64 = 4096.0;

/// What a process uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Used {
    /// Bytes of memory.
    pub(super) memory_bytes: f64,
    /// Seconds of processors.
    pub(super) cpu_s: f64,
    /// Seconds since 1970 when it started.
    pub(super) started_s: f64,
}

/// Returns the name of this host.
#[must_use]
pub fn host_name() -> String {
    let name = read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "this host".to_owned() } else { name.to_owned() }
}

/// Returns how many files this process may have open; `None` where nobody can say, or without a limit.
#[must_use]
pub fn most_files() -> Option<u64> {
    most_files_in(&read_to_string("/proc/self/limits").ok()?)
}

fn most_files_in(limits: &str) -> Option<u64> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok())
}

pub(super) fn open_files() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}

pub(super) fn used() -> Option<Used> {
    let [stat, statm, system] =
        ["/proc/self/stat", "/proc/self/statm", "/proc/stat"].map(|file| read_to_string(file).ok());
    used_in(&stat?, &statm?, &system?)
}

fn used_in(stat: &str, statm: &str, system: &str) -> Option<Used> {
    // The name of the program stands in brackets, and may hold anything.
    let after_name = stat.rsplit_once(')')?.1;
    let fields: Vec<f64> = after_name.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
    let (user, kernel, start) = (fields.get(11)?, fields.get(12)?, fields.get(19)?);
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    let booted: f64 = system.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())?;
    Some(Used { memory_bytes: pages * PAGE_BYTES, cpu_s: (user + kernel) / TICKS, started_s: booted + start / TICKS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_read_whatever_the_program_is_called() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 3 0 1000 9 9 9";
        let used = used_in(stat, "900 100 50 1 0 200 0", "cpu 1 2\nbtime 1700000000\n").unwrap();
        assert_eq!(used, Used { memory_bytes: 409_600.0, cpu_s: 3.0, started_s: 1_700_000_010.0 });
        assert_eq!(used_in("7 (a", "", ""), None);
    }

    #[test]
    fn a_limit_of_files_is_read_and_none_is_none() {
        let limits = "Limit   Soft Limit  Hard Limit  Units\nMax open files            65536                524288               files\n";
        assert_eq!(most_files_in(limits), Some(65_536));
        assert_eq!(most_files_in("Max open files   unlimited unlimited files"), None);
    }

    #[test]
    fn this_process_uses_something() {
        let used = used().unwrap();
        assert!(used.memory_bytes > 0.0 && used.started_s > 1_600_000_000.0);
        assert!(open_files().unwrap() > 0);
        assert!(!host_name().is_empty());
    }
}
