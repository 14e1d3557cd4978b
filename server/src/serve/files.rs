//! File handles: every connection is one.

use std::fs;

/// What Weir needs beside connections: databases, data files, what it asks over the network.
const OTHERS: usize = 64;

/// How many connections this process has file handles for, of `wanted`.
#[must_use]
pub fn connections(wanted: usize) -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let fits = fitting(&limits, wanted);
    if fits < wanted {
        tracing::warn!(
            wanted,
            fits,
            "the limit of open files allows fewer connections"
        );
    }
    fits
}

/// A quarter of the limit is kept, where it is small.
fn fitting(limits: &str, wanted: usize) -> usize {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    let free = |soft: usize| soft.saturating_sub(OTHERS.max(soft / 4)).max(1);
    soft.map_or(wanted, |soft| free(soft).min(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_file_handles_for_the_rest() {
        let limits = |soft: &str| {
            format!("Limit  Soft Limit  Hard Limit  Units\nMax open files  {soft}  524288  files\n")
        };
        assert_eq!(fitting(&limits("256"), 16_384), 192);
        assert_eq!(fitting(&limits("1024"), 16_384), 768);
        assert_eq!(fitting(&limits("524288"), 16_384), 16_384);
        assert_eq!(fitting(&limits("unlimited"), 16_384), 16_384);
        assert_eq!(fitting(&limits("10"), 16_384), 1);
    }

    #[test]
    fn where_no_limit_can_be_read_the_wish_counts() {
        assert_eq!(fitting("", 100), 100);
    }
}
