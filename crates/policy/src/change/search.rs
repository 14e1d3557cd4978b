//! Looking for one subject and one row under which certain rules act and certain others do not.
//!
//! A search through partial choices: whatever is already certain to fail is cut off, and of a
//! failure it is remembered which choices were to blame, so that others are not tried in vain.

use std::collections::{BTreeMap, BTreeSet};

use super::mention::Mentions;
use super::next::Next;
use super::partial::{Partial, Sure};
use super::space::{Choice, Space, Var};
use crate::rule::{Claim, Rule};

/// How many comparisons may be looked at to answer one question.
const MOST_PER_QUESTION: usize = 60_000;
/// How many for all questions about one dataset.
const MOST_PER_DATASET: usize = 3_000_000;
/// How many for a whole comparison.
const MOST_IN_ALL: usize = 12_000_000;

/// What may still be spent on a comparison.
#[derive(Debug)]
pub(super) struct Budget {
    dataset: usize,
    all: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            dataset: MOST_PER_DATASET,
            all: MOST_IN_ALL,
        }
    }
}

impl Budget {
    /// Turns to the next dataset.
    pub(super) fn next_dataset(&mut self) {
        self.dataset = MOST_PER_DATASET;
    }

    fn left(&self) -> usize {
        self.dataset.min(self.all)
    }

    fn spend(&mut self, comparisons: usize) {
        self.dataset = self.dataset.saturating_sub(comparisons);
        self.all = self.all.saturating_sub(comparisons);
    }
}

/// Whether a rule is to act on the wanted subject and row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need<'r> {
    pub(super) rule: &'r Rule,
    pub(super) acts: bool,
}

/// The end of a search.
#[derive(Debug)]
pub(super) enum Found {
    /// This subject and row meet every need; what is not chosen does not matter.
    Choice(Choice),
    /// There are none.
    Nothing,
    /// It took too long to say.
    TooLong,
}

enum Step {
    Found,
    /// Fails whatever else is chosen, because of these choices.
    Fails(BTreeSet<Var>),
    TooLong,
}

struct Search<'a> {
    space: &'a Space,
    needs: &'a [Need<'a>],
    looks_at: Vec<Looks>,
    choice: Choice,
    left: usize,
}

/// The places a rule looks at.
#[derive(Debug, Default)]
struct Looks {
    /// Each with the texts that matter; none where all of them do.
    claims: BTreeMap<usize, Option<BTreeSet<usize>>>,
    columns: BTreeSet<usize>,
    /// How many comparisons it takes to know what the rule does.
    cost: usize,
}

