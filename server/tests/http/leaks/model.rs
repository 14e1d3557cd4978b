//! What rules mean, written a second time and as plainly as possible: rule by rule and row by row,
//! without simplifying, without SQL, and without a line of the code it judges.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use weir_policy::Value;

/// A row: what is not there is NULL.
pub(crate) type Row = BTreeMap<&'static str, Value>;

/// A rule as an author means it.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) effect: Effect,
    pub(crate) when: Option<Who>,
    pub(crate) unless: Option<Who>,
}

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    Permit(Rows),
    Forbid(Rows),
    Hide(Vec<&'static str>),
    Mask(&'static str, Mask),
}

/// Ordered by how little is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mask {
    /// In hundredths.
    Bucket(i64),
    Partial,
    Hash,
    Null,
    Hidden,
}

/// Which rows a rule speaks of.
#[derive(Debug, Clone)]
pub(crate) enum Rows {
    Everything,
    Compare(&'static str, &'static str, Literal),
    Between(&'static str, Literal, Literal),
    In(&'static str, bool, Vec<Literal>),
    Claim(&'static str, bool, &'static str),
    IsNull(&'static str, bool),
    Prefix(&'static str, String),
    All(Vec<Rows>),
    Any(Vec<Rows>),
    Not(Box<Rows>),
}

/// For whom a rule is meant: any of the texts in a claim.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    Claim(&'static str, Vec<&'static str>),
    All(Vec<Who>),
    Any(Vec<Who>),
    Not(Box<Who>),
}

/// A value, and how a document spells it.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    pub(crate) value: Value,
    pub(crate) spelled: Json,
}

/// A claim's value, and what it says about a column of each type.
#[derive(Debug, Clone)]
pub(crate) struct ClaimText(pub(crate) String);

/// Who asks. `units` and `roles` are claims like any other here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker {
    pub(crate) claims: BTreeMap<&'static str, Vec<ClaimText>>,
}

/// The claim whose values are business units, and the one whose values are roles.
pub(crate) const UNITS: &str = "business_units";
pub(crate) const ROLES: &str = "roles";

/// What a rule says when its claims are missing, or not of the column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spoiled;

/// Nothing at all, or these restrictions of columns.
pub(crate) type Verdict = Option<BTreeMap<&'static str, Mask>>;

impl Asker {
    /// The texts of a claim. Blank ones are none.
    fn texts(&self, claim: &str) -> BTreeSet<&str> {
        let texts = self.claims.get(claim).into_iter().flatten();
        texts
            .map(|text| text.0.as_str())
            .filter(|text| text.chars().any(|c| !c.is_whitespace()))
            .collect()
    }
}

/// Truth in three values; `None` is unknown.
type Truth = Option<bool>;

fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}

