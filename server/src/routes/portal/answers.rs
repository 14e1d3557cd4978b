//! What the form of a preview was answered, in an address, in a form that was sent, or in a preview
//! that is over; and what it means.

use std::collections::{BTreeMap, BTreeSet};

use weir_frontend::model::admin::FieldError;
use weir_policy::{AttributeName, BusinessUnit, RoleName};
use weir_query::Locale;
use weir_query::document::nearest;
use weir_registry::Rules;

use super::desk::Desk;
use super::form::Form;
use super::words::pick;
use crate::content::Content;
use crate::service::view_as::{Claims, Eyes, Kept, Under, Wish};

/// The fields of the form, in its order.
const FIELDS: [&str; 7] = [
    "persona",
    "roles",
    "business_units",
    "attributes",
    "dashboard",
    "content",
    "compare",
];

/// The answers, by field. What was not answered is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answers(BTreeMap<&'static str, String>);

impl Answers {
    /// Those of an address.
    pub(super) fn asked(desk: &Desk) -> Self {
        let answer = |name| Some((name, desk.asked(name)?.to_owned()));
        Self(FIELDS.into_iter().filter_map(answer).collect())
    }

    /// Those of a form that was sent.
    pub(super) fn sent(form: &Form) -> Self {
        let answer = |name| (name, form.line(name).to_owned());
        Self(FIELDS.into_iter().map(answer).collect())
    }

    /// Those that a preview began with.
    pub(super) fn of(kept: &Kept) -> Self {
        let claims = &kept.seen.claims;
        let mut answers = BTreeMap::from([
            ("dashboard", kept.dashboard.clone()),
            ("content", content(kept.first)),
        ]);
        if let Some(persona) = &kept.seen.persona {
            answers.insert("persona", persona.clone());
        } else {
            let attributes = claims.attributes.iter();
            let attributes = attributes.map(|(name, values)| format!("{name} = {}", row(values)));
            let attributes: Vec<_> = attributes.collect();
            answers.insert("roles", row(&claims.roles));
            answers.insert("business_units", row(&claims.business_units));
            answers.insert("attributes", attributes.join("\n"));
        }
        if let Some(second) = kept.second {
            answers.insert("compare", content(second));
        }
        Self(answers)
    }

    /// The form with these answers.
    pub(super) fn href(&self) -> String {
        let given = self.0.iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(given)
            .finish();
        format!("/admin/view-as?{query}")
    }

    /// One answer.
    pub(super) fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Whether claims were given instead of a sample person.
    pub(super) fn has_claims(&self) -> bool {
        let claims = ["roles", "business_units", "attributes"];
        claims.into_iter().any(|field| !self.get(field).is_empty())
    }

    /// What it asks for, or what is wrong with each field.
    pub(super) fn read(&self, known: &Content, locale: Locale) -> Result<Wish, Vec<FieldError>> {
        let mut reading = Reading {
            answers: self,
            locale,
            errors: Vec::new(),
        };
        let eyes = match self.get("persona") {
            "" => Eyes::Claims(reading.claims(known)),
            name => Eyes::Persona(name.to_owned()),
        };
        let under = reading.under("content").unwrap_or_default();
        let compare = reading.under("compare");
        if !reading.errors.is_empty() {
            return Err(reading.errors);
        }
        Ok(Wish {
            eyes,
            dashboard: self.get("dashboard").to_owned(),
            under,
            compare,
        })
    }
}

/// Reads answers and keeps what is wrong with them.
struct Reading<'a> {
    answers: &'a Answers,
    locale: Locale,
    errors: Vec<FieldError>,
}

