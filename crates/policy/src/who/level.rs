//! The ways a column can be shown: clear, or with the strictest restriction that applies.

use super::ShownBy;
use crate::change::{Shown, restricts};
use crate::grant::Restriction;
use crate::name::ColumnName;
use crate::rule::Rule;
use crate::schema::DatasetSchema;

/// One way a column can be shown. The default is for questions about rows alone.
#[derive(Debug, Default)]
pub(super) struct Level<'r> {
    shown: Option<Shown>,
    /// The rules that show it so; one of them has to apply. Empty for a column shown as it is.
    pub(super) limits: Vec<&'r Rule>,
    /// The rules that would show less; none of them may apply.
    pub(super) stricter: Vec<&'r Rule>,
}

impl Level<'_> {
    pub(super) fn shown(&self) -> Option<ShownBy> {
        Some(ShownBy {
            shown: self.shown.clone()?,
            rules: self.limits.iter().map(|rule| rule.id().clone()).collect(),
        })
    }
}

/// Every way the column can be shown, clear first.
pub(super) fn of<'r>(
    column: &ColumnName,
    schema: &DatasetSchema,
    rules: &'r [Rule],
) -> Vec<Level<'r>> {
    if schema.column(column).is_none() {
        // A column that is not there is hidden from everybody.
        return vec![Level {
            shown: Some(Shown::Hidden),
            ..Level::default()
        }];
    }
    let mut limits: Vec<(Restriction, &Rule)> = Vec::new();
    for rule in rules {
        for (name, mask) in restricts(rule) {
            if name == column {
                let hidden = Restriction::Hidden;
                let how = mask.map_or(hidden, |mask| Restriction::Masked(mask.clone()));
                limits.push((how, rule));
            }
        }
    }
    limits.sort_by(|(one, _), (other, _)| one.cmp(other));
    let beyond = |least: Option<&Restriction>| {
        let stricter = limits.iter();
        let stricter = stricter.filter(|(how, _)| least.is_none_or(|least| how > least));
        stricter.map(|(_, rule)| *rule).collect()
    };
    let clear = Level {
        shown: Some(Shown::Visible),
        limits: Vec::new(),
        stricter: beyond(None),
    };
    let restricted = limits.chunk_by(|(one, _), (other, _)| one == other);
    let restricted = restricted.filter_map(|chunk| {
        let (how, _) = chunk.first()?;
        Some(Level {
            shown: Some(match how {
                Restriction::Hidden => Shown::Hidden,
                Restriction::Masked(mask) => Shown::Masked(mask.clone()),
            }),
            limits: chunk.iter().map(|(_, rule)| *rule).collect(),
            stricter: beyond(Some(how)),
        })
    });
    std::iter::once(clear).chain(restricted).collect()
}
