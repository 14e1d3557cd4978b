//! From (policy revision, subject, schema) to a grant or a denial, and from nothing else (P6).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::denied::{Denied, Refused, WhyNot};
use crate::grant::{Grant, Restriction};
use crate::name::{ColumnName, RuleId};
use crate::policy_set::PolicySet;
use crate::predicate::Predicate;
use crate::rule::{Effect, Rows, Rule};
use crate::schema::DatasetSchema;
use crate::subject::Subject;
use crate::truth::Truth;

/// Decides what `subject` may see of the dataset that `schema` describes.
///
/// # Errors
/// [`Denied`] whenever the answer is "nothing": no policy, no permit, no row left, or a rule that
/// cannot be evaluated.
pub fn resolve(
    set: &PolicySet,
    subject: &Subject,
    schema: &DatasetSchema,
) -> Result<Grant, Denied> {
    let dataset = schema.name();
    let policy = set.policy(dataset).ok_or_else(|| Denied::NoPolicy {
        dataset: dataset.clone(),
    })?;

    let mut found = Findings::default();
    for rule in policy.rules() {
        check_columns(rule, schema)
            .and_then(|()| found.consider(rule, subject))
            .map_err(|why| Denied::Unevaluable {
                dataset: dataset.clone(),
                rule: rule.id().clone(),
                why,
            })?;
    }
    if found.permits.is_empty() {
        return Err(Denied::without_permit(dataset.clone(), found.refused));
    }
    let opened = Predicate::any(found.permits);
    let rows = Predicate::all(std::iter::once(opened).chain(found.forbids));
    found.matched.sort_unstable();
    if rows == Predicate::Never {
        return Err(Denied::NoRows {
            dataset: dataset.clone(),
            rules: found.matched,
        });
    }
    Ok(Grant::new(
        schema.clone(),
        set.revision(),
        rows,
        found.restrictions,
        found.matched,
    ))
}

/// What became of one rule.
#[derive(Debug)]
pub(crate) enum Applied {
    Yes,
    No(WhyNot),
    /// It cannot be evaluated, which closes the dataset (P7).
    Never(WhyNot),
}

/// Whether `rule` takes part in the decision, by the very steps that make it.
pub(crate) fn applied(rule: &Rule, subject: &Subject, schema: &DatasetSchema) -> Applied {
    let mut found = Findings::default();
    match check_columns(rule, schema).and_then(|()| found.consider(rule, subject)) {
        Err(why) => Applied::Never(why),
        Ok(()) if found.matched.is_empty() => {
            let refused = found.refused.pop().map(|refused| refused.why);
            Applied::No(refused.unwrap_or(WhyNot::Condition))
        }
        Ok(()) => Applied::Yes,
    }
}

/// P7: what a rule was checked against must still be there, or the rule means something else.
fn check_columns(rule: &Rule, schema: &DatasetSchema) -> Result<(), WhyNot> {
    for (column, checked) in rule.columns() {
        match schema.column(column) {
            Some(now) if now == *checked => {}
            Some(now) => {
                let (column, checked) = (column.clone(), *checked);
                return Err(WhyNot::ColumnChanged {
                    column,
                    checked,
                    now,
                });
            }
            None => return Err(WhyNot::ColumnGone(column.clone())),
        }
    }
    Ok(())
}

#[derive(Default)]
struct Findings {
    permits: Vec<Predicate>,
    /// Already negated.
    forbids: Vec<Predicate>,
    restrictions: BTreeMap<ColumnName, Restriction>,
    matched: Vec<RuleId>,
    refused: Vec<Refused>,
}

impl Findings {
    fn consider(&mut self, rule: &Rule, subject: &Subject) -> Result<(), WhyNot> {
        let holds = rule
            .condition()
            .map_or(Truth::True, |condition| condition.eval(subject));
        match rule.effect() {
            Effect::Permit(rows) => self.permit(rule, rows, holds, subject),
            // What takes something away applies unless it certainly does not.
            _ if holds == Truth::False => {}
            Effect::Forbid(rows) => {
                self.forbids.push(Predicate::not(rows.fill(subject)?));
                self.matched.push(rule.id().clone());
            }
            Effect::Hide(columns) => {
                for column in columns {
                    self.restrict(column, Restriction::Hidden);
                }
                self.matched.push(rule.id().clone());
            }
            Effect::Mask { column, with } => {
                self.restrict(column, Restriction::Masked(with.clone()));
                self.matched.push(rule.id().clone());
            }
        }
        Ok(())
    }

    fn permit(&mut self, rule: &Rule, rows: &Rows, holds: Truth, subject: &Subject) {
        let refusal = match holds {
            Truth::True => match rows.fill(subject) {
                Ok(predicate) => {
                    self.permits.push(predicate);
                    self.matched.push(rule.id().clone());
                    return;
                }
                Err(why) => why,
            },
            Truth::Unknown => rule
                .condition()
                .and_then(|condition| condition.missing(subject))
                .map_or(WhyNot::Condition, WhyNot::Missing),
            Truth::False => WhyNot::Condition,
        };
        self.refused.push(Refused {
            rule: rule.id().clone(),
            why: refusal,
        });
    }

    fn restrict(&mut self, column: &ColumnName, by: Restriction) {
        match self.restrictions.entry(column.clone()) {
            Entry::Vacant(free) => {
                free.insert(by);
            }
            Entry::Occupied(mut taken) => {
                if by > *taken.get() {
                    taken.insert(by);
                }
            }
        }
    }
}
