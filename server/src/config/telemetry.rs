//! `[telemetry]`: metrics for Prometheus, traces and metrics by OTLP. All of it is off by default.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::secret_file::{self, SecretFileError};

/// What Weir tells of itself, and to whom.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// The socket that Prometheus asks for `/metrics`.
    pub metrics_bind: Option<SocketAddr>,
    /// Whether that may be reached from other machines. Nobody is asked who they are there.
    pub metrics_on_network: bool,
    /// A collector that takes OTLP over HTTP.
    pub otlp: Option<OtlpConfig>,
}

/// A collector, and what it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtlpConfig {
    /// Its address, without `/v1/traces`.
    pub endpoint: Url,
    /// The `Authorization` that it asks for.
    pub authorization: Option<SecretString>,
    /// A file with it.
    pub authorization_file: Option<PathBuf>,
    /// Whether it is sent traces.
    #[serde(default = "yes")]
    pub traces: bool,
    /// The part of requests that are traced, from 0 to 1.
    #[serde(default = "one_in_twenty")]
    pub trace_ratio: f64,
    /// Whether it is sent metrics.
    #[serde(default = "yes")]
    pub metrics: bool,
    /// How often, in seconds.
    #[serde(default = "a_minute")]
    pub metrics_every_s: u64,
}

fn yes() -> bool {
    true
}

fn one_in_twenty() -> f64 {
    0.05
}

fn a_minute() -> u64 {
    60
}

impl TelemetryConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_open = |bind: &SocketAddr| !bind.ip().is_loopback();
        if self.metrics_bind.as_ref().is_some_and(is_open) && !self.metrics_on_network {
            return Err(ConfigError::Invalid {
                key: "telemetry.metrics_bind",
                problem: "expected a loopback address, or `metrics_on_network = true`: whoever \
                          reaches it reads it",
            });
        }
        self.otlp.as_ref().map_or(Ok(()), OtlpConfig::check)
    }
}

impl OtlpConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key, problem| Err(ConfigError::Invalid { key, problem });
        let url = &self.endpoint;
        let is_web = matches!(url.scheme(), "http" | "https");
        let is_plain = url.query().is_none() && url.fragment().is_none();
        if !is_web || !is_plain || !url.username().is_empty() || url.password().is_some() {
            return invalid(
                "telemetry.otlp.endpoint",
                "expected http or https, without query, name or password: `http://127.0.0.1:4318`",
            );
        }
        if !(0.0..=1.0).contains(&self.trace_ratio) {
            return invalid("telemetry.otlp.trace_ratio", "expected 0 to 1");
        }
        if self.metrics_every_s == 0 {
            return invalid("telemetry.otlp.metrics_every_s", "expected at least 1");
        }
        if self.authorization.is_some() && self.authorization_file.is_some() {
            return invalid(
                "telemetry.otlp.authorization",
                "give either `authorization` or `authorization_file`, not both",
            );
        }
        Ok(())
    }

    /// The `Authorization` that the collector asks for.
    ///
    /// # Errors
    /// When the file can't be used.
    pub fn authorization(&self) -> Result<Option<SecretString>, SecretFileError> {
        match &self.authorization_file {
            Some(file) => Ok(Some(secret_file::read(file)?)),
            None => Ok(self.authorization.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format as _, Toml};

    use super::*;

    fn checked(text: &str) -> Result<TelemetryConfig, String> {
        let read = Figment::from(Toml::string(text)).extract::<TelemetryConfig>();
        let config = read.map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn nothing_is_told_unless_somebody_says_so() {
        let config = checked("").unwrap();

        assert!(config.metrics_bind.is_none() && config.otlp.is_none());
    }

    #[test]
    fn metrics_are_opened_to_a_network_in_so_many_words_only() {
        let open = "metrics_bind = '0.0.0.0:9464'";

        let refused = checked(open).unwrap_err();
        assert!(refused.contains("metrics_on_network"), "{refused}");
        assert!(checked(&format!("{open}\nmetrics_on_network = true")).is_ok());
        assert!(checked("metrics_bind = '127.0.0.1:9464'").is_ok());
        assert!(checked("metrics_bind = '[::1]:9464'").is_ok());
    }

    #[test]
    fn a_collector_that_cannot_be_meant_is_refused_by_its_key() {
        let fine = "[otlp]\nendpoint = 'http://127.0.0.1:4318'\n";
        assert!(checked(fine).is_ok());
        for (more, key) in [
            ("trace_ratio = 1.5", "trace_ratio"),
            ("trace_ratio = nan", "trace_ratio"),
            ("metrics_every_s = 0", "metrics_every_s"),
            (
                "authorization = 'a'\nauthorization_file = 'b'",
                "authorization",
            ),
            ("token = 'a'", "token"),
        ] {
            let refused = checked(&format!("{fine}{more}")).unwrap_err();
            assert!(refused.contains(key), "{refused}");
        }
        for endpoint in ["ftp://x", "http://me:secret@x", "http://x?y=z"] {
            let refused = checked(&format!("[otlp]\nendpoint = '{endpoint}'")).unwrap_err();
            assert!(
                refused.contains("endpoint") && !refused.contains("secret"),
                "{refused}"
            );
        }
    }

    #[test]
    fn what_the_collector_asks_for_is_in_a_file_or_in_the_configuration_and_never_printed() {
        use secrecy::ExposeSecret as _;
        let text = "[otlp]\nendpoint = 'http://127.0.0.1:4318'\nauthorization = 'Bearer canary'";

        let otlp = checked(text).unwrap().otlp.unwrap();

        assert!(!format!("{otlp:?}").contains("canary"));
        let secret = otlp.authorization().unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "Bearer canary");
    }
}
