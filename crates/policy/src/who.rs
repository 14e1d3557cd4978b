//! Who could see: not one person's grant, but everybody's. For an auditor who asks which people a
//! policy let in, whoever they are.
//!
//! The answer is a list of [`Way`]s. Each names a permit, what somebody must hold to come in by it,
//! and, where a column is asked about, how it is then shown. It leaves nobody out: whoever
//! [`resolve`] shows such a row is covered by some way that says so ([`Way::covers`]). It may name
//! more than there are, and says where it does not know: a way is [`Certainty::Proven`] with
//! somebody whom the resolver really lets in, and [`Certainty::Possible`] where nobody was found
//! but not everybody could be looked at. A way that provably lets nobody in is not there.

mod alternatives;
mod level;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use self::alternatives::{Alternatives, conjunction};
use self::level::Level;
use crate::change::{Example, Looking, Shown, WitnessSubject};
use crate::explain::cells;
use crate::name::{BusinessUnit, ColumnName, RoleName, RuleId};
use crate::policy_set::PolicySet;
use crate::predicate::Predicate;
use crate::resolve::resolve;
use crate::rule::{Claim, Condition, Effect, Policy, Rows, Rule};
use crate::schema::DatasetSchema;
use crate::subject::Subject;
use crate::value::Value;

/// What is asked of a dataset.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// How this column is shown; only about rows where there is none.
    pub column: Option<ColumnName>,
    /// Only rows whose column has this value, such as a business unit.
    pub rows: Option<(ColumnName, Value)>,
}

/// One way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// The permit that opens the rows.
    pub rule: RuleId,
    /// What somebody must hold, all of it; of somebody who holds nothing, nothing is asked.
    pub requires: Vec<Requirement>,
    /// How the column asked about is shown, and the rules that take something away from it.
    pub column: Option<ShownBy>,
    /// Whether anybody comes in this way.
    pub certainty: Certainty,
}

/// How a column is shown to those who come in by a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownBy {
    /// How much of it.
    pub shown: Shown,
    /// The rules that hide or mask it so.
    pub rules: Vec<RuleId>,
}

/// Something that a person must hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Requirement {
    /// Which claim.
    pub claim: Claim,
    /// What of it.
    pub holds: Holds,
}

/// What a claim must hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// At least one of these.
    AnyOf(BTreeSet<String>),
    /// Anything at all.
    Something,
    /// Something, and none of these.
    SomethingBut(BTreeSet<String>),
}

/// Whether anybody comes in by a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Certainty {
    /// This person does; the resolver says so.
    Proven {
        /// Who: these claims and no others.
        subject: WitnessSubject,
        /// Cells of a row they see; whatever the others hold.
        #[serde(serialize_with = "cells")]
        row: BTreeMap<ColumnName, Option<Value>>,
    },
    /// Nobody was found, and nobody can say that there is nobody.
    Possible,
}

/// Everybody who could see rows of the dataset that `schema` describes, by the ways they come in.
/// Empty for a dataset that is closed to everybody.
#[must_use]
pub fn who_could_see(set: &PolicySet, schema: &DatasetSchema, question: &Question) -> Vec<Way> {
    let rules = set.policy(schema.name()).map_or(&[][..], Policy::rules);
    let fits = |rule: &Rule| {
        let mut columns = rule.columns().iter();
        columns.all(|(column, kind)| schema.column(column) == Some(*kind))
    };
    // P7: one rule that does not fit closes the dataset.
    if !rules.iter().all(fits) {
        return Vec::new();
    }
    let mut asked = Asked {
        set,
        schema,
        question,
        rules,
        looking: Looking::default(),
    };
    let permits = rules.iter().filter(|rule| rule.kind() == "permit");
    permits.flat_map(|permit| asked.ways(permit)).collect()
}

/// A question on its way to an answer.
struct Asked<'a> {
    set: &'a PolicySet,
    schema: &'a DatasetSchema,
    question: &'a Question,
    rules: &'a [Rule],
    looking: Looking,
}

