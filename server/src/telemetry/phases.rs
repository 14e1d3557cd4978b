//! Where the time of one page went, for `Server-Timing` and the metrics.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// The phases of one page up to its first bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Deciding who may see what, and what to ask.
    pub plan: Duration,
    /// Looking for answers that are there, and starting those that are not.
    pub cache: Duration,
    /// Waiting for the engine, as long as the first bytes wait.
    pub engine: Duration,
    /// Putting it on record.
    pub audit: Duration,
    /// From rows to HTML.
    pub render: Duration,
}

impl Phases {
    /// The value of `Server-Timing`, in milliseconds (W3C Server Timing).
    #[must_use]
    pub fn header(&self, total: Duration) -> String {
        let mut header = String::with_capacity(112);
        for (name, took) in [
            ("plan", self.plan),
            ("cache", self.cache),
            ("engine", self.engine),
            ("audit", self.audit),
            ("render", self.render),
        ] {
            entry(&mut header, name, took);
            header.push_str(", ");
        }
        entry(&mut header, "total", total);
        header
    }
}

/// The same for a page that has no phases.
#[must_use]
pub fn total(total: Duration) -> String {
    let mut header = String::new();
    entry(&mut header, "total", total);
    header
}

fn entry(header: &mut String, name: &str, took: Duration) {
    let millis = took.as_secs_f64() * 1_000.0;
    // Writing to a text does not fail.
    write!(header, "{name};dur={millis:.2}").ok();
}

/// Measures one phase after the other.
#[derive(Debug)]
pub struct Laps(Instant);

impl Laps {
    /// The first begins now.
    #[must_use]
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// How long the phase took that ends now. The next one begins.
    pub fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_told_in_milliseconds() {
        let phases = Phases {
            plan: Duration::from_micros(120),
            engine: Duration::from_millis(30),
            ..Phases::default()
        };

        let header = phases.header(Duration::from_millis(32));

        assert_eq!(
            header,
            "plan;dur=0.12, cache;dur=0.00, engine;dur=30.00, audit;dur=0.00, render;dur=0.00, \
             total;dur=32.00"
        );
    }
}
