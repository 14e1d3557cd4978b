//! How a condition on rows is said.

use super::clause::{Clause, Says};
use super::value::{quoted, written};
use super::{Words, join};
use crate::locale::Locale;
use crate::name::ColumnName;
use crate::predicate::Comparison;
use crate::rule::Claim;
use crate::value::Value;

impl Words<'_> {
    /// "rows whose …", "rows where … and …": what a sentence says of the rows.
    pub(super) fn rows(&self, clause: &Clause) -> String {
        match clause {
            Clause::Always => self.pick("all rows", "toutes les lignes").to_owned(),
            Clause::Never => self.pick("no rows", "aucune ligne").to_owned(),
            Clause::Leaf { column, .. } => {
                let said = self.clause(clause);
                match self.locale {
                    Locale::EnCa => format!("rows whose {said}"),
                    Locale::FrCa if self.vocabulary.column_with_article(column).is_some() => {
                        format!("les lignes dont {said}")
                    }
                    Locale::FrCa => format!("les lignes où {said}"),
                }
            }
            _ => format!(
                "{} {}",
                self.pick("rows where", "les lignes où"),
                self.clause(clause)
            ),
        }
    }

    pub(super) fn clause(&self, clause: &Clause) -> String {
        let joined = |parts: &[Clause], word: &str| {
            join(parts.iter().map(|part| self.nested(part)).collect(), word)
        };
        match clause {
            Clause::Always => self.pick("anything goes", "tout convient").to_owned(),
            Clause::Never => self.pick("nothing fits", "rien ne convient").to_owned(),
            Clause::Leaf { column, says } => self.leaf(column, says),
            Clause::All(parts) => joined(parts, self.pick("and", "et")),
            Clause::Any(parts) => joined(parts, self.pick("or", "ou")),
        }
    }

    /// A part of a longer condition, in brackets so that "and" and "or" cannot be mixed up.
    fn nested(&self, part: &Clause) -> String {
        match part {
            Clause::All(_) | Clause::Any(_) => format!("({})", self.clause(part)),
            _ => self.clause(part),
        }
    }

    fn leaf(&self, column: &ColumnName, says: &Says) -> String {
        let name = self.column(column);
        let value = |value: &Value| self.value(column, value);
        let en = self.locale == Locale::EnCa;
        let rest = match says {
            Says::Compares(op, than) => self.compared(*op, than, &value(than)),
            Says::Between(low, high) => {
                let (low, high) = (self.the(low, value(low)), self.the(high, value(high)));
                if en {
                    format!("is between {low} and {high}")
                } else {
                    format!("est entre {low} et {high}")
                }
            }
            Says::IsOneOf(values, holds) => self.one_of(
                values.iter().map(|one| self.the(one, value(one))).collect(),
                *holds,
            ),
            Says::IsNull(true) => self.pick("is unknown", "est sans valeur").to_owned(),
            Says::IsNull(false) => self.pick("is known", "a une valeur").to_owned(),
            Says::StartsWith(prefix, holds) => {
                let verb = match (en, holds) {
                    (true, true) => "starts with",
                    (true, false) => "does not start with",
                    (false, true) => "commence par",
                    (false, false) => "ne commence pas par",
                };
                format!("{verb} {}", quoted(prefix, self.locale))
            }
            Says::IsClaimed(claim, holds) => {
                let verb = match (en, holds) {
                    (true, true) => "is",
                    (true, false) => "is not",
                    (false, true) => "est",
                    (false, false) => "n’est pas",
                };
                format!("{verb} {}", self.claimed(claim))
            }
        };
        format!("{name} {rest}")
    }

    fn claimed(&self, claim: &Claim) -> String {
        match claim {
            Claim::BusinessUnits => self.pick("one of their own", "l’une des leurs").to_owned(),
            Claim::Roles => self
                .pick("one of their roles", "l’un de leurs rôles")
                .to_owned(),
            Claim::Attribute(name) => {
                let name = self.attribute(name);
                match self.locale {
                    Locale::EnCa => format!("one of the values of their {name}"),
                    Locale::FrCa => format!("l’une des valeurs de leur attribut {name}"),
                }
            }
        }
    }

    fn compared(&self, op: Comparison, than: &Value, value: &str) -> String {
        let (en, fr) = match (than, op) {
            (_, Comparison::Eq) => ("is {}", "est {}"),
            (Value::Date(_) | Value::Timestamp(_), op) => match op {
                Comparison::Lt => ("is before {}", "est avant le {}"),
                Comparison::Le => ("is {} or earlier", "est le {} ou avant"),
                Comparison::Gt => ("is after {}", "est après le {}"),
                _ => ("is {} or later", "est le {} ou après"),
            },
            (Value::Text(_), op) => match op {
                Comparison::Lt => (
                    "comes before {} in the alphabet",
                    "vient avant {} dans l’alphabet",
                ),
                Comparison::Le => (
                    "is {} or comes before it in the alphabet",
                    "est {} ou vient avant dans l’alphabet",
                ),
                Comparison::Gt => (
                    "comes after {} in the alphabet",
                    "vient après {} dans l’alphabet",
                ),
                _ => (
                    "is {} or comes after it in the alphabet",
                    "est {} ou vient après dans l’alphabet",
                ),
            },
            (_, Comparison::Lt) => ("is below {}", "est en dessous de {}"),
            (_, Comparison::Le) => ("is {} or less", "est de {} ou moins"),
            (_, Comparison::Gt) => ("is above {}", "est au-dessus de {}"),
            (_, Comparison::Ge) => ("is {} or more", "est de {} ou plus"),
        };
        self.pick(en, fr).replacen("{}", value, 1)
    }

    fn one_of(&self, values: Vec<String>, holds: bool) -> String {
        let several = values.len() > 1;
        match (self.locale, holds, several) {
            (Locale::EnCa, true, _) => format!("is {}", join(values, "or")),
            (Locale::EnCa, false, false) => format!("is not {}", values.concat()),
            (Locale::EnCa, false, true) => format!("is neither {}", join(values, "nor")),
            (Locale::FrCa, true, _) => format!("est {}", join(values, "ou")),
            (Locale::FrCa, false, false) => format!("n’est pas {}", values.concat()),
            (Locale::FrCa, false, true) => format!("n’est ni {}", values.join(", ni ")),
        }
    }

    /// French dates carry their article.
    fn the(&self, value: &Value, said: String) -> String {
        match (self.locale, value) {
            (Locale::FrCa, Value::Date(_) | Value::Timestamp(_)) => format!("le {said}"),
            _ => said,
        }
    }

    fn value(&self, column: &ColumnName, value: &Value) -> String {
        self.vocabulary
            .value(column, value)
            .map_or_else(|| written(value, self.locale), std::borrow::Cow::into_owned)
    }
}
