//! Rules, conditions and grants as sentences, in Canadian French and English.
//!
//! ```
//! use weir_policy::words::{PlainNames, Words};
//! use weir_policy::{ColumnName, Locale, Predicate, Value};
//! let held = Predicate::eq(ColumnName::parse("legal_hold")?, Value::Boolean(true));
//! let words = Words::new(Locale::EnCa, &PlainNames);
//! assert_eq!(words.predicate(&held), "`legal_hold` is yes");
//! # Ok::<(), weir_policy::NameError>(())
//! ```
//!
//! This crate knows names; labels come from a [`Vocabulary`]. Where it has none, the name stands in
//! back quotes.

mod clause;
mod columns;
mod rows;
mod value;
mod who;

use std::borrow::Cow;

use self::clause::Clause;
use self::who::Audience;
use crate::grant::Grant;
use crate::locale::Locale;
use crate::mask::ColumnAccess;
use crate::name::{AttributeName, BusinessUnit, ColumnName, RoleName};
use crate::predicate::Predicate;
use crate::rule::{Effect, Rule};
use crate::value::Value;

/// What names are called in the language that is spoken. `None` leaves the name as it is.
pub trait Vocabulary {
    /// The label of a column: `Business unit`.
    fn column(&self, _column: &ColumnName) -> Option<&str> {
        None
    }

    /// The label of a column with its article, for French: `l’unité d’affaires`.
    fn column_with_article(&self, _column: &ColumnName) -> Option<&str> {
        None
    }

    /// The label of a value of a column: `Auto`.
    fn value(&self, _column: &ColumnName, _value: &Value) -> Option<Cow<'_, str>> {
        None
    }

    /// Those who hold a role, as a plural noun without article: `analysts`, `analystes`.
    fn role(&self, _role: &RoleName) -> Option<&str> {
        None
    }

    /// The label of a business unit: `Auto`.
    fn business_unit(&self, _unit: &BusinessUnit) -> Option<&str> {
        None
    }

    /// The label of an attribute, within a sentence: `clearance`, `cote de sécurité`.
    fn attribute(&self, _attribute: &AttributeName) -> Option<&str> {
        None
    }
}

/// No labels at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainNames;

impl Vocabulary for PlainNames {}

/// Says things in one language.
#[derive(Clone, Copy)]
pub struct Words<'v> {
    locale: Locale,
    vocabulary: &'v dyn Vocabulary,
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words")
            .field("locale", &self.locale)
            .finish_non_exhaustive()
    }
}

impl<'v> Words<'v> {
    /// Speaks `locale`, with the labels of `vocabulary`, which must be of that language.
    #[must_use]
    pub fn new(locale: Locale, vocabulary: &'v dyn Vocabulary) -> Self {
        Self { locale, vocabulary }
    }

    /// What the rule does, and for whom: one sentence, or two where a missing claim matters.
    #[must_use]
    pub fn rule(&self, rule: &Rule) -> String {
        let audience = Audience::of(rule.condition());
        let (sentence, unsure) = match rule.effect() {
            Effect::Permit(rows) => (
                self.permit(&Clause::of_rows(rows, true), &audience),
                // A permit needs certainty.
                (!audience.unless.is_empty()).then(|| {
                    self.pick(
                        "Anybody of whom that cannot be told is excepted too.",
                        "Toute personne pour qui on ne peut pas le savoir est exclue aussi.",
                    )
                }),
            ),
            Effect::Forbid(rows) => (
                self.forbid(&Clause::of_rows(rows, true), &audience),
                self.also_unsure(&audience),
            ),
            Effect::Hide(columns) => {
                let limit = self.hidden(columns.len() > 1);
                (
                    self.limited(columns, &limit, &audience),
                    self.also_unsure(&audience),
                )
            }
            Effect::Mask { column, with } => {
                let limit = self.masked(with);
                let column = std::slice::from_ref(column);
                (
                    self.limited(column, &limit, &audience),
                    self.also_unsure(&audience),
                )
            }
        };
        let sentence = format!("{}.", capital(&sentence));
        unsure.map_or(sentence.clone(), |unsure| format!("{sentence} {unsure}"))
    }

    /// A condition on rows, without a full stop: `business unit is Auto and legal hold is no`.
    #[must_use]
    pub fn predicate(&self, predicate: &Predicate) -> String {
        self.clause(&Clause::of(predicate))
    }

    /// What a grant shows: a sentence on the rows, then one for each hidden or masked column.
    #[must_use]
    pub fn grant(&self, grant: &Grant) -> Vec<String> {
        let rows = self.rows(&Clause::of(grant.rows()));
        let rows = match self.locale {
            Locale::EnCa => format!("{rows} are shown."),
            Locale::FrCa => format!("{rows} sont montrées."),
        };
        let columns = grant.columns().filter_map(|(column, access)| {
            let limit = match access {
                ColumnAccess::Visible => return None,
                ColumnAccess::Hidden => self.hidden(false),
                ColumnAccess::Masked(mask) => self.masked(mask),
            };
            let said = self.limited(std::slice::from_ref(column), &limit, &Audience::default());
            Some(format!("{}.", capital(&said)))
        });
        std::iter::once(capital(&rows)).chain(columns).collect()
    }

