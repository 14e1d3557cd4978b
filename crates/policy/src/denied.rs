//! Deny is a value: why a subject sees nothing of a dataset.

use std::fmt;

use crate::name::{ColumnName, DatasetName, RuleId};
use crate::rule::Claim;
use crate::value::ValueType;

/// Why a subject sees nothing of a dataset. For the audit and for the people who write policies;
/// outsiders get [`Denied::code`] at most.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No policy speaks about the dataset.
    #[error("dataset `{dataset}` has no policy")]
    NoPolicy {
        /// The dataset.
        dataset: DatasetName,
    },
    /// The policy permits nothing to this subject (P1).
    #[error(
        "no rule of `{dataset}` permits this subject anything{}",
        Reasons(refused)
    )]
    NoPermit {
        /// The dataset.
        dataset: DatasetName,
        /// Every permit rule and why it did not apply.
        refused: Vec<Refused>,
    },
    /// Some permit would have applied to a subject with a business unit.
    #[error(
        "`{dataset}` is permitted by business unit, and the subject has none{}",
        Reasons(refused)
    )]
    NoBusinessUnit {
        /// The dataset.
        dataset: DatasetName,
        /// Every permit rule and why it did not apply.
        refused: Vec<Refused>,
    },
    /// Some permit would have applied to a subject with the claim.
    #[error(
        "`{dataset}` needs {claim}, which the subject does not carry{}",
        Reasons(refused)
    )]
    MissingAttribute {
        /// The dataset.
        dataset: DatasetName,
        /// What is missing.
        claim: Claim,
        /// Every permit rule and why it did not apply.
        refused: Vec<Refused>,
    },
    /// Permits applied, but what they and the forbids leave is no row at all.
    #[error("the rules of `{dataset}` leave this subject no row: {}", List(rules))]
    NoRows {
        /// The dataset.
        dataset: DatasetName,
        /// The rules that applied.
        rules: Vec<RuleId>,
    },
    /// A rule that may close something cannot be evaluated, so everything is closed (P7).
    #[error("rule `{rule}` of `{dataset}` cannot be evaluated: {why}")]
    Unevaluable {
        /// The dataset.
        dataset: DatasetName,
        /// The rule.
        rule: RuleId,
        /// What stands in the way.
        why: WhyNot,
    },
}

/// A rule that did not apply, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The rule.
    pub rule: RuleId,
    /// Why it did not apply.
    pub why: WhyNot,
}

/// Why a rule did not apply or could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    /// Its `when` or `unless` speaks of somebody else.
    #[error("its condition does not hold")]
    Condition,
    /// It needs a claim that the subject does not carry, or carries empty.
    #[error("the subject has no {0}")]
    Missing(Claim),
    /// A claim holds a value that the column's type cannot.
    #[error("{claim} is compared with `{column}`, but not every value of it is a {expected}")]
    NotOfType {
        /// The claim.
        claim: Claim,
        /// The column.
        column: ColumnName,
        /// The type of the column.
        expected: ValueType,
    },
    /// The dataset no longer has a column that the rule was checked against.
    #[error("the dataset has no column `{0}` any more")]
    ColumnGone(ColumnName),
    /// A column changed its type since the rule was checked.
    #[error("column `{column}` was {checked} and is {now} now")]
    ColumnChanged {
        /// The column.
        column: ColumnName,
        /// The type the rule was checked against.
        checked: ValueType,
        /// The type it has.
        now: ValueType,
    },
}

impl WhyNot {
    /// A stable slug.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Missing(_) => "missing-claim",
            Self::NotOfType { .. } => "not-of-type",
            Self::ColumnGone(_) => "column-gone",
            Self::ColumnChanged { .. } => "column-changed",
        }
    }
}

impl Denied {
    /// A stable slug for audit records and messages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPolicy { .. } => "no-policy",
            Self::NoPermit { .. } => "no-permit",
            Self::NoBusinessUnit { .. } => "no-business-unit",
            Self::MissingAttribute { .. } => "missing-attribute",
            Self::NoRows { .. } => "no-rows",
            Self::Unevaluable { .. } => "unevaluable",
        }
    }

    /// The dataset that stays closed.
    #[must_use]
    pub fn dataset(&self) -> &DatasetName {
        match self {
            Self::NoPolicy { dataset }
            | Self::NoPermit { dataset, .. }
            | Self::NoBusinessUnit { dataset, .. }
            | Self::MissingAttribute { dataset, .. }
            | Self::NoRows { dataset, .. }
            | Self::Unevaluable { dataset, .. } => dataset,
        }
    }

    /// The rules that took part in the decision.
    #[must_use]
    pub fn rules(&self) -> Vec<&RuleId> {
        match self {
            Self::NoPolicy { .. } => Vec::new(),
            Self::NoPermit { refused, .. }
            | Self::NoBusinessUnit { refused, .. }
            | Self::MissingAttribute { refused, .. } => {
                refused.iter().map(|refused| &refused.rule).collect()
            }
            Self::NoRows { rules, .. } => rules.iter().collect(),
            Self::Unevaluable { rule, .. } => vec![rule],
        }
    }

    /// Sorts out what a subject without any applying permit lacks.
    pub(crate) fn without_permit(dataset: DatasetName, refused: Vec<Refused>) -> Self {
        let missing = |wanted: fn(&Claim) -> bool| {
            refused.iter().find_map(|refused| match &refused.why {
                WhyNot::Missing(claim) if wanted(claim) => Some(claim.clone()),
                _ => None,
            })
        };
        if missing(|claim| *claim == Claim::BusinessUnits).is_some() {
            return Self::NoBusinessUnit { dataset, refused };
        }
        match missing(|claim| matches!(claim, Claim::Attribute(_))) {
            Some(claim) => Self::MissingAttribute {
                dataset,
                claim,
                refused,
            },
            None => Self::NoPermit { dataset, refused },
        }
    }
}

struct Reasons<'a>(&'a [Refused]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Refused { rule, why }) in self.0.iter().enumerate() {
            write!(
                f,
                "{} rule `{rule}`: {why}",
                if at == 0 { ":" } else { ";" }
            )?;
        }
        Ok(())
    }
}

struct List<'a>(&'a [RuleId]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, rule) in self.0.iter().enumerate() {
            write!(f, "{}`{rule}`", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
