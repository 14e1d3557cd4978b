//! More layers than the eye can tell apart: the biggest stay, the rest becomes `Other`.

use std::cmp::Reverse;

use rust_decimal::Decimal;
use weir_frontend::model::{Hue, TableVm};

use super::{Layer, with_note};
use crate::present::answer::{is_additive, sum};
use crate::present::{Presenter, text};

/// More layers than this can't be told apart.
const MOST_LAYERS: usize = 6;

impl Presenter {
    /// Keeps the biggest layers. What is left becomes `Other` where it can be added up; otherwise
    /// it is in the table only, and the table says so.
    pub(super) fn few_layers<'a>(
        &self,
        layers: Vec<Layer<'a>>,
        table: TableVm,
    ) -> (Vec<Layer<'a>>, TableVm) {
        let all = layers.len();
        let additive = layers
            .first()
            .is_some_and(|layer| is_additive(layer.measure));
        if all <= MOST_LAYERS {
            return (layers, table);
        }
        let size = |layer: &Layer<'_>| {
            if additive {
                layer.total()
            } else {
                layer.last()
            }
        };
        let mut ranked: Vec<(usize, Option<Decimal>)> =
            layers.iter().map(size).enumerate().collect();
        ranked.sort_by_key(|(_, size)| Reverse(*size));
        let kept = |most: usize| {
            ranked
                .iter()
                .take(most)
                .map(|(at, _)| *at)
                .collect::<Vec<_>>()
        };
        let folded = kept(MOST_LAYERS - 1);
        let part = |keep: &[usize]| {
            let (keep, rest): (Vec<_>, Vec<_>) = layers
                .iter()
                .enumerate()
                .partition(|(at, _)| keep.contains(at));
            (
                keep.into_iter().map(|(_, l)| l).collect(),
                rest.into_iter().map(|(_, l)| l).collect(),
            )
        };
        let (_, rest): (Vec<&Layer<'a>>, Vec<&Layer<'a>>) = part(&folded);
        let other = if additive { self.other(&rest) } else { None };
        let (keep, left_out) = match &other {
            Some(_) => (folded, None),
            None => (
                kept(MOST_LAYERS),
                Some(text::chart_shows(MOST_LAYERS, all, self.locale)),
            ),
        };
        let mut at = 0..;
        let mut few = layers;
        few.retain(|_| at.next().is_some_and(|at: usize| keep.contains(&at)));
        few.extend(other);
        (few, with_note(table, left_out))
    }

    /// The exact sums of what was folded; `None` if one of them can't be held.
    fn other<'a>(&self, rest: &[&Layer<'a>]) -> Option<Layer<'a>> {
        let first = rest.first()?;
        let mut values = Vec::with_capacity(first.values.len());
        for at in 0..first.values.len() {
            let mut parts = rest
                .iter()
                .filter_map(|layer| layer.values.get(at).copied().flatten())
                .peekable();
            values.push(match parts.peek() {
                None => None,
                Some(_) => Some(sum(parts.map(Some))?),
            });
        }
        let name = text::other(self.locale).to_owned();
        Some(Layer {
            name,
            hue: Hue::Other,
            measure: first.measure,
            values,
        })
    }
}
