//! Workgroups: their configuration as the API spells it, and what it means for a query.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wire::Refusal;

/// The smallest cutoff the service takes.
const LEAST_CUTOFF: u64 = 10_000_000;

/// A workgroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkGroup {
    /// Its name.
    pub name: String,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// Whether queries may be started in it.
    pub enabled: bool,
    /// How it is set up.
    pub configuration: Configuration,
}

impl WorkGroup {
    /// A workgroup as it should be: configuration enforced, results encrypted in a folder of its
    /// own, queries cut off after 10 GB.
    #[must_use]
    pub fn governed(name: &str) -> Self {
        let results = ResultConfiguration {
            output_location: Some(format!("s3://athena-results/{name}/")),
            encryption_configuration: Some(Encryption {
                encryption_option: "SSE_S3".to_owned(),
                kms_key: None,
            }),
        };
        Self {
            name: name.to_owned(),
            description: None,
            enabled: true,
            configuration: Configuration {
                result_configuration: Some(results),
                bytes_scanned_cutoff_per_query: Some(10_000_000_000),
                ..Configuration::default()
            }
            .completed(),
        }
    }

    /// A workgroup that keeps results itself, for a day.
    #[must_use]
    pub fn managed(name: &str) -> Self {
        let mut group = Self::governed(name);
        group.configuration.result_configuration = None;
        group.configuration.managed_query_results_configuration = Some(Managed { enabled: true });
        group
    }

    pub(crate) fn manages_results(&self) -> bool {
        let managed = self
            .configuration
            .managed_query_results_configuration
            .as_ref();
        managed.is_some_and(|managed| managed.enabled)
    }

    /// Where the results of a query go that asks for `wanted`; `None` where the service keeps them.
    pub(crate) fn results(
        &self,
        wanted: Option<&ResultConfiguration>,
    ) -> Result<Option<ResultConfiguration>, Refusal> {
        if self.manages_results() {
            return match wanted {
                None => Ok(None),
                Some(_) => Err(Refusal::invalid(
                    "Cannot specify ResultConfiguration when Managed Query Results is enabled \
                     for the workgroup",
                )),
            };
        }
        let own = self.configuration.result_configuration.as_ref();
        let located = |results: &&ResultConfiguration| results.output_location.is_some();
        let enforced = self.configuration.enforce_work_group_configuration == Some(true);
        let chosen = if enforced {
            own.filter(located)
        } else {
            wanted.filter(located).or(own.filter(located))
        };
        chosen.cloned().map(Some).ok_or_else(|| {
            Refusal::invalid(
                "No output location provided. An output location is required either through the \
                 Workgroup result configuration setting or as an API input.",
            )
        })
    }
}

/// How a workgroup is set up, in the API's words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Configuration {
    /// Where results go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_configuration: Option<ResultConfiguration>,
    /// Whether the service keeps results itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_query_results_configuration: Option<Managed>,
    /// Whether it overrides what queries say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce_work_group_configuration: Option<bool>,
    /// Whether it tells `CloudWatch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_cloud_watch_metrics_enabled: Option<bool>,
    /// After how many bytes a query is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_scanned_cutoff_per_query: Option<u64>,
    /// Whether others' buckets may bill it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester_pays_enabled: Option<bool>,
    /// Which engine it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<EngineVersion>,
}

impl Configuration {
    /// With the service's defaults where nothing was said.
    pub(crate) fn completed(mut self) -> Self {
        self.enforce_work_group_configuration.get_or_insert(true);
        self.publish_cloud_watch_metrics_enabled
            .get_or_insert(false);
        self.requester_pays_enabled.get_or_insert(false);
        self.engine_version.get_or_insert_with(EngineVersion::third);
        self
    }

    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        let cutoff = self.bytes_scanned_cutoff_per_query;
        if cutoff.is_some_and(|bytes| bytes < LEAST_CUTOFF) {
            return Err(Refusal::constraint(
                "configuration.bytesScannedCutoffPerQuery",
                "Member must have value greater than or equal to 10000000",
            ));
        }
        Ok(self)
    }
}

/// Where results go, and how they are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResultConfiguration {
    /// A prefix in S3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_location: Option<String>,
    /// How they are encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_configuration: Option<Encryption>,
}

/// How results are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Hash)]
#[serde(rename_all = "PascalCase")]
pub struct Encryption {
    /// `SSE_S3`, `SSE_KMS` or `CSE_KMS`.
    pub encryption_option: String,
    /// With which key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
}

/// Whether the service keeps results itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Managed {
    /// Whether it does.
    pub enabled: bool,
}

/// An engine version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EngineVersion {
    /// What was chosen.
    pub selected_engine_version: String,
    /// What that comes to.
    pub effective_engine_version: String,
}

impl EngineVersion {
    pub(crate) fn third() -> Self {
        Self {
            selected_engine_version: "AUTO".to_owned(),
            effective_engine_version: "Athena engine version 3".to_owned(),
        }
    }
}

impl Default for EngineVersion {
    fn default() -> Self {
        Self::third()
    }
}

/// All workgroups by name.
pub(crate) type WorkGroups = BTreeMap<String, WorkGroup>;

/// The workgroup `name`, as Athena finds it.
pub(crate) fn find<'a>(groups: &'a WorkGroups, name: &str) -> Result<&'a WorkGroup, Refusal> {
    groups
        .get(name)
        .ok_or_else(|| Refusal::invalid(format!("WorkGroup {name} is not found.")))
}