fn all(parts: impl IntoIterator<Item = Truth>) -> Truth {
    let parts: Vec<Truth> = parts.into_iter().collect();
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

fn any(parts: impl IntoIterator<Item = Truth>) -> Truth {
    not(all(parts.into_iter().map(not)))
}

impl Who {
    fn truth(&self, asker: &Asker) -> Truth {
        match self {
            Self::Claim(claim, wanted) => {
                let held = asker.texts(claim);
                (!held.is_empty()).then(|| wanted.iter().any(|text| held.contains(text)))
            }
            Self::All(parts) => all(parts.iter().map(|part| part.truth(asker))),
            Self::Any(parts) => any(parts.iter().map(|part| part.truth(asker))),
            Self::Not(part) => not(part.truth(asker)),
        }
    }

    fn document(&self) -> Json {
        match self {
            Self::Claim(UNITS, wanted) => json!({ "business_unit": { "in": wanted } }),
            Self::Claim(ROLES, wanted) => json!({ "role": { "in": wanted } }),
            Self::Claim(name, wanted) => json!({ "attribute": { *name: { "in": wanted } } }),
            Self::All(parts) => {
                json!({ "all": parts.iter().map(Self::document).collect::<Vec<_>>() })
            }
            Self::Any(parts) => {
                json!({ "any": parts.iter().map(Self::document).collect::<Vec<_>>() })
            }
            Self::Not(part) => json!({ "not": part.document() }),
        }
    }
}

impl Rows {
    /// Whether the rule speaks of the row, as far as its claims can be understood at all.
    fn truth(&self, row: &Row, asker: &Asker) -> Result<Truth, Spoiled> {
        let cell = |column: &str| row.get(column);
        Ok(match self {
            Self::Everything => Some(true),
            Self::Compare(column, op, literal) => cell(column).map(|held| match *op {
                "eq" => *held == literal.value,
                "ne" => *held != literal.value,
                "lt" => *held < literal.value,
                "le" => *held <= literal.value,
                "gt" => *held > literal.value,
                "ge" => *held >= literal.value,
                other => panic!("no operator {other}"),
            }),
            Self::Between(column, low, high) => {
                cell(column).map(|held| *held >= low.value && *held <= high.value)
            }
            Self::In(column, inside, literals) => cell(column)
                .map(|held| *inside == literals.iter().any(|other| other.value == *held)),
            Self::Claim(column, inside, claim) => {
                let texts = asker.texts(claim);
                let known: Option<Vec<Value>> = texts
                    .iter()
                    .map(|text| super::pools::understood(column, text))
                    .collect();
                let known = known.filter(|known| !known.is_empty()).ok_or(Spoiled)?;
                cell(column).map(|held| *inside == known.contains(held))
            }
            Self::IsNull(column, wanted) => Some(cell(column).is_none() == *wanted),
            Self::Prefix(column, prefix) => cell(column).map(|held| match held {
                Value::Text(text) => text.as_bytes().starts_with(prefix.as_bytes()),
                other => panic!("{other:?} has no prefix"),
            }),
            Self::All(parts) => all(truths(parts, row, asker)?),
            Self::Any(parts) => any(truths(parts, row, asker)?),
            Self::Not(part) => not(part.truth(row, asker)?),
        })
    }

    fn document(&self) -> Json {
        let parts = |parts: &[Self]| parts.iter().map(Self::document).collect::<Vec<_>>();
        let membership = |inside: &bool| if *inside { "in" } else { "not_in" };
        match self {
            Self::Everything => json!("all"),
            Self::Compare(column, op, literal) => json!({ *column: { *op: literal.spelled } }),
            Self::Between(column, low, high) => {
                json!({ *column: { "between": [low.spelled, high.spelled] } })
            }
            Self::In(column, inside, literals) => {
                let spelled: Vec<_> = literals.iter().map(|literal| &literal.spelled).collect();
                json!({ *column: { membership(inside): spelled } })
            }
            Self::Claim(column, inside, UNITS) => {
                json!({ *column: { membership(inside): "subject.business_units" } })
            }
            Self::Claim(column, inside, claim) => {
                json!({ *column: { membership(inside): format!("subject.attributes.{claim}") } })
            }
            Self::IsNull(column, wanted) => json!({ *column: { "is_null": wanted } }),
            Self::Prefix(column, prefix) => json!({ *column: { "like_prefix": prefix } }),
            Self::All(of) => json!({ "all": parts(of) }),
            Self::Any(of) => json!({ "any": parts(of) }),
            Self::Not(part) => json!({ "not": part.document() }),
        }
    }
}

fn truths(parts: &[Rows], row: &Row, asker: &Asker) -> Result<Vec<Truth>, Spoiled> {
    parts.iter().map(|part| part.truth(row, asker)).collect()
}

impl Rule {
    fn meant_for(&self, asker: &Asker) -> Truth {
        let when = self
            .when
            .as_ref()
            .map_or(Some(true), |who| who.truth(asker));
        let unless = self
            .unless
            .as_ref()
            .map_or(Some(true), |who| not(who.truth(asker)));
        all([when, unless])
    }

    fn document(&self, id: usize) -> Json {
        let mut rule = json!({ "id": format!("r{id}") });
        match &self.effect {
            Effect::Permit(rows) => rule["permit"] = rows.document(),
            Effect::Forbid(rows) => rule["forbid"] = rows.document(),
            Effect::Hide(columns) => rule["hide"] = json!(columns),
            Effect::Mask(column, mask) => {
                let with = match mask {
                    Mask::Bucket(hundredths) => json!({ "bucket": hundredths / 100 }),
                    Mask::Partial => json!("partial"),
                    Mask::Hash => json!("hash"),
                    Mask::Null | Mask::Hidden => json!("null"),
                };
                rule["mask"] = json!({ "column": column, "with": with });
            }
        }
        if let Some(who) = &self.when {
            rule["when"] = who.document();
        }
        if let Some(who) = &self.unless {
            rule["unless"] = who.document();
        }
        rule
    }
}

/// The policy file of a dataset.
pub(crate) fn document(dataset: &str, rules: &[Rule]) -> String {
    let rules: Vec<_> = rules
        .iter()
        .enumerate()
        .map(|(id, rule)| rule.document(id))
        .collect();
    let text = json!({ "dataset": dataset, "rules": rules }).to_string();
    // A word, not a text.
    text.replace("\"permit\":\"all\"", "\"permit\": all")
}

/// Whether the rules open the dataset to the asker at all, and how they restrict its columns. A
/// rule that takes something away and can't be understood closes everything.
pub(crate) fn verdict(rules: &[Rule], asker: &Asker) -> Verdict {
    let nowhere = Row::new();
    let mut permitted = false;
    let mut masks = BTreeMap::new();
    for rule in rules {
        let meant = rule.meant_for(asker);
        match &rule.effect {
            Effect::Permit(rows) => {
                permitted |= meant == Some(true) && rows.truth(&nowhere, asker).is_ok();
            }
            _ if meant == Some(false) => {}
            Effect::Forbid(rows) => {
                rows.truth(&nowhere, asker).ok()?;
            }
            Effect::Hide(columns) => {
                masks.extend(columns.iter().map(|column| (*column, Mask::Hidden)));
            }
            Effect::Mask(column, mask) => {
                let strictest = masks.entry(*column).or_insert(*mask);
                *strictest = (*strictest).max(*mask);
            }
        }
    }
    permitted.then_some(masks)
}

/// Whether the asker may see the row: some permit certainly opens it, every forbid certainly
/// leaves it.
pub(crate) fn sees(rules: &[Rule], asker: &Asker, row: &Row) -> bool {
    let mut open = false;
    for rule in rules {
        let meant = rule.meant_for(asker);
        match &rule.effect {
            Effect::Permit(rows) if meant == Some(true) => {
                open |= rows.truth(row, asker) == Ok(Some(true));
            }
            Effect::Forbid(rows)
                if meant != Some(false) && rows.truth(row, asker) != Ok(Some(false)) =>
            {
                return false;
            }
            _ => {}
        }
    }
    open
}
