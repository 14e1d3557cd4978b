//! What a frame reports: whole numbers from a closed set of fields.

use serde::Deserialize;
use weir_registry::Load;

use crate::config::Promise;

/// The longest time that is believed, in milliseconds.
const LONGEST_MS: u32 = 600_000;

/// The largest shift that is believed, in thousandths.
const WILDEST: u32 = 100_000;

/// The most errors of a kind that are believed.
const MOST_ERRORS: u32 = 1000;

/// What one browser says of one page. A field it does not know is left out, and none may stand in
/// it twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The release that the page was made by, as the page was told.
    release: String,
    /// Until the largest part was painted.
    lcp_ms: Option<u32>,
    /// Until anything was painted.
    fcp_ms: Option<u32>,
    /// Until the first byte came.
    ttfb_ms: Option<u32>,
    /// How long the page took to answer its reader.
    inp_ms: Option<u32>,
    /// How much its layout shifted.
    cls_thousandths: Option<u32>,
    /// Errors that a script threw.
    #[serde(default)]
    script_errors: u32,
    /// Promises that were rejected and nobody listened.
    #[serde(default)]
    promise_errors: u32,
}

impl Report {
    /// Reads a report.
    ///
    /// # Errors
    /// Whatever is not one: another field, another type, a number nobody believes.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let report: Self = serde_json::from_slice(body).map_err(|_| Unreadable)?;
        let times = [report.lcp_ms, report.fcp_ms, report.ttfb_ms, report.inp_ms];
        let believable = times.into_iter().flatten().all(|time| time <= LONGEST_MS)
            && report.cls_thousandths.is_none_or(|shift| shift <= WILDEST)
            && report.script_errors.max(report.promise_errors) <= MOST_ERRORS;
        believable.then_some(report).ok_or(Unreadable)
    }

    /// The release that the page was made by.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// What is counted of it.
    #[must_use]
    pub fn load(&self, promise: Promise) -> Load {
        Load {
            lcp: self.lcp_ms,
            fcp: self.fcp_ms,
            ttfb: self.ttfb_ms,
            inp: self.inp_ms,
            cls: self.cls_thousandths,
            slow: self.lcp_ms.is_some_and(|time| time > promise.lcp_ms),
            script_errors: self.script_errors,
            promise_errors: self.promise_errors,
        }
    }
}

/// This is no report. What it was instead is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a report of a page: whole numbers in known fields")]
pub struct Unreadable;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RumConfig;

    fn read(text: &str) -> Result<Report, Unreadable> {
        Report::read(text.as_bytes())
    }

    #[test]
    fn every_field_but_the_release_may_be_missing() {
        let report = read(r#"{"release":"1","lcp_ms":2201}"#).unwrap();

        let load = report.load(RumConfig::default().promise());

        assert!(load.slow && load.fcp.is_none(), "{load:?}");
        assert_eq!(load.measured().len(), 1);
        let on_time = read(r#"{"release":"1","lcp_ms":2200}"#).unwrap();
        assert!(!on_time.load(RumConfig::default().promise()).slow);
        assert!(read("{}").is_err());
    }

    #[test]
    fn what_is_no_whole_believable_number_in_a_known_field_is_refused() {
        for text in [
            "",
            "[]",
            "null",
            r#"{"release":"1","lcp_ms":-1}"#,
            r#"{"release":"1","lcp_ms":1.5}"#,
            r#"{"release":"1","lcp_ms":1e3}"#,
            r#"{"release":"1","lcp_ms":NaN}"#,
            r#"{"release":"1","lcp_ms":Infinity}"#,
            r#"{"release":"1","lcp_ms":"900"}"#,
            r#"{"release":"1","lcp_ms":600001}"#,
            r#"{"release":"1","lcp_ms":99999999999999999999}"#,
            r#"{"release":"1","lcp_ms":1,"lcp_ms":2}"#,
            r#"{"release":"1","cls_thousandths":100001}"#,
            r#"{"release":"1","script_errors":1001}"#,
            r#"{"release":"1","promise_errors":-1}"#,
            r#"{"release":"1","url":"https://crm.example/people/7"}"#,
            r#"{"release":"1","errors":["TypeError: x"]}"#,
            r#"{"release":1}"#,
            r#"{"release":"1"} trailing"#,
        ] {
            assert_eq!(read(text), Err(Unreadable), "{text}");
        }
    }
}
