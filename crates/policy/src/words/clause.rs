//! Conditions on rows: "business unit is one of their own and legal hold is no".

use std::collections::BTreeSet;

use super::value::{quoted, written};
use super::{Words, join};
use crate::locale::Locale;
use crate::name::ColumnName;
use crate::predicate::{Comparison, Predicate};
use crate::rule::{Claim, Rows};
use crate::value::Value;

/// A condition as it is said: negation stands at the leaves only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    Always,
    Never,
    Leaf { column: ColumnName, says: Says },
    All(Vec<Clause>),
    Any(Vec<Clause>),
}

/// What is said about one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Says {
    Compares(Comparison, Value),
    Between(Value, Value),
    IsOneOf(BTreeSet<Value>, bool),
    IsNull(bool),
    StartsWith(String, bool),
    IsClaimed(Claim, bool),
}

impl Clause {
    /// `holds` is false for the opposite of what `rows` say.
    pub(super) fn of_rows(rows: &Rows, holds: bool) -> Self {
        let each = |parts: &[Rows]| {
            parts
                .iter()
                .map(|part| Self::of_rows(part, holds))
                .collect()
        };
        match rows {
            Rows::Fixed(predicate) if holds => Self::of(predicate),
            Rows::Fixed(predicate) => Self::of(&Predicate::not(predicate.clone())),
            Rows::Member { column, claim, .. } => Self::Leaf {
                column: column.clone(),
                says: Says::IsClaimed(claim.clone(), holds),
            },
            Rows::All(parts) if holds => Self::all(each(parts)),
            Rows::Any(parts) if !holds => Self::all(each(parts)),
            Rows::All(parts) | Rows::Any(parts) => Self::any(each(parts)),
            Rows::Not(part) => Self::of_rows(part, !holds),
        }
    }

    pub(super) fn of(predicate: &Predicate) -> Self {
        match predicate {
            Predicate::Always => Self::Always,
            Predicate::Never => Self::Never,
            Predicate::All(parts) => Self::all(parts.iter().map(Self::of).collect()),
            Predicate::Any(parts) => Self::any(parts.iter().map(Self::of).collect()),
            Predicate::Not(part) => match part.as_ref() {
                Predicate::All(_) | Predicate::Any(_) | Predicate::Not(_) => {
                    Self::of(&Predicate::not(part.as_ref().clone()))
                }
                atom => Self::leaf(atom, false),
            },
            atom => Self::leaf(atom, true),
        }
    }

    fn leaf(atom: &Predicate, holds: bool) -> Self {
        let (column, says) = match atom {
            Predicate::Compare {
                column,
                op: Comparison::Eq,
                value,
            } => (
                column,
                Says::IsOneOf(BTreeSet::from([value.clone()]), holds),
            ),
            Predicate::Compare { column, op, value } => (
                column,
                Says::Compares(if holds { *op } else { opposite(*op) }, value.clone()),
            ),
            Predicate::In { column, values } => (column, Says::IsOneOf(values.clone(), holds)),
            Predicate::IsNull(column) => (column, Says::IsNull(holds)),
            Predicate::LikePrefix { column, prefix } => {
                (column, Says::StartsWith(prefix.clone(), holds))
            }
            Predicate::Always => return if holds { Self::Always } else { Self::Never },
            _ => return if holds { Self::Never } else { Self::Always },
        };
        Self::Leaf {
            column: column.clone(),
            says,
        }
    }

    /// "Between" is two comparisons; it is said as one. A conjunction in a conjunction is none.
    fn all(parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        let mut said: Vec<Self> = Vec::with_capacity(flat.len());
        for part in flat {
            let joined = said.last().and_then(|last| between(last, &part));
            if let Some(joined) = joined {
                said.pop();
                said.push(joined);
            } else {
                said.push(part);
            }
        }
        only(said).unwrap_or_else(Self::All)
    }

    fn any(parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        only(flat).unwrap_or_else(Self::Any)
    }

    /// The columns it looks at, if NULL in one of them makes it neither hold nor not hold.
    pub(super) fn unsure_about(&self) -> BTreeSet<&ColumnName> {
        match self {
            Self::Always
            | Self::Never
            | Self::Leaf {
                says: Says::IsNull(_),
                ..
            } => BTreeSet::new(),
            Self::Leaf { column, .. } => BTreeSet::from([column]),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::unsure_about).collect()
            }
        }
    }
}

/// The only part of a join of one, or all parts.
fn only(mut parts: Vec<Clause>) -> Result<Clause, Vec<Clause>> {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => Ok(only),
        (_, Some(last)) => {
            parts.push(last);
            Err(parts)
        }
        (_, None) => Err(parts),
    }
}

fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Eq => Comparison::Eq,
        Comparison::Lt => Comparison::Ge,
        Comparison::Le => Comparison::Gt,
        Comparison::Gt => Comparison::Le,
        Comparison::Ge => Comparison::Lt,
    }
}

fn between(one: &Clause, other: &Clause) -> Option<Clause> {
    let (
        Clause::Leaf { column, says: one },
        Clause::Leaf {
            column: same,
            says: other,
        },
    ) = (one, other)
    else {
        return None;
    };
    let ((Says::Compares(Comparison::Ge, low), Says::Compares(Comparison::Le, high))
    | (Says::Compares(Comparison::Le, high), Says::Compares(Comparison::Ge, low))) = (one, other)
    else {
        return None;
    };
    let says = Says::Between(low.clone(), high.clone());
    (column == same).then(|| Clause::Leaf {
        column: column.clone(),
        says,
    })
}

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
