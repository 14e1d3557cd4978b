//! Whether workgroups are set up so that Athena can be asked through them: that nobody can go
//! around their limits, that a runaway query is cut off, that results lie encrypted where they
//! should.

use std::collections::BTreeMap;

use aws_sdk_athena::types::{
    EngineVersion, ManagedQueryResultsConfiguration as Managed, ResultConfiguration, WorkGroup,
    WorkGroupConfiguration, WorkGroupState,
};

use super::door::{Door, repeated};
use super::failure::Trouble;

/// Something that an operator should know about a workgroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which workgroup.
    pub workgroup: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub what: String,
    /// What to do about it.
    pub do_what: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It works, and could be better.
    Warning,
    /// Weir should not serve with it.
    Error,
}

/// Where a workgroup puts results, as far as the check is concerned.
enum Results {
    Managed,
    Bucket(Option<String>),
}

impl Results {
    fn into_location(self) -> Option<String> {
        match self {
            Self::Managed => None,
            Self::Bucket(location) => location,
        }
    }
}

/// Reads a profile's workgroup and judges it. What the door may do with results is set by it.
pub(super) async fn check(door: &Door) -> (Vec<Finding>, Option<String>) {
    let group = match work_group(door).await {
        Ok(group) => group,
        Err(trouble) => return (vec![unreadable(door, trouble)], None),
    };
    let found = Found(&door.workgroup);
    let Some(configuration) = group.configuration() else {
        let finding = found.error(
            "its configuration was not told",
            "allow athena:GetWorkGroup for the role that Weir uses",
        );
        return (vec![finding], None);
    };
    let results = results(configuration);
    door.set_managed(matches!(results, Results::Managed));
    let mut findings = found.of_limits(&group, configuration);
    findings.extend(found.of_results(configuration, &results));
    if matches!(results, Results::Managed) && door.wants_reuse() {
        findings.push(found.warning(
            "it keeps results itself, and then never takes earlier ones again",
            "set `result_reuse_s` to 0, or give the workgroup a result location",
        ));
    }
    (findings, results.into_location())
}

/// Where a profile's workgroup puts results; `None` where it keeps them itself.
pub(super) async fn location(door: &Door) -> Result<Option<String>, Trouble> {
    let group = work_group(door).await?;
    let configuration = group.configuration();
    Ok(configuration.and_then(|configuration| results(configuration).into_location()))
}

/// Workgroups that put their results into one place: who may read one's may read the others'.
pub(super) fn shared_locations(locations: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for (workgroup, location) in locations {
        let location = location.trim_end_matches('/');
        if let Some(other) = first.get(location) {
            findings.push(Found(workgroup).warning(
                &format!("it puts results where `{other}` puts them"),
                "give each workgroup a result location of its own",
            ));
        } else {
            first.insert(location, workgroup);
        }
    }
    findings
}

pub(super) async fn work_group(door: &Door) -> Result<WorkGroup, Trouble> {
    let get = door.access.athena.get_work_group();
    let get = get.work_group(&door.workgroup);
    let answer = repeated(&door.limits.control, || get.clone().send()).await?;
    answer
        .work_group
        .ok_or_else(|| Trouble::Refused("an answer without a workgroup".into()))
}

fn unreadable(door: &Door, trouble: Trouble) -> Finding {
    let do_what = match &trouble {
        Trouble::Denied(_) => "allow athena:GetWorkGroup for the role that Weir uses",
        Trouble::Refused(_) => "create the workgroup, or correct its name in the configuration",
        _ => "see whether this machine reaches Athena in the configured region",
    };
    let error = trouble.into_error();
    tracing::error!(
        workgroup = door.workgroup,
        error = &error as &dyn std::error::Error,
        "a workgroup could not be read"
    );
    Found(&door.workgroup).error("it could not be read", do_what)
}

fn results(configuration: &WorkGroupConfiguration) -> Results {
    let managed = configuration.managed_query_results_configuration();
    if managed.is_some_and(Managed::enabled) {
        return Results::Managed;
    }
    let own = configuration.result_configuration();
    let location = own.and_then(ResultConfiguration::output_location);
    Results::Bucket(location.map(str::to_owned))
}

/// Findings about the workgroup of this name.
struct Found<'a>(&'a str);

impl Found<'_> {
    fn of_limits(&self, group: &WorkGroup, configuration: &WorkGroupConfiguration) -> Vec<Finding> {
        let mut findings = Vec::new();
        if group.state() == Some(&WorkGroupState::Disabled) {
            findings.push(self.error("it is disabled", "enable it"));
        }
        if configuration.enforce_work_group_configuration() != Some(true) {
            findings.push(self.error(
                "it does not enforce its configuration: a client could choose where results go",
                "turn on `EnforceWorkGroupConfiguration` (override client-side settings)",
            ));
        }
        if configuration.bytes_scanned_cutoff_per_query().is_none() {
            findings.push(self.error(
                "it has no limit of bytes for a query, so that one can cost any amount",
                "set `BytesScannedCutoffPerQuery`",
            ));
        }
        if !is_version_three(configuration) {
            findings.push(self.error(
                "it does not run engine version 3, whose SQL Weir writes",
                "choose `Athena engine version 3`, or AUTO",
            ));
        }
        findings
    }

    fn of_results(
        &self,
        configuration: &WorkGroupConfiguration,
        results: &Results,
    ) -> Vec<Finding> {
        let Results::Bucket(location) = results else {
            // What Athena keeps itself it encrypts.
            return Vec::new();
        };
        let mut findings = Vec::new();
        if location.is_none() {
            findings.push(self.error(
                "it has no result location",
                "set one, or turn on managed query results",
            ));
        }
        let own = configuration.result_configuration();
        let encrypted = own.is_some_and(|own| own.encryption_configuration().is_some())
            || configuration.enable_minimum_encryption_configuration() == Some(true);
        if !encrypted {
            findings.push(self.error(
                "it does not say how results are encrypted",
                "set an encryption option (SSE_S3 or SSE_KMS)",
            ));
        }
        findings
    }

    fn error(&self, what: &str, do_what: &str) -> Finding {
        self.finding(Severity::Error, what, do_what)
    }

    fn warning(&self, what: &str, do_what: &str) -> Finding {
        self.finding(Severity::Warning, what, do_what)
    }

    fn finding(&self, severity: Severity, what: &str, do_what: &str) -> Finding {
        Finding {
            workgroup: self.0.to_owned(),
            severity,
            what: what.to_owned(),
            do_what: do_what.to_owned(),
        }
    }
}

/// AUTO may not have become a version yet; it never becomes an older one.
fn is_version_three(configuration: &WorkGroupConfiguration) -> bool {
    let version = configuration.engine_version();
    let effective = version.and_then(EngineVersion::effective_engine_version);
    let selected = version.and_then(EngineVersion::selected_engine_version);
    let three = |version: &str| version == "AUTO" || version.ends_with("version 3");
    effective.or(selected).is_some_and(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workgroups_with_one_result_location_are_found() {
        let at = |pairs: &[(&str, &str)]| {
            let owned = pairs.iter();
            let owned = owned.map(|(group, place)| ((*group).to_owned(), (*place).to_owned()));
            shared_locations(&owned.collect())
        };

        assert_eq!(
            at(&[("auto", "s3://r/auto/"), ("home", "s3://r/home/")]),
            []
        );
        let findings = at(&[("auto", "s3://r/all/"), ("home", "s3://r/all")]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].workgroup, "home");
        assert!(findings[0].what.contains("`auto`"), "{}", findings[0].what);
        assert_eq!(findings[0].severity, Severity::Warning);
    }
}
