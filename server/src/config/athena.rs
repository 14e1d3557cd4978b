//! `[engine]` and `[athena]`: who computes, and how Athena is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use url::Url;
use weir_engine::{AthenaConfig, Profile, Quotas};
use weir_identity::is_loopback;
use weir_policy::BusinessUnit;

use super::{Config, ConfigError};

/// Who computes answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineConfig {
    /// Which engine.
    pub kind: EngineKind,
}

/// Which engine computes answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// The one inside the server, over a folder.
    #[default]
    Embedded,
    /// Amazon Athena, over tables in Glue.
    Athena,
}

/// Which Athena to ask, and as whom.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AthenaSection {
    /// The AWS region.
    pub region: String,
    /// A simulator, or an endpoint of one's own network, in the place of all AWS addresses.
    pub endpoint: Option<Url>,
    /// The workgroup of everybody without one of their own.
    pub workgroup: String,
    /// The role to assume; the process's own, if nothing is said.
    pub role_arn: Option<String>,
    /// How old a result may be that Athena takes from an earlier query; never, if nothing is said.
    pub result_reuse_s: Option<u64>,
    /// How much of the account's quotas all processes together may use.
    #[serde(default)]
    pub quotas: QuotasSection,
    /// Business units with a workgroup or a role of their own.
    #[serde(default)]
    pub units: BTreeMap<BusinessUnit, UnitSection>,
}

/// Quotas, by default those AWS documents.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotasSection {
    /// Queries started a second.
    pub starts_per_second: u32,
    /// Queries started at once after a pause.
    pub start_burst: u32,
    /// Looks at queries and results a second.
    pub polls_per_second: u32,
    /// Looks at once after a pause.
    pub poll_burst: u32,
    /// Looks at up to 50 queries each a second.
    pub batch_polls_per_second: u32,
    /// Queries running or queued at Athena at one time.
    pub active_queries: u32,
}

/// A business unit's own way to Athena.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitSection {
    /// Its workgroup.
    pub workgroup: String,
    /// Its role.
    pub role_arn: Option<String>,
}

impl Default for QuotasSection {
    fn default() -> Self {
        let Quotas {
            starts_per_second,
            start_burst,
            polls_per_second,
            poll_burst,
            batch_polls_per_second,
            active_queries,
        } = Quotas::default();
        Self {
            starts_per_second,
            start_burst,
            polls_per_second,
            poll_burst,
            batch_polls_per_second,
            active_queries,
        }
    }
}

impl QuotasSection {
    fn quotas(&self) -> Quotas {
        Quotas {
            starts_per_second: self.starts_per_second,
            start_burst: self.start_burst,
            polls_per_second: self.polls_per_second,
            poll_burst: self.poll_burst,
            batch_polls_per_second: self.batch_polls_per_second,
            active_queries: self.active_queries,
        }
    }

    fn has_a_zero(&self) -> bool {
        let all = [
            self.starts_per_second,
            self.start_burst,
            self.polls_per_second,
            self.poll_burst,
            self.batch_polls_per_second,
            self.active_queries,
        ];
        all.contains(&0)
    }
}

impl AthenaSection {
    /// What the engine is opened with. By the key nobody else can tell which token a start will have.
    #[must_use]
    pub fn config(&self, idempotency_key: [u8; 32]) -> AthenaConfig {
        let unit = |(unit, section): (&BusinessUnit, &UnitSection)| {
            let profile = Profile {
                workgroup: section.workgroup.clone(),
                role_arn: section.role_arn.clone(),
            };
            (unit.clone(), profile)
        };
        let mut config = AthenaConfig::new(&self.region, &self.workgroup, idempotency_key);
        config.endpoint.clone_from(&self.endpoint);
        config.default.role_arn.clone_from(&self.role_arn);
        config.units = self.units.iter().map(unit).collect();
        config.result_reuse = self.result_reuse_s.map(Duration::from_secs);
        config.quotas = self.quotas.quotas();
        config
    }

    fn check(&self, max_age_s: u64) -> Result<(), ConfigError> {
        let invalid = |key, problem| Err(ConfigError::Invalid { key, problem });
        let unsafe_endpoint =
            |endpoint: &Url| !(endpoint.scheme() == "https" || is_loopback(endpoint));
        if self.endpoint.as_ref().is_some_and(unsafe_endpoint) {
            return invalid(
                "athena.endpoint",
                "expected https; http only on a loopback address",
            );
        }
        if self.result_reuse_s.is_some_and(|age| age > max_age_s) {
            return invalid(
                "athena.result_reuse_s",
                "expected at most `cache.max_age_s`: no answer may be older",
            );
        }
        if self.quotas.has_a_zero() {
            return invalid("athena.quotas", "expected at least 1 of each");
        }
        Ok(())
    }
}

impl Config {
    /// Whether the engine has what it needs, and nothing is said that no engine would heed.
    pub(super) fn check_engine(&self) -> Result<(), ConfigError> {
        let invalid = |key, problem| Err(ConfigError::Invalid { key, problem });
        match (self.engine.kind, &self.athena) {
            (EngineKind::Athena, None) => invalid(
                "athena",
                "expected region and workgroup: `engine.kind` says so",
            ),
            (EngineKind::Embedded, Some(_)) => invalid(
                "athena",
                "nobody reads this: expected `engine.kind = \"athena\"` too",
            ),
            (EngineKind::Embedded, None) if self.lake.dir.is_none() => {
                invalid("lake.dir", "expected the folder that the tables are in")
            }
            (EngineKind::Embedded, None) => Ok(()),
            (EngineKind::Athena, Some(athena)) => athena.check(self.cache.max_age_s),
        }
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format as _, Toml};

    use super::*;

    fn section(toml: &str) -> AthenaSection {
        Figment::new().merge(Toml::string(toml)).extract().unwrap()
    }

    const LEAST: &str = "region = \"ca-central-1\"\nworkgroup = \"weir\"\n";

    fn problem(more: &str) -> Option<String> {
        let section = section(&format!("{LEAST}{more}"));
        section.check(3_600).err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_said_of_athena_is_what_the_engine_is_told() {
        let told = section(&format!(
            "{LEAST}result_reuse_s = 60\nendpoint = \"http://127.0.0.1:4566\"\n\
             [quotas]\nactive_queries = 7\n\
             [units.auto]\nworkgroup = \"weir-auto\"\nrole_arn = \"arn:aws:iam::1:role/auto\"\n"
        ))
        .config([1; 32]);

        let auto = &told.units[&BusinessUnit::parse("auto").unwrap()];
        assert_eq!(auto.workgroup, "weir-auto");
        assert_eq!(auto.role_arn.as_deref(), Some("arn:aws:iam::1:role/auto"));
        assert_eq!(told.default.workgroup, "weir");
        assert_eq!(told.result_reuse, Some(Duration::from_mins(1)));
        assert_eq!(told.quotas.active_queries, 7);
        assert_eq!(told.quotas.starts_per_second, 20, "what AWS documents");
    }

    #[test]
    fn what_would_be_unsafe_or_stand_still_is_refused_by_its_key() {
        assert_eq!(problem(""), None);
        assert_eq!(problem("endpoint = \"https://vpce-1.amazonaws.com\""), None);
        for (more, key) in [
            ("endpoint = \"http://10.0.0.1:80\"", "athena.endpoint"),
            ("result_reuse_s = 3601", "athena.result_reuse_s"),
            ("[quotas]\nstart_burst = 0", "athena.quotas"),
        ] {
            let told = problem(more).unwrap();
            assert!(told.contains(key), "{more}: {told}");
        }
    }
}
