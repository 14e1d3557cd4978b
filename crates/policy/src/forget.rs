//! What somebody would see who forgot a part of their claims.
//!
//! Leaving claims out narrows what permits open, but a forbid, a hidden column or a mask that is
//! meant for a role is lifted for whoever no longer has it. Where claims are passed on in part, as a
//! host's registration allows them, that must not happen.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::{AttributeName, BusinessUnit, RoleName, RuleId};
use crate::policy_set::PolicySet;
use crate::rule::{Claim, Condition, Effect, Policy, Rows, Rule};
use crate::schema::DatasetSchema;
use crate::subject::Subject;
use crate::value::ValueType;

/// The rule by which `kept`, who is `held` with some claims left out, might see more of the dataset
/// than `held` does. `None` is certain; a rule is a suspicion, and a reason not to leave them out.
#[must_use]
pub fn opened_by_forgetting<'a>(
    set: &'a PolicySet,
    schema: &DatasetSchema,
    held: &Subject,
    kept: &Subject,
) -> Option<&'a RuleId> {
    let forgotten = Forgotten::of(held, kept);
    let rules = set.policy(schema.name()).map_or(&[][..], Policy::rules);
    rules
        .iter()
        .find(|rule| forgotten.opens(rule))
        .map(Rule::id)
}

/// Claims that were left out.
struct Forgotten<'a> {
    roles: BTreeSet<&'a RoleName>,
    business_units: BTreeSet<&'a BusinessUnit>,
    attributes: BTreeMap<&'a AttributeName, BTreeSet<&'a String>>,
}

impl<'a> Forgotten<'a> {
    fn of(held: &'a Subject, kept: &'a Subject) -> Self {
        let attributes = held.attributes().filter_map(|(name, values)| {
            let left = kept.attribute(name);
            let gone = values
                .iter()
                .filter(|value| !left.is_some_and(|left| left.contains(*value)));
            let gone: BTreeSet<_> = gone.collect();
            (!gone.is_empty()).then_some((name, gone))
        });
        Self {
            roles: held.roles().difference(kept.roles()).collect(),
            business_units: held
                .business_units()
                .difference(kept.business_units())
                .collect(),
            attributes: attributes.collect(),
        }
    }

    /// What takes something away is lifted by forgetting what it asks for; what opens something is
    /// extended by forgetting what it excludes.
    fn opens(&self, rule: &Rule) -> bool {
        let (lifts, rows) = match rule.effect() {
            Effect::Permit(rows) => (false, Some(rows)),
            Effect::Forbid(rows) => (true, Some(rows)),
            Effect::Hide(_) | Effect::Mask { .. } => (true, None),
        };
        let condition = rule.condition();
        condition.is_some_and(|condition| self.is_asked_for(condition, lifts))
            || rows.is_some_and(|rows| self.is_in(rows, lifts))
    }

    fn is_asked_for(&self, condition: &Condition, lifts: bool) -> bool {
        match condition {
            Condition::Role(wanted) => lifts && wanted.iter().any(|it| self.roles.contains(it)),
            Condition::BusinessUnit(wanted) => {
                lifts && wanted.iter().any(|it| self.business_units.contains(it))
            }
            Condition::Attribute(name, wanted) => {
                let gone = self.attributes.get(name);
                lifts && gone.is_some_and(|gone| wanted.iter().any(|it| gone.contains(it)))
            }
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().any(|part| self.is_asked_for(part, lifts))
            }
            Condition::Not(part) => self.is_asked_for(part, !lifts),
        }
    }

    fn is_in(&self, rows: &Rows, lifts: bool) -> bool {
        match rows {
            Rows::Fixed(_) => false,
            Rows::Member { kind, claim, .. } => {
                let gone = match claim {
                    Claim::Roles => !self.roles.is_empty(),
                    Claim::BusinessUnits => !self.business_units.is_empty(),
                    Claim::Attribute(name) => self.attributes.contains_key(name),
                };
                // A value that is none of its column's spoils the rule until it is forgotten.
                gone && (lifts || *kind != ValueType::Text)
            }
            Rows::All(parts) | Rows::Any(parts) => parts.iter().any(|part| self.is_in(part, lifts)),
            Rows::Not(part) => self.is_in(part, !lifts),
        }
    }
}
