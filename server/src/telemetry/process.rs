//! What the operating system says of this process. Where there is no `/proc`, nothing is said.

use std::fs;

use super::metrics::Metrics;

/// Reads it once.
pub(super) fn observe(metrics: &Metrics) {
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        if let Some(kilobytes) = number(&status, "VmRSS:") {
            metrics.resident.set([], kilobytes * 1_024.0);
        }
        if let Some(threads) = number(&status, "Threads:") {
            metrics.threads.set([], threads);
        }
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        let open = u32::try_from(open.count()).unwrap_or(u32::MAX);
        metrics.files.set([], f64::from(open));
    }
    if let Ok(limits) = fs::read_to_string("/proc/self/limits")
        && let Some(most) = number(&limits, "Max open files")
    {
        metrics.most_files.set([], most);
    }
}

/// The first number after `name`.
fn number(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_after_a_name_is_read_and_nothing_else() {
        let text = "VmHWM:\t  10 kB\nVmRSS:\t  2048 kB\nMax open files   1024   4096  files\n";

        assert_eq!(number(text, "VmRSS:"), Some(2_048.0));
        assert_eq!(number(text, "Max open files"), Some(1_024.0));
        assert_eq!(number(text, "Threads:"), None);
    }
}