impl Asked<'_> {
    fn ways(&mut self, permit: &Rule) -> Vec<Way> {
        let Effect::Permit(rows) = permit.effect() else {
            return Vec::new();
        };
        let levels = match &self.question.column {
            Some(column) => level::of(column, self.schema, self.rules),
            None => vec![Level::default()],
        };
        let wanted = self.question.rows.as_ref();
        let opened = Alternatives::of_condition(permit.condition(), true)
            .and(&Alternatives::of_rows(rows, wanted));
        let mut ways = Vec::new();
        for level in &levels {
            let escaped = level.stricter.iter().map(|rule| {
                let condition = rule.condition();
                Alternatives::of_condition(condition, false)
            });
            let alternatives = escaped.fold(opened.clone(), |all, one| all.and(&one));
            for requires in alternatives.list() {
                ways.extend(self.way(permit, rows, level, requires));
            }
        }
        ways
    }

    /// The way, unless it provably lets nobody in.
    fn way(
        &mut self,
        permit: &Rule,
        rows: &Rows,
        level: &Level<'_>,
        requires: Vec<Requirement>,
    ) -> Option<Way> {
        let door = self.door(permit, rows, &requires);
        let certainty = self.certainty(&door, level)?;
        Some(Way {
            rule: permit.id().clone(),
            requires,
            column: level.shown(),
            certainty,
        })
    }

    /// The permit as if it were made for those who hold what is required, and the rows asked for.
    fn door(&self, permit: &Rule, rows: &Rows, requires: &[Requirement]) -> Rule {
        let mut columns = permit.columns().clone();
        let mut rows = rows.clone();
        if let Some((column, value)) = &self.question.rows {
            rows = Rows::all(vec![
                rows,
                Rows::Fixed(Predicate::eq(column.clone(), value.clone())),
            ]);
            columns.extend(
                self.schema
                    .column(column)
                    .map(|kind| (column.clone(), kind)),
            );
        }
        let own = permit.condition().cloned();
        let conditions: Vec<Condition> = own.into_iter().chain(conjunction(requires)).collect();
        let condition = (!conditions.is_empty()).then_some(Condition::All(conditions));
        Rule::new(
            permit.id().clone(),
            Effect::Permit(rows),
            condition,
            columns,
        )
    }

    /// `None` if nobody comes in.
    fn certainty(&mut self, door: &Rule, level: &Level<'_>) -> Option<Certainty> {
        let forbids = self.rules.iter().filter(|rule| rule.kind() == "forbid");
        let idle: Vec<&Rule> = forbids.chain(level.stricter.iter().copied()).collect();
        // One of the rules that show the column so has to apply; without any, none has to.
        let limits = level.limits.iter().map(|limit| vec![door, *limit]);
        let questions: Vec<Vec<&Rule>> = if level.limits.is_empty() {
            vec![vec![door]]
        } else {
            limits.collect()
        };
        let mut undecided = false;
        for acting in &questions {
            match self.looking.example(acting, &idle) {
                Example::Nobody => {}
                Example::TooLong => undecided = true,
                Example::Somebody { subject, row } => {
                    if self.really_sees(&subject.subject(), &row, level) {
                        return Some(Certainty::Proven { subject, row });
                    }
                    undecided = true;
                }
            }
        }
        undecided.then_some(Certainty::Possible)
    }

    fn really_sees(
        &self,
        subject: &Subject,
        row: &BTreeMap<ColumnName, Option<Value>>,
        level: &Level<'_>,
    ) -> bool {
        let Ok(grant) = resolve(self.set, subject, self.schema) else {
            return false;
        };
        let cell = |column: &ColumnName| row.get(column).cloned().flatten();
        let shown = match (&self.question.column, level.shown()) {
            (Some(column), Some(wanted)) => Shown::of(Some(&grant), column) == wanted.shown,
            _ => true,
        };
        shown && grant.rows().eval(&cell).is_true()
    }
}

impl Way {
    /// Whether somebody holds what the way requires.
    #[must_use]
    pub fn covers(&self, subject: &Subject) -> bool {
        self.requires.iter().all(|one| one.is_met_by(subject))
    }
}

impl Requirement {
    fn is_met_by(&self, subject: &Subject) -> bool {
        fn met<'a>(holds: &Holds, held: impl Iterator<Item = &'a str>) -> bool {
            let held: BTreeSet<&str> = held.collect();
            let among = |texts: &BTreeSet<String>| texts.iter().any(|t| held.contains(t.as_str()));
            match holds {
                Holds::AnyOf(texts) => among(texts),
                Holds::Something => !held.is_empty(),
                Holds::SomethingBut(texts) => !held.is_empty() && !among(texts),
            }
        }
        match &self.claim {
            Claim::Roles => met(&self.holds, subject.roles().iter().map(RoleName::as_str)),
            Claim::BusinessUnits => {
                let units = subject.business_units().iter();
                met(&self.holds, units.map(BusinessUnit::as_str))
            }
            Claim::Attribute(name) => {
                let held = subject.attribute(name).into_iter().flatten();
                met(&self.holds, held.map(String::as_str))
            }
        }
    }
}

#[cfg(test)]
mod tests;