impl Reading<'_> {
    fn wrong(&mut self, field: &str, message: String) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            message,
        });
    }

    fn claims(&mut self, known: &Content) -> Claims {
        Claims {
            roles: self.names("roles", |name| RoleName::parse(name).ok()),
            business_units: self.units(known),
            attributes: self.attributes(),
        }
    }

    fn names<T: Ord>(
        &mut self,
        field: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> BTreeSet<T> {
        let mut names = BTreeSet::new();
        for name in parts(self.answers.get(field)) {
            match parse(name) {
                Some(name) => {
                    names.insert(name);
                }
                None => self.wrong(field, no_name(name, self.locale)),
            }
        }
        names
    }

    /// A unit that no dataset names is a slip.
    fn units(&mut self, known: &Content) -> BTreeSet<BusinessUnit> {
        let units = self.names("business_units", |name| BusinessUnit::parse(name).ok());
        let known: Vec<&str> = known
            .business_units()
            .iter()
            .map(|(unit, _)| unit.as_str())
            .collect();
        for unit in units.iter().map(BusinessUnit::as_str) {
            if !known.is_empty() && !known.contains(&unit) {
                let message = no_unit(unit, &near(unit, &known), self.locale);
                self.wrong("business_units", message);
            }
        }
        units
    }

    fn attributes(&mut self) -> BTreeMap<AttributeName, BTreeSet<String>> {
        let mut attributes: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        let lines = self.answers.get("attributes").lines();
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let pair = line.split_once('=');
            let pair = pair.map(|(name, values)| (AttributeName::parse(name.trim()), values));
            match pair {
                Some((Ok(name), values)) => attributes
                    .entry(name)
                    .or_default()
                    .extend(parts(values).map(str::to_owned)),
                _ => self.wrong("attributes", no_attribute(line.trim(), self.locale)),
            }
        }
        attributes
    }

    fn under(&mut self, field: &'static str) -> Option<Under> {
        let text = self.answers.get(field);
        if text.is_empty() {
            return None;
        }
        let number = |text: &str| text.parse().ok();
        let under = match text.split_once(':') {
            Some(("revision", text)) => number(text).map(Under::Revision),
            Some(("draft", text)) => number(text).map(Under::Draft),
            _ => None,
        };
        if under.is_none() {
            self.wrong(field, no_content(self.locale));
        }
        under
    }
}

/// The value that the form's selects have for rules: `draft:27`.
pub(super) fn content(rules: Rules) -> String {
    match rules.draft {
        Some(draft) => format!("draft:{draft}"),
        None => format!("revision:{}", rules.revision),
    }
}

fn row<T: ToString>(values: &BTreeSet<T>) -> String {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    values.join(", ")
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// The known name that is spelled most alike; empty when none is near.
fn near(wrong: &str, known: &[&str]) -> String {
    let clause = nearest(wrong, known.iter().copied());
    let name = clause.split('`').nth(1);
    name.unwrap_or_default().to_owned()
}

fn no_unit(unit: &str, near: &str, locale: Locale) -> String {
    let (there_is_no, did_you_mean) = match locale {
        Locale::EnCa => (
            format!("There is no business unit {unit}."),
            format!(" Did you mean {near}?"),
        ),
        Locale::FrCa => (
            format!("Il n’y a pas d’unité d’affaires {unit}."),
            format!(" Vouliez-vous dire {near}\u{a0}?"),
        ),
    };
    match near {
        "" => there_is_no,
        _ => there_is_no + &did_you_mean,
    }
}

fn no_name(name: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{name} is no name: letters, digits and _, as in policies."),
        Locale::FrCa => format!(
            "{name} n’est pas un nom\u{a0}: lettres, chiffres et _, comme dans les politiques."
        ),
    }
}

fn no_attribute(line: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{line} can’t be read. Write name = value, value."),
        Locale::FrCa => format!("{line} est illisible. Écrivez nom = valeur, valeur."),
    }
}

/// Said about a revision or draft that is none.
pub(super) fn no_content(locale: Locale) -> String {
    pick(
        locale,
        "There is no such revision or draft. Choose another one.",
        "Il n’y a pas de telle révision ou ébauche. Choisissez-en une autre.",
    )
    .to_owned()
}
