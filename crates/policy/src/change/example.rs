//! Looking for somebody, for questions that are not about a change.

use std::collections::BTreeMap;

use super::mention::Mentions;
use super::search::{Budget, Found, Need, find};
use super::space::Space;
use super::witness::WitnessSubject;
use crate::name::ColumnName;
use crate::rule::Rule;
use crate::value::Value;

/// What may still be spent on a question about one dataset.
#[derive(Debug, Default)]
pub(crate) struct Looking(Budget);

/// What came of looking.
#[derive(Debug)]
pub(crate) enum Example {
    /// Somebody, and cells of a row.
    Somebody {
        /// These claims and no others.
        subject: WitnessSubject,
        /// The cells that matter.
        row: BTreeMap<ColumnName, Option<Value>>,
    },
    /// There is nobody.
    Nobody,
    /// It took too long to say.
    TooLong,
}

impl Looking {
    /// Looks for somebody and a row on which all of `acting` act and none of `idle` does.
    pub(crate) fn example(&mut self, acting: &[&Rule], idle: &[&Rule]) -> Example {
        let all = acting.iter().chain(idle).copied();
        let space = Space::of(&Mentions::of(all));
        let acting = acting.iter().map(|rule| Need { rule, acts: true });
        let idle = idle.iter().map(|rule| Need { rule, acts: false });
        let needs: Vec<Need<'_>> = acting.chain(idle).collect();
        match find(&space, &needs, &mut self.0) {
            Found::Nothing => Example::Nobody,
            Found::TooLong => Example::TooLong,
            Found::Choice(choice) => Example::Somebody {
                subject: WitnessSubject::of(&space.subject(&choice)),
                row: space.row(&choice),
            },
        }
    }
}
