//! Lines and stacked bars: values along the first dimension, in layers.

mod fold;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use weir_frontend::model::{
    Cell as CellVm, Column, ColumnKind, Hue, LineVm, PointVm, SeriesVm, StackedBarVm, TableVm,
};
use weir_query::catalog::Measure;

use super::answer::{Answer, Categories, amount, cell, key, sum};
use super::number::position;
use super::{Drawn, Hues, Presenter, TileData, text};

/// One value per category.
struct Layer<'a> {
    name: String,
    hue: Hue,
    measure: &'a Measure,
    values: Vec<Option<Decimal>>,
}

impl Layer<'_> {
    fn total(&self) -> Option<Decimal> {
        sum(self.values.iter().copied())
    }

    /// Where it stands at its end, which may lie before the axis ends.
    fn last(&self) -> Option<Decimal> {
        self.values.iter().rev().copied().flatten().next()
    }
}

impl Presenter {
    pub(super) fn line(&self, data: &TileData<'_>, hues: &Hues) -> Option<Drawn<LineVm>> {
        let answer = Answer::new(data.question, data.rows);
        let categories = self.categories(&answer, data.period);
        let mut layers = self.layers(&answer, &categories, hues);
        layers.sort_by_cached_key(|layer| Reverse(layer.last()));
        let table = self.layer_table(data, &categories, &layers);
        let (layers, table) = self.few_layers(layers, table);
        let format = &layers.first()?.measure.format;
        let values = layers
            .iter()
            .flat_map(|layer| &layer.values)
            .flatten()
            .copied()
            .map(position);
        let axis = self.axis(values, format, false);
        let description = self.describe(data, &categories, &layers);
        let series = self.series(&layers);
        Some(Drawn {
            body: LineVm {
                categories: categories.list,
                axis,
                series,
            },
            table: Some(table),
            description,
        })
    }

    pub(super) fn stacked(&self, data: &TileData<'_>, hues: &Hues) -> Option<Drawn<StackedBarVm>> {
        let answer = Answer::new(data.question, data.rows);
        let categories = self.categories(&answer, data.period);
        let mut layers = self.layers(&answer, &categories, hues);
        layers.sort_by_cached_key(|layer| Reverse(layer.total()));
        let table = self.layer_table(data, &categories, &layers);
        let (layers, table) = self.few_layers(layers, table);
        let format = &layers.first()?.measure.format;
        let stacks: Vec<f64> = (0..categories.list.len())
            .flat_map(|at| stack(&layers, at))
            .collect();
        let axis = self.axis(stacks.into_iter(), format, true);
        let description = self.describe(data, &categories, &layers);
        let series = self.series(&layers);
        Some(Drawn {
            body: StackedBarVm {
                categories: categories.list,
                axis,
                series,
            },
            table: Some(table),
            description,
        })
    }

