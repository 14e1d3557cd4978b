//! Conditions on people: "analysts of the business unit Auto", "people whose clearance is high".

use std::collections::BTreeSet;

use super::value::quoted;
use super::{Words, join};
use crate::locale::Locale;
use crate::name::{AttributeName, BusinessUnit, RoleName};
use crate::rule::Condition;

/// Whom a rule is for, and who is excepted.
#[derive(Debug, Default)]
pub(super) struct Audience<'r> {
    pub(super) when: Vec<&'r Condition>,
    pub(super) unless: Vec<&'r Condition>,
}

impl<'r> Audience<'r> {
    pub(super) fn of(condition: Option<&'r Condition>) -> Self {
        let mut audience = Self::default();
        if let Some(one) = condition {
            audience.take(one);
        }
        audience
    }

    fn take(&mut self, part: &'r Condition) {
        match part {
            Condition::Not(excepted) => self.unless.push(excepted),
            Condition::All(parts) => {
                for part in parts {
                    self.take(part);
                }
            }
            other => self.when.push(other),
        }
    }
}

impl Words<'_> {
    /// Those who meet all of `conditions`, as a plural noun.
    pub(super) fn people(&self, conditions: &[&Condition]) -> String {
        let (noun, rest) = match conditions {
            [Condition::Role(roles), rest @ ..] => match self.labelled(roles) {
                Some(noun) => (noun, rest),
                None => (self.anybody(), conditions),
            },
            [Condition::Any(parts)] => {
                let groups = parts.iter().map(|part| self.people(&[part])).collect();
                return join(groups, self.pick("and", "et"));
            }
            _ => (self.anybody(), conditions),
        };
        let qualities: Vec<String> = rest.iter().map(|part| self.quality(part, true)).collect();
        if qualities.is_empty() {
            return noun;
        }
        format!("{noun} {}", join(qualities, self.pick("and", "et")))
    }

    /// Those who meet one of `conditions`.
    pub(super) fn any_of(&self, conditions: &[&Condition]) -> String {
        let groups = conditions.iter().map(|part| self.people(&[part])).collect();
        join(groups, self.pick("and", "et"))
    }

    fn anybody(&self) -> String {
        self.pick("people", "les personnes").to_owned()
    }

    /// The roles as a noun, if all of them have a label.
    fn labelled(&self, roles: &BTreeSet<RoleName>) -> Option<String> {
        let labels: Option<Vec<String>> = roles
            .iter()
            .map(|role| {
                let label = self.vocabulary.role(role)?;
                Some(match self.locale {
                    Locale::EnCa => label.to_owned(),
                    Locale::FrCa => format!("les {label}"),
                })
            })
            .collect();
        Some(join(labels?, self.pick("and", "et")))
    }

    /// What is said of people after the noun: "whose clearance is high".
    fn quality(&self, condition: &Condition, holds: bool) -> String {
        let en = self.locale == Locale::EnCa;
        match condition {
            Condition::Role(roles) => self.with_role(roles, holds),
            Condition::BusinessUnit(units) => self.in_unit(units, holds),
            Condition::Attribute(name, values) => self.with_attribute(name, values, holds),
            Condition::Not(part) => self.quality(part, !holds),
            Condition::All(parts) | Condition::Any(parts) => {
                let all = matches!(condition, Condition::All(_)) == holds;
                let word = match (all, en) {
                    (true, true) => "and",
                    (true, false) => "et",
                    (false, true) => "or",
                    (false, false) => "ou",
                };
                let parts: Vec<String> =
                    parts.iter().map(|part| self.quality(part, holds)).collect();
                let several = parts.len() > 1;
                let said = join(parts, word);
                if several { format!("({said})") } else { said }
            }
        }
    }

    fn with_role(&self, roles: &BTreeSet<RoleName>, holds: bool) -> String {
        let names = roles.iter().map(|role| {
            let label = self.vocabulary.role(role);
            label.map_or_else(|| format!("`{role}`"), |label| quoted(label, self.locale))
        });
        let names = join(names.collect(), self.pick("or", "ou"));
        let one = roles.len() == 1;
        match (self.locale, holds, one) {
            (Locale::EnCa, true, true) => format!("with the role {names}"),
            (Locale::EnCa, true, false) => format!("with one of the roles {names}"),
            (Locale::EnCa, false, true) => format!("without the role {names}"),
            (Locale::EnCa, false, false) => format!("with none of the roles {names}"),
            (Locale::FrCa, true, true) => format!("ayant le rôle {names}"),
            (Locale::FrCa, true, false) => format!("ayant l’un des rôles {names}"),
            (Locale::FrCa, false, true) => format!("n’ayant pas le rôle {names}"),
            (Locale::FrCa, false, false) => format!("n’ayant aucun des rôles {names}"),
        }
    }

    fn in_unit(&self, units: &BTreeSet<BusinessUnit>, holds: bool) -> String {
        let names = units.iter().map(|unit| {
            let label = self.vocabulary.business_unit(unit);
            label.map_or_else(|| quoted(unit.as_str(), self.locale), str::to_owned)
        });
        let names = join(names.collect(), self.pick("or", "ou"));
        match (self.locale, holds) {
            (Locale::EnCa, true) => format!("of the business unit {names}"),
            (Locale::EnCa, false) => format!("outside the business unit {names}"),
            (Locale::FrCa, true) => format!("de l’unité d’affaires {names}"),
            (Locale::FrCa, false) => format!("hors de l’unité d’affaires {names}"),
        }
    }

    fn with_attribute(
        &self,
        name: &AttributeName,
        values: &BTreeSet<String>,
        holds: bool,
    ) -> String {
        let name = self.attribute(name);
        let values = values
            .iter()
            .map(|value| quoted(value, self.locale))
            .collect();
        let values = join(values, self.pick("or", "ou"));
        match (self.locale, holds) {
            (Locale::EnCa, true) => format!("whose {name} is {values}"),
            (Locale::EnCa, false) => format!("whose {name} is not {values}"),
            (Locale::FrCa, true) => format!("dont l’attribut {name} est {values}"),
            (Locale::FrCa, false) => format!("dont l’attribut {name} n’est pas {values}"),
        }
    }
}
