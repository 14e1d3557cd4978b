//! The `Range` header.

use std::ops::Range;

/// The bytes that `asked` means of `of` bytes; `None` when there are none.
pub(super) fn of(asked: &str, of: usize) -> Option<Range<usize>> {
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first, last) {
        ("", last) => of.saturating_sub(last.parse().ok()?)..of,
        (first, "") => first.parse().ok()?..of,
        (first, last) => first.parse().ok()?..last.parse::<usize>().ok()?.saturating_add(1).min(of),
    };
    (range.start < range.end).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_counted_from_either_end() {
        assert_eq!(of("bytes=0-3", 10), Some(0..4));
        assert_eq!(of("bytes=8-100", 10), Some(8..10));
        assert_eq!(of("bytes=4-", 10), Some(4..10));
        assert_eq!(of("bytes=-3", 10), Some(7..10));
        assert_eq!(of("bytes=10-", 10), None);
    }
}
