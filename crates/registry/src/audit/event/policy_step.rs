//! The life of a change, step by step.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// What was done to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStepKind {
    /// The folder a program was started with was put into force.
    Adopt,
    /// A draft was begun.
    Open,
    /// A version of a draft was saved.
    Save,
    /// What a draft would do was counted on the data.
    Count,
    /// It was asked of the data why somebody sees a row, or does not.
    Explain,
    /// A draft was handed in for review.
    Submit,
    /// Somebody approved a draft.
    Approve,
    /// A reviewer wants it changed.
    SendBack,
    /// A draft was given up.
    Withdraw,
    /// A time was set for a draft to be published.
    Schedule,
    /// That time was taken back.
    Unschedule,
    /// A revision was put into force.
    Publish,
}

/// A step in the life of a change. Titles, reasons and texts stay in the registry; what they were
/// is sealed here by their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStep {
    /// What was done.
    pub step: PolicyStepKind,
    /// Who did it.
    pub by: Digest,
    /// The draft it was done to.
    pub draft: Option<u64>,
    /// The draft's version.
    pub version: Option<u64>,
    /// The revision the change is based on, when there was one.
    pub base: Option<u64>,
    /// The revision that came of it.
    pub revision: Option<u64>,
    /// The hash of the content it was about.
    pub content: Digest,
    /// Whether somebody sees more by it, once that was found out.
    pub widening: Option<bool>,
    /// How many approvals the change had after the step.
    pub approvals: u64,
    /// From when it is meant to be in force, in milliseconds since 1970-01-01 UTC.
    pub effective_from_ms: Option<i64>,
}

impl PolicyStep {
    /// A step about which nothing else is known; set the fields that are.
    #[must_use]
    pub fn new(step: PolicyStepKind, by: Digest, content: Digest) -> Self {
        Self {
            step,
            by,
            draft: None,
            version: None,
            base: None,
            revision: None,
            content,
            widening: None,
            approvals: 0,
            effective_from_ms: None,
        }
    }
}
