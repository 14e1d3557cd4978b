//! Policies as people read them.

use super::{AdminFrame, FileChange, When};
use crate::model::LinkVm;
use serde::{Deserialize, Serialize};

/// `/admin/policies`: one line per dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoliciesVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The policies, by label.
    pub policies: Vec<PolicyLine>,
}

/// A policy in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyLine {
    /// The dataset's label: "Statements".
    pub label: String,
    /// The dataset's name: `gold.statements`.
    pub name: String,
    /// `/admin/policies/{dataset}`
    pub href: String,
    /// How many rules.
    pub rules: u32,
    /// How many cases its decision table has.
    pub cases: u32,
    /// Who last changed it.
    pub changed_by: String,
    /// When that came into force.
    pub changed: When,
    /// How many open drafts touch it.
    pub drafts: u32,
}

/// `/admin/policies/{dataset}`: one policy as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The dataset's label.
    pub label: String,
    /// The dataset's name.
    pub name: String,
    /// Who last changed it.
    pub changed_by: String,
    /// When that came into force.
    pub changed: When,
    /// Its rules, in the order of the file.
    pub rules: Vec<RuleVm>,
    /// Its decision table.
    pub cases: Vec<CaseVm>,
    /// Its file.
    pub source: SourceVm,
    /// Open drafts that touch it.
    pub drafts: Vec<LinkVm>,
    /// Where "Change this policy" posts; `None` takes the button away.
    pub change_action: Option<String>,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleKind {
    /// Shows rows.
    Permit,
    /// Withholds rows.
    Forbid,
    /// Hides columns.
    Hide,
    /// Masks a column.
    Mask,
}

/// A rule as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleVm {
    /// Its id in the file.
    pub id: String,
    /// What it does.
    pub kind: RuleKind,
    /// "Analysts see rows where business unit is one of their own."
    pub sentence: String,
}

/// A case of a decision table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseVm {
    /// Its name: "an analyst sees the own unit".
    pub name: String,
    /// Who, in words: "Analyst, business unit Auto".
    pub subject: String,
    /// What they see, in words: "auto-1" or "nothing".
    pub sees: String,
}

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceVm {
    /// Its path.
    pub path: String,
    /// Its text, byte for byte.
    pub text: String,
}

/// What differs about a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleDiff {
    /// The dataset's label.
    pub dataset: String,
    /// The rule's id.
    pub rule: String,
    /// What it does, or did.
    pub kind: RuleKind,
    /// What happened to it.
    pub change: RuleChange,
}

/// What happened to a rule, with its sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleChange {
    /// It is new.
    Added {
        /// What it says.
        after: String,
    },
    /// It is gone.
    Removed {
        /// What it said.
        before: String,
    },
    /// It says something else.
    Changed {
        /// What it said.
        before: String,
        /// What it says.
        after: String,
    },
}

/// A whole policy in sentences, before and after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The dataset's label.
    pub dataset: String,
    /// What happened to its file.
    pub change: FileChange,
    /// The sentences in force. Empty if there was no policy.
    pub before: Vec<RuleVm>,
    /// The sentences of the draft. Empty if it takes the policy away.
    pub after: Vec<RuleVm>,
}
