//! Proof of a widening: somebody, and a row or a column that they did not see before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::Policies;
use super::goals::Goal;
use super::space::{Choice, Space};
use crate::explain::cells;
use crate::grant::{Grant, Restriction};
use crate::mask::{ColumnAccess, Mask};
use crate::name::{AttributeName, BusinessUnit, ColumnName, DatasetName, RoleName, RuleId};
use crate::resolve::resolve;
use crate::subject::Subject;
use crate::value::Value;

/// Somebody who would see more: what an approver is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// The dataset.
    pub dataset: DatasetName,
    /// Who: these claims and no others.
    pub subject: WitnessSubject,
    /// What they would see.
    pub gain: Gain,
    /// The rule that opens the row.
    pub opened_by: Option<RuleId>,
    /// The rule that no longer closes the row or the column.
    pub released_by: Option<RuleId>,
}

/// The claims of a witness.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct WitnessSubject {
    /// Roles held.
    pub roles: BTreeSet<RoleName>,
    /// Business units.
    pub business_units: BTreeSet<BusinessUnit>,
    /// Attributes.
    pub attributes: BTreeMap<AttributeName, BTreeSet<String>>,
}

/// What somebody would newly see. `row` holds the cells that matter, `None` for NULL; whatever the
/// others hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Gain {
    /// Such rows.
    Row {
        /// The cells that matter.
        #[serde(serialize_with = "cells")]
        row: BTreeMap<ColumnName, Option<Value>>,
    },
    /// More of a column.
    Column {
        /// The column.
        column: ColumnName,
        /// How it was shown.
        before: Shown,
        /// How it would be shown.
        after: Shown,
        /// The cells of a row that shows it.
        #[serde(serialize_with = "cells")]
        row: BTreeMap<ColumnName, Option<Value>>,
    },
}

/// How much of a column is shown; [`ColumnAccess`] for keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The real values.
    Visible,
    /// What the mask leaves.
    Masked(Mask),
    /// Nothing.
    Hidden,
}

impl Witness {
    /// The witness that `choice` makes, if the real resolution and the real interpreter agree.
    pub(super) fn check(
        goal: &Goal<'_>,
        space: &Space,
        choice: &Choice,
        dataset: &DatasetName,
        (old, new): (&Policies<'_>, &Policies<'_>),
    ) -> Option<Self> {
        let subject = space.subject(choice);
        let row = space.row(choice);
        let cell = |column: &ColumnName| row.get(column).cloned().flatten();
        let granted = |side: &Policies<'_>| {
            let grant = resolve(side.set(), &subject, side.schema(dataset)?).ok()?;
            grant.rows().admits(&cell).then_some(grant)
        };
        let (before, after) = (granted(old), granted(new)?);
        let gain = match (goal.column, &before) {
            (_, None) => Gain::Row { row: row.clone() },
            (None, Some(_)) => return None,
            (Some(column), Some(before)) => {
                let before = Shown::of(Some(before), column);
                let after = Shown::of(Some(&after), column);
                let column = column.clone();
                if !is_less(&after, &before) {
                    return None;
                }
                Gain::Column {
                    column,
                    before,
                    after,
                    row: row.clone(),
                }
            }
        };
        Some(Self {
            dataset: dataset.clone(),
            subject: WitnessSubject::of(&subject),
            gain,
            opened_by: super::goals::opener(&goal.needs).map(|rule| rule.id().clone()),
            released_by: goal.gone.map(|rule| rule.id().clone()),
        })
    }
}

impl WitnessSubject {
    pub(super) fn of(subject: &Subject) -> Self {
        Self {
            roles: subject.roles().clone(),
            business_units: subject.business_units().clone(),
            attributes: subject
                .attributes()
                .map(|(name, values)| (name.clone(), values.clone()))
                .collect(),
        }
    }

    /// The claims as a subject that resolution takes.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let subject = Subject::new("urn:weir:witness", "somebody")
            .with_roles(self.roles.iter().cloned())
            .with_business_units(self.business_units.iter().cloned());
        self.attributes
            .iter()
            .fold(subject, |subject, (name, values)| {
                subject.with_attribute(name.clone(), values.iter().cloned())
            })
    }
}

impl Shown {
    /// How `grant` shows `column`; without a grant nothing is shown.
    #[must_use]
    pub fn of(grant: Option<&Grant>, column: &ColumnName) -> Self {
        match grant.map_or(ColumnAccess::Hidden, |grant| grant.access(column)) {
            ColumnAccess::Visible => Self::Visible,
            ColumnAccess::Masked(mask) => Self::Masked(mask.clone()),
            ColumnAccess::Hidden => Self::Hidden,
        }
    }

    fn limit(&self) -> Option<Restriction> {
        match self {
            Self::Visible => None,
            Self::Masked(mask) => Some(Restriction::Masked(mask.clone())),
            Self::Hidden => Some(Restriction::Hidden),
        }
    }
}

/// Whether `after` takes less away than `before` did, as far as anybody can prove the opposite.
fn is_less(after: &Shown, before: &Shown) -> bool {
    match (after.limit(), before.limit()) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(after), Some(before)) => !covers(&after, &before),
    }
}

/// Whether nothing shows through `now` that did not show through `before`.
pub(super) fn covers(now: &Restriction, before: &Restriction) -> bool {
    match (now, before) {
        (Restriction::Masked(Mask::Bucket(now)), Restriction::Masked(Mask::Bucket(before))) => {
            // Rounded down to a multiple of a multiple: says no more than the finer one.
            now.get()
                .checked_rem(before.get())
                .is_some_and(|rest| rest.is_zero())
        }
        _ => now >= before,
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visible => f.write_str("visible"),
            Self::Masked(mask) => write!(f, "masked ({mask})"),
            Self::Hidden => f.write_str("hidden"),
        }
    }
}

/// Readable: `analyst of auto would see rows with legal_hold NULL`.
impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} would see ", self.subject)?;
        match &self.gain {
            Gain::Row { row } if row.is_empty() => f.write_str("every row")?,
            Gain::Row { row } => {
                f.write_str("rows with ")?;
                for (at, (column, value)) in row.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    match value {
                        Some(value) => write!(f, "{comma}{column} {value}")?,
                        None => write!(f, "{comma}{column} NULL")?,
                    }
                }
            }
            Gain::Column {
                column,
                before,
                after,
                ..
            } => {
                write!(f, "`{column}` {after}, it was {before}")?;
            }
        }
        write!(f, " in `{}`", self.dataset)
    }
}

impl fmt::Display for WitnessSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |texts: Vec<&str>| texts.join(", ");
        let roles = joined(self.roles.iter().map(AsRef::as_ref).collect());
        let units = joined(self.business_units.iter().map(AsRef::as_ref).collect());
        f.write_str(if roles.is_empty() {
            "somebody without a role"
        } else {
            &roles
        })?;
        if !units.is_empty() {
            write!(f, " of {units}")?;
        }
        for (name, values) in &self.attributes {
            let values = joined(values.iter().map(String::as_str).collect());
            write!(f, " with {name} {values}")?;
        }
        Ok(())
    }
}