    /// One layer per measure, or one per value of the second dimension.
    fn layers<'a>(
        &self,
        answer: &Answer<'a>,
        categories: &Categories,
        hues: &Hues,
    ) -> Vec<Layer<'a>> {
        let question = answer.question;
        match (question.dimensions().get(1), question.measures()) {
            (Some(_), [measure, ..]) => self.layers_by_value(answer, measure, categories, hues),
            (_, measures) => measures
                .iter()
                .map(|measure| Layer {
                    name: measure.label.get(self.locale).to_owned(),
                    hue: hues.measure(question.dataset().name(), &measure.name),
                    measure,
                    values: place(answer, measure, categories),
                })
                .collect(),
        }
    }

    fn layers_by_value<'a>(
        &self,
        answer: &Answer<'a>,
        measure: &'a Measure,
        categories: &Categories,
        hues: &Hues,
    ) -> Vec<Layer<'a>> {
        let Some(dimension) = answer.question.dimensions().get(1) else {
            return Vec::new();
        };
        let column = answer.column(measure, false).unwrap_or(usize::MAX);
        let mut layers: BTreeMap<Option<String>, Layer<'a>> = BTreeMap::new();
        for row in answer.rows.rows() {
            let Some(at) = categories.place(cell(row, 0)) else {
                continue;
            };
            let layer = layers
                .entry(key(cell(row, 1)).map(Cow::into_owned))
                .or_insert_with(|| Layer {
                    name: self.label(answer.question.dataset(), dimension, cell(row, 1)),
                    hue: Hue::Other,
                    measure,
                    values: vec![None; categories.list.len()],
                });
            if let Some(value) = layer.values.get_mut(at) {
                *value = amount(cell(row, column));
            }
        }
        let names: Vec<Option<&str>> = layers.keys().map(Option::as_deref).collect();
        let colours = hues.values(&dimension.column, &names);
        let coloured = layers.into_values().zip(colours);
        coloured
            .map(|(layer, hue)| Layer { hue, ..layer })
            .collect()
    }

    fn series(&self, layers: &[Layer<'_>]) -> Vec<SeriesVm> {
        let point = |layer: &Layer<'_>, value: Option<Decimal>| PointVm {
            value: value.map(position),
            exact: self.exact(layer.measure, value),
        };
        layers
            .iter()
            .map(|layer| SeriesVm {
                name: layer.name.clone(),
                hue: layer.hue,
                points: layer
                    .values
                    .iter()
                    .map(|value| point(layer, *value))
                    .collect(),
                last: layer
                    .last()
                    .map(|value| self.short(layer.measure, value))
                    .unwrap_or_default(),
            })
            .collect()
    }

    /// Categories down, layers across, every value exact and nothing folded.
    fn layer_table(
        &self,
        data: &TileData<'_>,
        categories: &Categories,
        layers: &[Layer<'_>],
    ) -> TableVm {
        let dimension = data.question.dimensions().first();
        let first = Column {
            label: dimension
                .map(|d| d.label.get(self.locale).to_owned())
                .unwrap_or_default(),
            kind: ColumnKind::Text,
        };
        let others = layers.iter().map(|layer| Column {
            label: layer.name.clone(),
            kind: ColumnKind::Number,
        });
        let value = |layer: &Layer<'_>, at: usize| match layer.values.get(at).copied().flatten() {
            Some(value) => self.numbers.exact(value, &layer.measure.format),
            None => super::answer::DASH.to_owned(),
        };
        let row = |(at, category): (usize, &weir_frontend::model::CategoryVm)| {
            let name = std::iter::once(category.label.clone());
            let cells = name.chain(layers.iter().map(|layer| value(layer, at)));
            cells.map(|text| CellVm { text, bar: None }).collect()
        };
        TableVm {
            columns: std::iter::once(first).chain(others).collect(),
            rows: categories.list.iter().enumerate().map(row).collect(),
            note: self.left_out(data),
        }
    }

    /// Title, span of time, and either the ends of the only line or where each one stands last.
    fn describe(
        &self,
        data: &TileData<'_>,
        categories: &Categories,
        layers: &[Layer<'_>],
    ) -> String {
        let mut parts = vec![data.tile.title.get(self.locale).to_owned()];
        parts.extend(categories.range(self));
        let head = parts.join(", ");
        let facts = match layers {
            [only] => {
                let labels = categories
                    .list
                    .iter()
                    .map(|category| category.label.as_str());
                let points = labels
                    .zip(&only.values)
                    .filter_map(|(label, value)| Some((label, (*value)?)));
                self.ends(only.measure, points)
            }
            several => {
                let last = |layer: &Layer<'_>| {
                    let value = self.short(layer.measure, layer.last()?);
                    Some(text::labelled(&layer.name, &value, self.locale))
                };
                Some(format!(
                    "{}.",
                    several
                        .iter()
                        .filter_map(last)
                        .collect::<Vec<_>>()
                        .join(text::semicolon(self.locale))
                ))
            }
        };
        format!("{head}. {}", facts.unwrap_or_default())
            .trim_end()
            .to_owned()
    }

    /// "Highest: Auto, $5.2M. Lowest: Life, $412K."
    pub(super) fn ends<'n>(
        &self,
        measure: &Measure,
        points: impl Iterator<Item = (&'n str, Decimal)> + Clone,
    ) -> Option<String> {
        let (highest, most) = points.clone().max_by_key(|(_, value)| *value)?;
        let (lowest, least) = points.min_by_key(|(_, value)| *value)?;
        let (most, least) = (self.short(measure, most), self.short(measure, least));
        Some(text::extremes(
            (highest, &most),
            (lowest, &least),
            self.locale,
        ))
    }
}

/// A measure's values, each at its category.
pub(super) fn place(
    answer: &Answer<'_>,
    measure: &Measure,
    categories: &Categories,
) -> Vec<Option<Decimal>> {
    let mut values = vec![None; categories.list.len()];
    let column = answer.column(measure, false).unwrap_or(usize::MAX);
    for row in answer.rows.rows() {
        let place = categories
            .place(cell(row, 0))
            .and_then(|at| values.get_mut(at));
        if let Some(value) = place {
            *value = amount(cell(row, column));
        }
    }
    values
}

/// How far the stack at `at` reaches above and below zero.
fn stack(layers: &[Layer<'_>], at: usize) -> [f64; 2] {
    let values = layers
        .iter()
        .filter_map(|layer| layer.values.get(at).copied().flatten())
        .map(position);
    values.fold([0.0, 0.0], |[up, down], value| {
        [up + value.max(0.0), down + value.min(0.0)]
    })
}

/// Adds a sentence to a table's note.
pub(super) fn with_note(table: TableVm, added: Option<String>) -> TableVm {
    let note = match (table.note, added) {
        (Some(note), Some(added)) => Some(format!("{note}. {added}")),
        (note, added) => note.or(added),
    };
    TableVm { note, ..table }
}
