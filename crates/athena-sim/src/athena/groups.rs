//! Workgroups.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Account, lock};
use crate::execution::without_nulls;
use crate::wire::{self, Answered, Refusal};
use crate::workgroup::{self, Configuration, Encryption, EngineVersion, Managed, WorkGroup};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    work_group: String,
}

/// `GetWorkGroup`.
pub(super) fn get(account: &Account, body: &Bytes) -> Answered {
    let named: Named = wire::members(body)?;
    let groups = lock(&account.workgroups);
    let group = workgroup::find(&groups, &named.work_group)?;
    let shown = json!({ "WorkGroup": {
        "Name": group.name,
        "State": state(group),
        "Description": group.description,
        "Configuration": group.configuration,
        "CreationTime": 1_700_000_000,
    }});
    Ok(without_nulls(shown))
}

fn state(group: &WorkGroup) -> &'static str {
    if group.enabled { "ENABLED" } else { "DISABLED" }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct New {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    configuration: Configuration,
}

/// `CreateWorkGroup`.
pub(super) fn create(account: &Account, body: &Bytes) -> Answered {
    let new: New = wire::members(body)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if new.name.is_empty() || new.name.len() > 128 || !new.name.chars().all(plain) {
        return Err(Refusal::constraint(
            "name",
            "Member must satisfy regular expression pattern: [a-zA-Z0-9._-]{1,128}",
        ));
    }
    let mut groups = lock(&account.workgroups);
    if groups.contains_key(&new.name) {
        return Err(Refusal::invalid("WorkGroup is already created"));
    }
    let group = WorkGroup {
        name: new.name.clone(),
        description: new.description,
        enabled: true,
        configuration: new.configuration.completed().checked()?,
    };
    groups.insert(new.name, group);
    Ok(wire::nothing())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    work_group: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    configuration_updates: Updates,
}

#[expect(clippy::struct_field_names, reason = "the members are called so")]
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Updates {
    enforce_work_group_configuration: Option<bool>,
    publish_cloud_watch_metrics_enabled: Option<bool>,
    bytes_scanned_cutoff_per_query: Option<u64>,
    remove_bytes_scanned_cutoff_per_query: bool,
    requester_pays_enabled: Option<bool>,
    engine_version: Option<EngineVersion>,
    result_configuration_updates: ResultUpdates,
    managed_query_results_configuration_updates: Option<Managed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ResultUpdates {
    output_location: Option<String>,
    remove_output_location: bool,
    encryption_configuration: Option<Encryption>,
    remove_encryption_configuration: bool,
}

/// `UpdateWorkGroup`.
pub(super) fn update(account: &Account, body: &Bytes) -> Answered {
    let update: Update = wire::members(body)?;
    let mut groups = lock(&account.workgroups);
    let mut group = workgroup::find(&groups, &update.work_group)?.clone();
    group.configuration = updated(group.configuration, update.configuration_updates).checked()?;
    group.description = update.description.or(group.description);
    group.enabled = match update.state.as_deref() {
        Some("DISABLED") => false,
        Some("ENABLED") => true,
        _ => group.enabled,
    };
    groups.insert(update.work_group, group);
    Ok(wire::nothing())
}

fn updated(before: Configuration, updates: Updates) -> Configuration {
    let results = updates.result_configuration_updates;
    let mut own = before.result_configuration.unwrap_or_default();
    own.output_location = results.output_location.or(own.output_location);
    own.encryption_configuration = results
        .encryption_configuration
        .or(own.encryption_configuration);
    if results.remove_output_location {
        own.output_location = None;
    }
    if results.remove_encryption_configuration {
        own.encryption_configuration = None;
    }
    let cutoff = updates
        .bytes_scanned_cutoff_per_query
        .or(before.bytes_scanned_cutoff_per_query)
        .filter(|_| !updates.remove_bytes_scanned_cutoff_per_query);
    Configuration {
        result_configuration: Some(own),
        managed_query_results_configuration: updates
            .managed_query_results_configuration_updates
            .or(before.managed_query_results_configuration),
        enforce_work_group_configuration: updates
            .enforce_work_group_configuration
            .or(before.enforce_work_group_configuration),
        publish_cloud_watch_metrics_enabled: updates
            .publish_cloud_watch_metrics_enabled
            .or(before.publish_cloud_watch_metrics_enabled),
        bytes_scanned_cutoff_per_query: cutoff,
        requester_pays_enabled: updates
            .requester_pays_enabled
            .or(before.requester_pays_enabled),
        engine_version: updates.engine_version.or(before.engine_version),
    }
}

/// `ListWorkGroups`.
pub(super) fn list(account: &Account) -> Value {
    let groups = lock(&account.workgroups);
    let shown = groups.values().map(|group| {
        without_nulls(json!({
            "Name": group.name,
            "State": state(group),
            "Description": group.description,
            "CreationTime": 1_700_000_000,
            "EngineVersion": group.configuration.engine_version,
        }))
    });
    json!({ "WorkGroups": shown.collect::<Vec<_>>() })
}
