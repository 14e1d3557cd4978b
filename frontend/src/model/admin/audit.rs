//! Who did and saw what.

use super::{AdminFrame, ChainVm, Choice, FieldError, When};
use crate::model::LinkVm;
use serde::{Deserialize, Serialize};

/// `/admin/audit`: search in the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// Whether the log is whole.
    pub chain: ChainVm,
    /// What is searched for.
    pub query: AuditQuery,
    /// What was wrong with it.
    pub errors: Vec<FieldError>,
    /// What was found, newest first.
    pub records: Vec<AuditLine>,
    /// The page before, with its cursor.
    pub newer_href: Option<String>,
    /// The next page, with its cursor.
    pub older_href: Option<String>,
    /// The same search as files: "JSON lines", "CSV", "Parquet".
    pub exports: Vec<LinkVm>,
}

/// The fields of the search form; it goes to `/admin/audit` by GET.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Field `kind`, with an empty value for all.
    pub kinds: Vec<Choice>,
    /// Field `subject`: the digest of a subject.
    pub subject: String,
    /// Field `dashboard`, with an empty value for all.
    pub dashboards: Vec<Choice>,
    /// Field `revision`.
    pub revision: String,
    /// Field `from`: `YYYY-MM-DD`.
    pub from: String,
    /// Field `to`: `YYYY-MM-DD`.
    pub to: String,
}

/// How a recorded event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was allowed and done.
    Allowed,
    /// It was refused.
    Denied,
    /// It failed.
    Failed,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its place in the chain: "12,481".
    pub number: String,
    /// When.
    pub when: When,
    /// What kind, in the reader's language.
    pub kind: String,
    /// What happened, in a sentence without row values.
    pub what: String,
    /// Who: the start of the subject's digest.
    pub subject: String,
    /// The whole digest, for the link that searches for it. Empty for nobody.
    pub subject_href: String,
    /// The dashboard's title; empty for none.
    pub dashboard: String,
    /// The policy revision; empty for none.
    pub revision: String,
    /// How it ended.
    pub outcome: Outcome,
}
