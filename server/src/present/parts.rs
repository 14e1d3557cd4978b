//! Bars and donuts: one measure over one dimension.

use rust_decimal::Decimal;
use weir_frontend::model::{
    BarItem, BarVm, CategoryVm, Cell as CellVm, Column, ColumnKind, DonutVm, Hue, Orientation,
    SliceVm, TableVm,
};
use weir_query::catalog::Measure;
use weir_query::dashboard::Tile;

use super::answer::{Answer, Categories, DASH, amount, cell, is_additive, key, sum};
use super::number::position;
use super::series::{place, with_note};
use super::{Drawn, Hues, Presenter, TileData, text};

/// More bars than this don't fit a tile.
const MOST_BARS: usize = 12;
/// More slices than this can't be told apart.
const MOST_SLICES: usize = 6;

/// One name and its value.
#[derive(Clone)]
struct Part {
    category: CategoryVm,
    value: Option<Decimal>,
    hue: Hue,
}

impl Presenter {
    pub(super) fn bar(&self, data: &TileData<'_>, hues: &Hues) -> Option<Drawn<BarVm>> {
        let answer = Answer::new(data.question, data.rows);
        let measure = data.question.measures().first()?;
        let categories = self.categories(&answer, data.period);
        let range = categories.range(self);
        let hue = hues.measure(data.question.dataset().name(), &measure.name);
        let (parts, orientation) = bars(&answer, measure, data.tile, categories, hue);
        let table = self.part_table(data, measure, &parts, None);
        let points = parts
            .iter()
            .filter_map(|part| Some((part.category.label.as_str(), part.value?)));
        let facts = self.ends(measure, points).unwrap_or_default();
        let (parts, left_out) = match orientation {
            Orientation::Vertical => (parts, None),
            Orientation::Horizontal => self.few_parts(parts, MOST_BARS, measure),
        };
        let values = parts.iter().filter_map(|part| part.value).map(position);
        let axis = self.axis(values, &measure.format, true);
        let head: Vec<&str> = std::iter::once(data.tile.title.get(self.locale))
            .chain(range.as_deref())
            .collect();
        Some(Drawn {
            description: format!("{}. {facts}", head.join(", "))
                .trim_end()
                .to_owned(),
            table: Some(with_note(table, left_out)),
            body: BarVm {
                orientation,
                axis,
                bars: parts
                    .into_iter()
                    .map(|part| self.bar_item(part, measure))
                    .collect(),
            },
        })
    }

    fn bar_item(&self, part: Part, measure: &Measure) -> BarItem {
        BarItem {
            category: part.category,
            value: part.value.map(position),
            text: part
                .value
                .map_or_else(|| DASH.to_owned(), |value| self.short(measure, value)),
            exact: self.exact(measure, part.value),
            hue: part.hue,
        }
    }

    pub(super) fn donut(&self, data: &TileData<'_>, hues: &Hues) -> Option<Drawn<DonutVm>> {
        let answer = Answer::new(data.question, data.rows);
        let measure = data.question.measures().first()?;
        let parts = self.slices(&answer, measure, hues)?;
        // Shares are of what the ring can draw; a negative part has none.
        let positive = parts
            .iter()
            .map(|part| part.value.filter(|value| *value > Decimal::ZERO));
        let whole = if is_additive(measure) {
            sum(positive)
        } else {
            None
        };
        let total = if is_additive(measure) {
            sum(parts.iter().map(|part| part.value))
        } else {
            None
        };
        let shares: Vec<String> = parts
            .iter()
            .map(|part| self.share(part.value, whole))
            .collect();
        let table = self.part_table(data, measure, &parts, Some(&shares));
        let total = total
            .map(|total| self.short(measure, total))
            .unwrap_or_default();
        let facts = parts.first().map(|part| {
            text::largest(
                &total,
                &part.category.label,
                &self.share(part.value, whole),
                self.locale,
            )
        });
        let (parts, left_out) = self.few_parts(parts, MOST_SLICES, measure);
        let partial = self.left_out(data).is_some() || left_out.is_some();
        let total_label = if partial {
            text::total_shown(self.locale)
        } else {
            text::total(self.locale)
        };
        let title = data.tile.title.get(self.locale);
        Some(Drawn {
            description: format!("{title}. {}", facts.unwrap_or_default()),
            table: Some(with_note(table, left_out)),
            body: DonutVm {
                slices: parts
                    .into_iter()
                    .filter_map(|part| self.slice(part, measure, whole))
                    .collect(),
                total_label: if total.is_empty() {
                    String::new()
                } else {
                    total_label.to_owned()
                },
                total,
            },
        })
    }

