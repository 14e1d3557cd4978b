//! Everybody and every row worth trying, and partial choices among them.

use std::collections::BTreeMap;

use super::candidates::{claim_text, domain, elsewhere};
use super::mention::Mentions;
use crate::name::{BusinessUnit, ColumnName, RoleName};
use crate::rule::Claim;
use crate::subject::Subject;
use crate::value::{Value, ValueType};

/// What may be chosen: for each claim which of its texts are held, for each column one value.
///
/// Small, and yet complete: a decision rests on which texts a claim holds (of those that some rule
/// mentions or some column may have, or of any others) and on which side of which constant a value
/// lies.
#[derive(Debug)]
pub(super) struct Space {
    claims: Vec<ClaimSpace>,
    columns: Vec<ColumnSpace>,
    claim_places: BTreeMap<Claim, usize>,
    column_places: BTreeMap<ColumnName, usize>,
}

#[derive(Debug)]
struct ClaimSpace {
    claim: Claim,
    texts: Vec<String>,
    /// The texts as values of the types of the columns they are compared with.
    typed: BTreeMap<ValueType, Vec<Option<Value>>>,
}

#[derive(Debug)]
struct ColumnSpace {
    name: ColumnName,
    domain: Vec<Option<Value>>,
}

/// One thing to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Var {
    /// Whether the claim at this place holds the text at that place.
    Held(usize, usize),
    /// The value of the column at this place.
    Cell(usize),
}

/// The choices made so far.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    claims: Vec<Vec<Option<bool>>>,
    cells: Vec<Option<usize>>,
}

impl Space {
    pub(super) fn of(mentions: &Mentions) -> Self {
        let columns: Vec<ColumnSpace> = mentions
            .columns
            .iter()
            .enumerate()
            .map(|(place, (name, column))| ColumnSpace {
                name: name.clone(),
                domain: domain(name, place, column, mentions),
            })
            .collect();
        let claims: Vec<ClaimSpace> = mentions
            .claims
            .keys()
            .map(|claim| ClaimSpace::of(claim, mentions, &columns))
            .collect();
        let claim_places = places(claims.iter().map(|space| space.claim.clone()));
        let column_places = places(columns.iter().map(|space| space.name.clone()));
        Self {
            claims,
            columns,
            claim_places,
            column_places,
        }
    }

    pub(super) fn claim(&self, claim: &Claim) -> Option<usize> {
        self.claim_places.get(claim).copied()
    }

    pub(super) fn column(&self, column: &ColumnName) -> Option<usize> {
        self.column_places.get(column).copied()
    }

    pub(super) fn texts(&self, claim: usize) -> &[String] {
        self.claims.get(claim).map_or(&[], |space| &space.texts)
    }

    /// The texts of a claim as values of `kind`; `None` where a text is none.
    pub(super) fn typed(&self, claim: usize, kind: ValueType) -> &[Option<Value>] {
        self.claims
            .get(claim)
            .and_then(|space| space.typed.get(&kind))
            .map_or(&[], Vec::as_slice)
    }

    /// How many values the column at `place` may have.
    pub(super) fn cells(&self, place: usize) -> usize {
        self.columns
            .get(place)
            .map_or(0, |space| space.domain.len())
    }

    fn cell(&self, place: usize, value: usize) -> Option<&Option<Value>> {
        self.columns.get(place)?.domain.get(value)
    }

    /// Everything there is to choose, cells first.
    pub(super) fn vars(&self) -> Vec<Var> {
        let cells = (0..self.columns.len()).map(Var::Cell);
        let held = self.claims.iter().enumerate().flat_map(|(claim, space)| {
            (0..space.texts.len()).map(move |text| Var::Held(claim, text))
        });
        cells.chain(held).collect()
    }

    pub(super) fn nothing_chosen(&self) -> Choice {
        Choice {
            claims: self
                .claims
                .iter()
                .map(|space| vec![None; space.texts.len()])
                .collect(),
            cells: vec![None; self.columns.len()],
        }
    }

