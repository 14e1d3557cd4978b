//! Rules as they are once a document has been read: typed, checked, ready to be resolved.

mod condition;
mod rows;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

pub(crate) use self::condition::Condition;
pub(crate) use self::rows::Rows;
use crate::mask::Mask;
use crate::name::{AttributeName, ColumnName, DatasetName, RuleId};
use crate::value::ValueType;

/// The rules of one dataset. Made by [`document`](crate::document) only, so holding one means that
/// every column and operand was checked against a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    dataset: DatasetName,
    rules: Vec<Rule>,
}

/// One rule: what it does, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    id: RuleId,
    effect: Effect,
    condition: Option<Condition>,
    // What the document was checked against. More than the effect mentions, where simplifying
    // made a column superfluous: its author still relied on it.
    columns: BTreeMap<ColumnName, ValueType>,
}

/// What a rule does where it applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// Opens rows.
    Permit(Rows),
    /// Closes rows, whoever opened them.
    Forbid(Rows),
    /// Closes columns.
    Hide(Vec<ColumnName>),
    /// Blurs a column.
    Mask {
        /// The column.
        column: ColumnName,
        /// What stands in for its values.
        with: Mask,
    },
}

/// Something a rule may ask a subject for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The business units.
    BusinessUnits,
    /// The roles.
    Roles,
    /// One attribute.
    Attribute(AttributeName),
}

impl Policy {
    pub(crate) fn new(dataset: DatasetName, rules: Vec<Rule>) -> Self {
        Self { dataset, rules }
    }

    /// The dataset the rules are about.
    #[must_use]
    pub fn dataset(&self) -> &DatasetName {
        &self.dataset
    }

    /// The rules in the order of the document.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

impl Rule {
    pub(crate) fn new(
        id: RuleId,
        effect: Effect,
        condition: Option<Condition>,
        columns: BTreeMap<ColumnName, ValueType>,
    ) -> Self {
        Self {
            id,
            effect,
            condition,
            columns,
        }
    }

    /// The name of the rule.
    #[must_use]
    pub fn id(&self) -> &RuleId {
        &self.id
    }

    /// What the rule does, in the word of the document: `permit`, `forbid`, `hide` or `mask`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.effect {
            Effect::Permit(_) => "permit",
            Effect::Forbid(_) => "forbid",
            Effect::Hide(_) => "hide",
            Effect::Mask { .. } => "mask",
        }
    }

    pub(crate) fn effect(&self) -> &Effect {
        &self.effect
    }

    pub(crate) fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref()
    }

    /// The columns the rule mentions, with the types it was checked against.
    #[must_use]
    pub fn columns(&self) -> &BTreeMap<ColumnName, ValueType> {
        &self.columns
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BusinessUnits => f.write_str("business units"),
            Self::Roles => f.write_str("roles"),
            Self::Attribute(name) => write!(f, "attribute `{name}`"),
        }
    }
}