    fn slices(&self, answer: &Answer<'_>, measure: &Measure, hues: &Hues) -> Option<Vec<Part>> {
        let dimension = answer.question.dimensions().first()?;
        let column = answer.column(measure, false)?;
        let rows = answer.rows.rows();
        let keys: Vec<_> = rows.iter().map(|row| key(cell(row, 0))).collect();
        let keys: Vec<Option<&str>> = keys.iter().map(Option::as_deref).collect();
        let hues = hues.values(&dimension.column, &keys);
        let part = |(row, hue): (&Vec<weir_query::Cell>, Hue)| Part {
            category: CategoryVm {
                label: self.label(answer.question.dataset(), dimension, cell(row, 0)),
                short: String::new(),
                group: None,
            },
            value: amount(cell(row, column)),
            hue,
        };
        let mut parts: Vec<Part> = rows.iter().zip(hues).map(part).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.value));
        Some(parts)
    }

    fn slice(&self, part: Part, measure: &Measure, whole: Option<Decimal>) -> Option<SliceVm> {
        let value = part.value?;
        Some(SliceVm {
            label: part.category.label,
            value: position(value),
            text: self.short(measure, value),
            exact: self.exact(measure, Some(value)),
            share: self.share(Some(value), whole),
            hue: part.hue,
        })
    }

    fn share(&self, value: Option<Decimal>, whole: Option<Decimal>) -> String {
        let value = value.filter(|value| *value >= Decimal::ZERO);
        let share = value
            .zip(whole)
            .and_then(|(value, whole)| value.checked_div(whole));
        share.map_or_else(|| DASH.to_owned(), |share| self.numbers.percent(share, 1))
    }

    /// Keeps `most` parts, the last of them `Other` if the rest can be added up. Otherwise the rest
    /// is in the table only, and the table says so.
    fn few_parts(
        &self,
        parts: Vec<Part>,
        most: usize,
        measure: &Measure,
    ) -> (Vec<Part>, Option<String>) {
        let all = parts.len();
        if all <= most {
            return (parts, None);
        }
        let rest = parts.iter().skip(most - 1).map(|part| part.value);
        let folded = if is_ranked(&parts) && is_additive(measure) {
            sum(rest)
        } else {
            None
        };
        let mut few = parts;
        let Some(value) = folded else {
            few.truncate(most);
            return (few, Some(text::chart_shows(most, all, self.locale)));
        };
        few.truncate(most - 1);
        let label = text::other(self.locale).to_owned();
        let category = CategoryVm {
            label,
            short: String::new(),
            group: None,
        };
        few.push(Part {
            category,
            value: Some(value),
            hue: Hue::Other,
        });
        (few, None)
    }

    /// Every name with its exact value, and its share where the chart is about shares.
    fn part_table(
        &self,
        data: &TileData<'_>,
        measure: &Measure,
        parts: &[Part],
        shares: Option<&[String]>,
    ) -> TableVm {
        let dimension = data.question.dimensions().first();
        let name = dimension
            .map(|d| d.label.get(self.locale).to_owned())
            .unwrap_or_default();
        let share = shares.map(|_| text::share(self.locale).to_owned());
        let numbers = std::iter::once(self.heading(measure)).chain(share);
        let numbers = numbers.map(|label| Column {
            label,
            kind: ColumnKind::Number,
        });
        let row = |(at, part): (usize, &Part)| {
            let exact = part
                .value
                .map(|value| self.numbers.exact(value, &measure.format));
            let share = shares.and_then(|shares| shares.get(at)).cloned();
            let exact = exact.unwrap_or_else(|| DASH.to_owned());
            let cells = [part.category.label.clone(), exact]
                .into_iter()
                .chain(share);
            cells.map(|text| CellVm { text, bar: None }).collect()
        };
        TableVm {
            columns: std::iter::once(Column {
                label: name,
                kind: ColumnKind::Text,
            })
            .chain(numbers)
            .collect(),
            rows: parts.iter().enumerate().map(row).collect(),
            note: self.left_out(data),
        }
    }
}

/// Bars in the order of time, or in the tile's order, or biggest first where it has none.
fn bars(
    answer: &Answer<'_>,
    measure: &Measure,
    tile: &Tile,
    categories: Categories,
    hue: Hue,
) -> (Vec<Part>, Orientation) {
    let values = place(answer, measure, &categories);
    let timed = categories.timed;
    let part = |(category, value)| Part {
        category,
        value,
        hue,
    };
    let mut parts: Vec<Part> = categories.list.into_iter().zip(values).map(part).collect();
    if timed {
        return (parts, Orientation::Vertical);
    }
    if tile.order.is_empty() {
        parts.sort_by_key(|part| std::cmp::Reverse(part.value));
    }
    (parts, Orientation::Horizontal)
}

/// Whether the last parts are the smallest, so that folding them folds the tail.
fn is_ranked(parts: &[Part]) -> bool {
    parts
        .iter()
        .zip(parts.iter().skip(1))
        .all(|(one, next)| one.value >= next.value)
}