    fn permit(&self, rows: &Clause, audience: &Audience<'_>) -> String {
        let except = self.except(audience, "");
        let nothing = *rows == Clause::Never;
        let rows = self.rows(rows);
        match (self.locale, audience.when.is_empty()) {
            (Locale::EnCa, true) => format!("everybody sees {rows}{except}"),
            (Locale::EnCa, false) => format!("{} see {rows}{except}", self.people(&audience.when)),
            (Locale::FrCa, true) if nothing => format!("personne ne voit {rows}{except}"),
            (Locale::FrCa, true) => format!("tout le monde voit {rows}{except}"),
            (Locale::FrCa, false) => {
                let verb = if nothing { "ne voient" } else { "voient" };
                format!("{} {verb} {rows}{except}", self.people(&audience.when))
            }
        }
    }

    fn forbid(&self, clause: &Clause, audience: &Audience<'_>) -> String {
        let rows = match (clause, self.locale) {
            (Clause::Always, Locale::EnCa) => "any rows".to_owned(),
            (Clause::Always, Locale::FrCa) => "de lignes".to_owned(),
            _ => self.rows(clause),
        };
        let null = match clause.unsure_about().len() {
            0 => "",
            1 => self.pick(
                " (rows where it is unknown are withheld too)",
                " (les lignes où cette valeur manque sont retenues aussi)",
            ),
            _ => self.pick(
                " (rows where that cannot be told are withheld too)",
                " (les lignes où on ne peut pas le savoir sont retenues aussi)",
            ),
        };
        let except = self.except(audience, "");
        let people = || self.people(&audience.when);
        match (self.locale, audience.when.is_empty()) {
            (Locale::EnCa, true) => format!("nobody sees {rows}{null}{except}"),
            (Locale::EnCa, false) => format!("{} do not see {rows}{null}{except}", people()),
            (Locale::FrCa, true) => format!("personne ne voit {rows}{null}{except}"),
            (Locale::FrCa, false) => format!("{} ne voient pas {rows}{null}{except}", people()),
        }
    }

    fn except(&self, audience: &Audience<'_>, preposition: &str) -> String {
        if audience.unless.is_empty() {
            return String::new();
        }
        let excepted = towards(preposition, &self.any_of(&audience.unless));
        format!(", {} {excepted}", self.pick("except", "sauf"))
    }

    /// What takes something away applies unless it certainly does not.
    fn also_unsure(&self, audience: &Audience<'_>) -> Option<&'static str> {
        (!audience.when.is_empty()).then(|| {
            self.pick(
                "This includes anybody of whom that cannot be told.",
                "Cela vaut aussi pour toute personne pour qui on ne peut pas le savoir.",
            )
        })
    }

    /// A column as the subject of a sentence.
    fn column(&self, column: &ColumnName) -> String {
        match (self.locale, self.vocabulary.column_with_article(column)) {
            (Locale::FrCa, Some(phrase)) => phrase.to_owned(),
            _ => self.label(column),
        }
    }

    /// A column by its label: in English within the sentence, in French in quotation marks.
    fn label(&self, column: &ColumnName) -> String {
        match (self.vocabulary.column(column), self.locale) {
            (None, _) => format!("`{column}`"),
            (Some(label), Locale::EnCa) => lower(label),
            (Some(label), Locale::FrCa) => value::quoted(label, self.locale),
        }
    }

    fn attribute(&self, name: &AttributeName) -> String {
        let label = self.vocabulary.attribute(name);
        label.map_or_else(
            || format!("`{name}`"),
            |label| match self.locale {
                Locale::EnCa => label.to_owned(),
                Locale::FrCa => value::quoted(label, self.locale),
            },
        )
    }

    fn pick<'a>(&self, en: &'a str, fr: &'a str) -> &'a str {
        match self.locale {
            Locale::EnCa => en,
            Locale::FrCa => fr,
        }
    }
}

/// "a, b and c"
fn join(mut parts: Vec<String>, word: &str) -> String {
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return last;
    }
    format!("{} {word} {last}", parts.join(", "))
}

/// In French `à` and `les` become `aux`.
fn towards(preposition: &str, people: &str) -> String {
    match (preposition, people.strip_prefix("les ")) {
        ("", _) => people.to_owned(),
        ("à", Some(rest)) => format!("aux {rest}"),
        _ => format!("{preposition} {people}"),
    }
}

fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// A label within a sentence: `Business unit` but `QC code`.
fn lower(label: &str) -> String {
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => first
            .to_lowercase()
            .chain(std::iter::once(second))
            .chain(chars)
            .collect(),
        _ => label.to_owned(),
    }
}

#[cfg(test)]
mod tests;
