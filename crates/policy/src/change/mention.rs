//! What the rules of both sides look at: the claims, the columns, and the constants they are
//! compared with.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::ColumnName;
use crate::predicate::Predicate;
use crate::rule::{Claim, Condition, Effect, Rows, Rule};
use crate::value::ValueType;

/// Everything that decides anything.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    /// The claims, with the texts they are compared with.
    pub(super) claims: BTreeMap<Claim, BTreeSet<String>>,
    /// The columns.
    pub(super) columns: BTreeMap<ColumnName, ColumnMentions>,
    /// How many comparisons there are.
    pub(super) size: usize,
}

/// What is asked of one column.
#[derive(Debug, Default)]
pub(super) struct ColumnMentions {
    /// The comparisons with constants.
    pub(super) atoms: BTreeSet<Predicate>,
    /// The claims it is compared with.
    pub(super) members: BTreeSet<Claim>,
    /// Its types; two if it was retyped.
    pub(super) kinds: BTreeSet<ValueType>,
}

impl Mentions {
    pub(super) fn of<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Self {
        let mut found = Self::default();
        for rule in rules {
            if let Some(condition) = rule.condition() {
                found.condition(condition);
            }
            if let Effect::Permit(rows) | Effect::Forbid(rows) = rule.effect() {
                found.rows(rows);
            }
            for (column, kind) in rule.columns() {
                if let Some(column) = found.columns.get_mut(column) {
                    column.kinds.insert(*kind);
                }
            }
        }
        found
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Role(wanted) => self.claim(Claim::Roles, wanted),
            Condition::BusinessUnit(wanted) => self.claim(Claim::BusinessUnits, wanted),
            Condition::Attribute(name, wanted) => {
                self.claim(Claim::Attribute(name.clone()), wanted);
            }
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.condition(part);
                }
            }
            Condition::Not(part) => self.condition(part),
        }
    }

    fn claim<T: AsRef<str>>(&mut self, claim: Claim, wanted: &BTreeSet<T>) {
        self.size += 1;
        let texts = wanted.iter().map(|text| text.as_ref().to_owned());
        self.claims.entry(claim).or_default().extend(texts);
    }

    fn rows(&mut self, rows: &Rows) {
        match rows {
            Rows::Fixed(predicate) => self.predicate(predicate),
            Rows::Member { column, claim, .. } => {
                self.size += 1;
                self.claims.entry(claim.clone()).or_default();
                let column = self.columns.entry(column.clone()).or_default();
                column.members.insert(claim.clone());
            }
            Rows::All(parts) | Rows::Any(parts) => {
                for part in parts {
                    self.rows(part);
                }
            }
            Rows::Not(part) => self.rows(part),
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Always | Predicate::Never => {}
            Predicate::All(parts) | Predicate::Any(parts) => {
                for part in parts {
                    self.predicate(part);
                }
            }
            Predicate::Not(part) => self.predicate(part),
            Predicate::Compare { column, .. }
            | Predicate::In { column, .. }
            | Predicate::IsNull(column)
            | Predicate::LikePrefix { column, .. } => {
                self.size += 1;
                let column = self.columns.entry(column.clone()).or_default();
                column.atoms.insert(predicate.clone());
            }
        }
    }
}