/// Looks for somebody, and a row, that meet all `needs`.
pub(super) fn find(space: &Space, needs: &[Need<'_>], budget: &mut Budget) -> Found {
    let looks_at: Vec<Looks> = needs
        .iter()
        .map(|need| Looks::of(need.rule, space))
        .collect();
    let start = looks_at.iter().map(|looks| looks.cost).sum();
    budget.spend(start);
    let granted = budget.left().min(MOST_PER_QUESTION);
    let mut search = Search {
        space,
        needs,
        choice: space.nothing_chosen(),
        left: granted,
        looks_at,
    };
    let found = search.run();
    budget.spend(granted - search.left);
    found
}

impl Search<'_> {
    fn run(&mut self) -> Found {
        let known: Vec<Sure> = self.needs.iter().map(|need| self.met(need)).collect();
        match self.step(&known) {
            Step::Found => {
                self.forget_what_does_not_matter();
                Found::Choice(self.choice.clone())
            }
            Step::Fails(_) => Found::Nothing,
            Step::TooLong => Found::TooLong,
        }
    }

    fn met(&self, need: &Need<'_>) -> Sure {
        let partial = Partial {
            space: self.space,
            choice: &self.choice,
        };
        match (partial.acts(need.rule), need.acts) {
            (Sure::Perhaps, _) => Sure::Perhaps,
            (Sure::Yes, true) | (Sure::No, false) => Sure::Yes,
            _ => Sure::No,
        }
    }

    fn step(&mut self, known: &[Sure]) -> Step {
        if self.left == 0 {
            return Step::TooLong;
        }
        if let Some(failed) = known.iter().position(|met| *met == Sure::No) {
            return Step::Fails(self.blame(failed));
        }
        let Some((var, wanted)) = self.next(known) else {
            let met = known.iter().all(|met| *met == Sure::Yes);
            return if met { Step::Found } else { Step::TooLong };
        };
        let mut blamed = BTreeSet::new();
        for value in self.values(var, wanted) {
            self.set(var, Some(value));
            let after = self.after(known, var);
            match self.step(&after) {
                Step::Fails(why) => {
                    self.set(var, None);
                    if !why.contains(&var) {
                        return Step::Fails(why);
                    }
                    blamed.extend(why);
                }
                end => return end,
            }
        }
        blamed.remove(&var);
        Step::Fails(blamed)
    }

    /// The next thing to choose: first what makes rules act, then what is left over least.
    fn next(&self, known: &[Sure]) -> Option<Next> {
        let open = known
            .iter()
            .zip(self.needs)
            .zip(&self.looks_at)
            .filter(|((met, _), _)| **met == Sure::Perhaps);
        let ((_, need), _) = open.min_by_key(|((_, need), looks)| (!need.acts, looks.size()))?;
        let partial = Partial {
            space: self.space,
            choice: &self.choice,
        };
        partial.undecided(need.rule, need.acts)
    }

    fn values(&self, var: Var, wanted: bool) -> Vec<usize> {
        match var {
            Var::Held(..) if wanted => vec![1, 0],
            Var::Held(..) => vec![0, 1],
            Var::Cell(column) if wanted => (0..self.space.cells(column)).collect(),
            // What no rule mentions stands before the constants, NULL last of all.
            Var::Cell(column) => {
                let null = self.space.cells(column).saturating_sub(1);
                (0..null).rev().chain([null]).collect()
            }
        }
    }

    fn set(&mut self, var: Var, value: Option<usize>) {
        match var {
            Var::Held(claim, text) => self.choice.hold(claim, text, value.map(|held| held == 1)),
            Var::Cell(column) => self.choice.fill(column, value),
        }
    }

    fn after(&mut self, known: &[Sure], var: Var) -> Vec<Sure> {
        let looking = self.looks_at.iter().zip(known);
        let cost: usize = looking
            .filter(|(looks, met)| **met == Sure::Perhaps && looks.at(var))
            .map(|(looks, _)| looks.cost)
            .sum();
        self.left = self.left.saturating_sub(cost + 1);
        known
            .iter()
            .zip(self.needs)
            .zip(&self.looks_at)
            .map(|((met, need), looks)| {
                if *met == Sure::Perhaps && looks.at(var) {
                    self.met(need)
                } else {
                    *met
                }
            })
            .collect()
    }

    /// Makes a proof short: takes away the claims, and leaves open the cells, it does not need.
    fn forget_what_does_not_matter(&mut self) {
        let (cells, held): (Vec<Var>, Vec<Var>) = self
            .space
            .vars()
            .into_iter()
            .partition(|var| matches!(var, Var::Cell(_)));
        // Whoever is not known to hold something does not; the proof stands either way.
        for var in held
            .iter()
            .filter(|var| self.choice.is_open(**var))
            .copied()
            .collect::<Vec<_>>()
        {
            self.set(var, Some(0));
        }
        for (vars, less) in [(cells, None), (held, Some(0))] {
            for var in vars {
                let chosen = self.choice.get(var);
                self.set(var, less);
                let mut looking = self.needs.iter().zip(&self.looks_at);
                let met = |(need, looks): (&Need<'_>, &Looks)| {
                    !looks.at(var) || self.met(need) == Sure::Yes
                };
                if !looking.all(met) {
                    self.set(var, chosen);
                }
            }
        }
    }

    /// The choices that the failed need rests on.
    fn blame(&self, failed: usize) -> BTreeSet<Var> {
        let mut blamed = BTreeSet::new();
        let Some(looks) = self.looks_at.get(failed) else {
            return blamed;
        };
        for (claim, mentioned) in &looks.claims {
            let texts = 0..self.space.texts(*claim).len();
            let held = texts
                .clone()
                .find(|text| self.choice.held(*claim, *text) == Some(true));
            // Besides the texts that are asked for it matters whether there is any at all.
            let texts: Vec<usize> = match (mentioned, held) {
                (Some(mentioned), Some(held)) => mentioned.iter().copied().chain([held]).collect(),
                _ => texts.collect(),
            };
            blamed.extend(texts.into_iter().map(|text| Var::Held(*claim, text)));
        }
        blamed.extend(looks.columns.iter().map(|column| Var::Cell(*column)));
        blamed.retain(|var| !self.choice.is_open(*var));
        blamed
    }
}

impl Looks {
    fn of(rule: &Rule, space: &Space) -> Self {
        let mentions = Mentions::of([rule]);
        let members: BTreeSet<&Claim> = mentions
            .columns
            .values()
            .flat_map(|column| &column.members)
            .collect();
        let claims: BTreeMap<usize, Option<BTreeSet<usize>>> = mentions
            .claims
            .iter()
            .filter_map(|(claim, wanted)| {
                let place = space.claim(claim)?;
                let texts = space.texts(place).iter().enumerate();
                let wanted = texts.filter(|(_, text)| wanted.contains(*text));
                let wanted = wanted.map(|(text, _)| text).collect();
                Some((place, (!members.contains(claim)).then_some(wanted)))
            })
            .collect();
        let texts = claims.keys().map(|claim| space.texts(*claim).len()).max();
        Self {
            cost: 1 + mentions.size * (1 + texts.unwrap_or_default() / 8),
            claims,
            columns: mentions
                .columns
                .keys()
                .filter_map(|name| space.column(name))
                .collect(),
        }
    }

    fn at(&self, var: Var) -> bool {
        match var {
            Var::Held(claim, _) => self.claims.contains_key(&claim),
            Var::Cell(column) => self.columns.contains(&column),
        }
    }

    fn size(&self) -> usize {
        self.claims.len() + self.columns.len()
    }
}
