//! Moments on the command line: `2026-03-01T09:30:00Z`, or a day in UTC.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

/// A moment, or the start of a day.
pub(super) fn start(text: &str) -> Result<DateTime<Utc>, String> {
    moment(text).or_else(|_| Ok(midnight(day(text)?)))
}

/// A moment, or the last millisecond of a day.
pub(super) fn end(text: &str) -> Result<DateTime<Utc>, String> {
    let last = |day: NaiveDate| {
        let next = day.checked_add_days(Days::new(1)).ok_or_else(expected)?;
        let last = midnight(next).checked_sub_signed(TimeDelta::milliseconds(1));
        last.ok_or_else(expected)
    };
    moment(text).or_else(|_| last(day(text)?))
}

/// A span as addresses have it; an end that nobody gave is left out.
pub(super) fn span(
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Vec<(&'static str, String)> {
    let ends = [("from", from), ("to", to)];
    let spelled = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let given = ends.into_iter();
    given
        .filter_map(|(name, at)| Some((name, spelled(at?))))
        .collect()
}

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let moment = DateTime::parse_from_rfc3339(text);
    moment.map(|at| at.to_utc()).map_err(|_| expected())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| expected())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn expected() -> String {
    "expected a moment such as `2026-03-01T09:30:00Z`, or a day such as `2026-03-01`".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_starts_at_midnight_and_ends_a_millisecond_before_the_next() {
        let said = |at: Result<DateTime<Utc>, String>| at.unwrap().to_rfc3339();
        assert_eq!(said(start("2026-03-01")), "2026-03-01T00:00:00+00:00");
        assert_eq!(said(end("2026-02-28")), "2026-02-28T23:59:59.999+00:00");
        for read in [start, end] {
            assert_eq!(
                said(read("2026-03-01T09:30:00-05:00")),
                "2026-03-01T14:30:00+00:00"
            );
            assert!(read("yesterday").unwrap_err().contains("2026-03-01"));
            assert!(read("2026-02-30").is_err());
        }
    }
}
