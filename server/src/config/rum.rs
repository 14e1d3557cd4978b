//! `[rum]`: what browsers tell of the pages they were given, and what is promised of them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;
use weir_registry::Label;

use super::ConfigError;

/// Nobody waits longer, and a browser that says so is not believed.
const LONGEST_MS: u32 = 600_000;

/// Real-user monitoring: which frames report, and what is promised.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RumConfig {
    /// Which part of the frames reports: 1 is all of them, 0 none.
    pub sample: Decimal,
    /// Until when the largest part of a dashboard is to be painted, in milliseconds.
    pub lcp_budget_ms: u32,
    /// For which part of the pages that is promised.
    pub objective: Decimal,
    /// What this release is called in reports; its version unless said.
    pub release: Option<String>,
    /// How many reports the frames of one launch and its renewals may send in a minute.
    pub per_token_per_minute: u32,
    /// How many reports a process takes in a second.
    pub per_second: u32,
    /// For how many combinations of dashboard, business unit, host and release a process keeps
    /// histograms in a day.
    pub max_series: usize,
}

/// What is promised: so many pages paint their largest part so soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Until when, in milliseconds.
    pub lcp_ms: u32,
    /// For which part of the pages.
    pub objective: Decimal,
}

impl Default for RumConfig {
    fn default() -> Self {
        Self {
            sample: Decimal::ONE,
            lcp_budget_ms: 2200,
            objective: Decimal::new(75, 2),
            release: None,
            per_token_per_minute: 12,
            per_second: 200,
            max_series: 2000,
        }
    }
}

impl RumConfig {
    /// Checks every key.
    ///
    /// # Errors
    /// [`ConfigError`] names the first that can't be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key, problem| Err(ConfigError::Invalid { key, problem });
        if !(Decimal::ZERO..=Decimal::ONE).contains(&self.sample) {
            return invalid("rum.sample", "expected a part of one, such as 0.25");
        }
        if !(1..=LONGEST_MS).contains(&self.lcp_budget_ms) {
            return invalid("rum.lcp_budget_ms", "expected 1 to 600000 milliseconds");
        }
        // A promise for all pages has no room for a single slow one, and nothing burns.
        if self.objective <= Decimal::ZERO || self.objective >= Decimal::ONE {
            return invalid(
                "rum.objective",
                "expected a part of one between 0 and 1, such as 0.75",
            );
        }
        if self.per_token_per_minute == 0 || self.per_second == 0 || self.max_series == 0 {
            return invalid(
                "rum",
                "expected limits of at least 1; `sample = 0` stops reports",
            );
        }
        self.release().map(|_| ())
    }

    /// What this release is called.
    ///
    /// # Errors
    /// When it is no name.
    pub fn release(&self) -> Result<Label, ConfigError> {
        let name = self.release.as_deref();
        Label::parse(name.unwrap_or(env!("CARGO_PKG_VERSION"))).map_err(|_| ConfigError::Invalid {
            key: "rum.release",
            problem: "expected a short name of letters, digits, `.`, `-` and `_`",
        })
    }

    /// What is promised.
    #[must_use]
    pub fn promise(&self) -> Promise {
        Promise {
            lcp_ms: self.lcp_budget_ms,
            objective: self.objective,
        }
    }

    /// Of so many draws out of 2^32, so many report.
    #[must_use]
    pub fn drawn(&self) -> u64 {
        let all = Decimal::from(1_u64 << 32);
        (self.sample * all).to_u64().unwrap_or_default()
    }
}

impl Promise {
    /// The part of the pages that may be slow.
    #[must_use]
    pub fn allowance(&self) -> Decimal {
        Decimal::ONE - self.objective
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format as _, Toml};

    use super::*;

    fn read(text: &str) -> RumConfig {
        Figment::from(Toml::string(text)).extract().unwrap()
    }

    fn refused(text: &str) -> String {
        read(text).check().unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_said_is_the_promise_of_the_product() {
        let config = read("");

        config.check().unwrap();
        assert_eq!(config.promise().lcp_ms, 2200);
        assert_eq!(config.promise().allowance(), Decimal::new(25, 2));
        assert_eq!(config.drawn(), 1 << 32);
        assert_eq!(
            config.release().unwrap().as_str(),
            env!("CARGO_PKG_VERSION")
        );
    }

    #[test]
    fn what_promises_nothing_or_too_much_is_refused_by_name() {
        for (text, key) in [
            ("sample = 1.5", "rum.sample"),
            ("sample = -1", "rum.sample"),
            ("lcp_budget_ms = 0", "rum.lcp_budget_ms"),
            ("objective = 1.0", "rum.objective"),
            ("objective = 0", "rum.objective"),
            ("per_second = 0", "rum"),
            ("release = \"two words\"", "rum.release"),
        ] {
            let said = refused(text);
            assert!(said.contains(&format!("`{key}`")), "{text}: {said}");
        }
    }

    #[test]
    fn half_of_the_frames_is_half_of_the_draws() {
        let config = read("sample = 0.5");

        assert_eq!(config.drawn(), 1 << 31);
    }
}