    /// Somebody who holds what was chosen and nothing else.
    pub(super) fn subject(&self, choice: &Choice) -> Subject {
        let mut subject = Subject::new("urn:weir:witness", "somebody");
        for (place, space) in self.claims.iter().enumerate() {
            let held = space.texts.iter().enumerate();
            let held = held.filter(|(text, _)| choice.held(place, *text) == Some(true));
            let held = held.map(|(_, text)| text.clone());
            subject = match &space.claim {
                Claim::Roles => subject.with_roles(held.filter_map(|t| RoleName::parse(t).ok())),
                Claim::BusinessUnits => {
                    subject.with_business_units(held.filter_map(|t| BusinessUnit::parse(t).ok()))
                }
                Claim::Attribute(name) => subject.with_attribute(name.clone(), held),
            };
        }
        subject
    }

    /// The cells that were chosen; the others do not matter.
    pub(super) fn row(&self, choice: &Choice) -> BTreeMap<ColumnName, Option<Value>> {
        self.columns
            .iter()
            .enumerate()
            .filter_map(|(place, space)| {
                let cell = self.chosen(choice, place)?;
                Some((space.name.clone(), cell.clone()))
            })
            .collect()
    }

    /// The value chosen for the column at `place`.
    pub(super) fn chosen(&self, choice: &Choice, place: usize) -> Option<&Option<Value>> {
        let value = choice.cells.get(place).copied().flatten()?;
        self.cell(place, value)
    }
}

impl ClaimSpace {
    fn of(claim: &Claim, mentions: &Mentions, columns: &[ColumnSpace]) -> Self {
        let mut texts: Vec<String> = mentions
            .claims
            .get(claim)
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let mut kinds = Vec::new();
        for column in columns {
            let Some(mention) = mentions.columns.get(&column.name) else {
                continue;
            };
            if mention.members.contains(claim) {
                texts.extend(column.domain.iter().flatten().map(claim_text));
                kinds.extend(mention.kinds.iter().copied());
            }
        }
        for kind in &kinds {
            texts.extend(elsewhere(*kind, &texts));
        }
        texts.push(somebody_else(claim, &texts));
        let mut kept: Vec<String> = Vec::with_capacity(texts.len());
        for text in texts {
            if can_hold(claim, &text) && !kept.contains(&text) {
                kept.push(text);
            }
        }
        let typed = kinds
            .into_iter()
            .map(|kind| {
                let values = kept.iter().map(|text| Value::parse(text, kind).ok());
                (kind, values.collect())
            })
            .collect();
        Self {
            claim: claim.clone(),
            texts: kept,
            typed,
        }
    }
}

/// A text that no rule speaks about.
fn somebody_else(claim: &Claim, taken: &[String]) -> String {
    let stem = if *claim == Claim::Roles {
        "another_role"
    } else {
        "another"
    };
    let mut text = stem.to_owned();
    while taken.contains(&text) {
        text.push('x');
    }
    text
}

fn can_hold(claim: &Claim, text: &str) -> bool {
    match claim {
        Claim::Roles => RoleName::parse(text).is_ok(),
        Claim::BusinessUnits => BusinessUnit::parse(text).is_ok(),
        Claim::Attribute(_) => !text.trim().is_empty(),
    }
}

fn places<T: Ord>(things: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    things
        .enumerate()
        .map(|(place, thing)| (thing, place))
        .collect()
}

impl Choice {
    /// Whether the claim holds the text, if that was chosen.
    pub(super) fn held(&self, claim: usize, text: usize) -> Option<bool> {
        self.claims.get(claim)?.get(text).copied().flatten()
    }

    pub(super) fn is_open(&self, var: Var) -> bool {
        self.get(var).is_none()
    }

    /// What was chosen, as a number: which cell, or 1 for a text that is held.
    pub(super) fn get(&self, var: Var) -> Option<usize> {
        match var {
            Var::Held(claim, text) => self.held(claim, text).map(usize::from),
            Var::Cell(column) => self.cells.get(column).copied().flatten(),
        }
    }

    pub(super) fn hold(&mut self, claim: usize, text: usize, held: Option<bool>) {
        if let Some(slot) = self
            .claims
            .get_mut(claim)
            .and_then(|texts| texts.get_mut(text))
        {
            *slot = held;
        }
    }

    pub(super) fn fill(&mut self, column: usize, value: Option<usize>) {
        if let Some(slot) = self.cells.get_mut(column) {
            *slot = value;
        }
    }
}
