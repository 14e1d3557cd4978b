//! One number: its value, where it went against its comparison, and how it got here.

use rust_decimal::Decimal;
use weir_frontend::model::{
    Cell as CellVm, Change, Column, ColumnKind, Direction, KpiVm, TableVm, Tone,
};
use weir_query::catalog::{Better, Measure, NumberFormat};
use weir_query::dashboard::Comparison;
use weir_query::{Cell, Period};

use super::answer::{Answer, Categories, DASH, amount, cell};
use super::number::{position, round};
use super::series::place;
use super::text::Against;
use super::{Drawn, Presenter, TileData, text};

/// The way to the number.
struct Trend {
    heading: String,
    categories: Categories,
    values: Vec<Option<Decimal>>,
}

impl Presenter {
    pub(super) fn kpi(&self, data: &TileData<'_>) -> Option<Drawn<KpiVm>> {
        let answer = Answer::new(data.question, data.rows);
        let measure = data.question.measures().first()?;
        let row = data.rows.rows().first()?;
        let current = cell(row, answer.column(measure, false)?);
        let before = answer.column(measure, true).map(|at| cell(row, at));
        let (period, earlier) = answer.windows();
        let base = period.and_then(|period| against(data.tile.compare?, period));
        let change = self.change(measure, amount(current), before.and_then(amount), base);
        let trend = self.trend(data, measure);
        let exact = match amount(current) {
            Some(value) => self.exact(measure, Some(value)),
            None => self.in_table(measure, current),
        };
        let totals = [(period.or(data.period), Some(current)), (earlier, before)];
        let table = self.kpi_table(measure, totals, trend.as_ref());
        let description = self.describe_kpi(data, &exact, change.as_ref());
        let known = |trend: &Trend| {
            trend
                .values
                .iter()
                .map(|value| value.map(position))
                .collect()
        };
        let label = trend
            .as_ref()
            .and_then(|trend| trend.categories.range(self));
        let body = KpiVm {
            value: amount(current).map_or_else(
                || exact.clone(),
                |value| self.with_unit(measure, self.short(measure, value)),
            ),
            exact,
            change,
            sparkline: trend.as_ref().map(known).unwrap_or_default(),
            sparkline_label: label.unwrap_or_default(),
        };
        Some(Drawn {
            body,
            table: Some(table),
            description,
        })
    }

    /// The change, if both numbers are known and a comparison of them means something.
    fn change(
        &self,
        measure: &Measure,
        current: Option<Decimal>,
        before: Option<Decimal>,
        base: Option<Against>,
    ) -> Option<Change> {
        let (current, before, base) = (current?, before?, base?);
        let difference = current.checked_sub(before)?;
        let (rounded, amount) = match measure.format {
            NumberFormat::Percent => self.points(difference)?,
            _ => self.relative(difference, before)?,
        };
        let direction = match rounded {
            rounded if rounded.is_zero() => Direction::Flat,
            rounded if rounded.is_sign_negative() => Direction::Down,
            _ => Direction::Up,
        };
        let value = self.short(measure, before);
        let against = text::against(base, direction == Direction::Flat, &value, self.locale);
        Some(Change {
            direction,
            tone: tone(direction, measure.better),
            amount,
            against,
        })
    }

    /// The difference of two shares is in points: a percentage of a percentage misleads.
    fn points(&self, difference: Decimal) -> Option<(Decimal, String)> {
        let rounded = round(difference.checked_mul(Decimal::ONE_HUNDRED)?, 1);
        Some((
            rounded,
            text::points(&self.numbers.decimals(rounded.abs(), 1), self.locale),
        ))
    }

    /// Growth from nothing or from a negative number has no percentage.
    fn relative(&self, difference: Decimal, before: Decimal) -> Option<(Decimal, String)> {
        if before <= Decimal::ZERO {
            return None;
        }
        let share = difference.checked_div(before)?;
        let decimals = u32::from(share.abs() < Decimal::ONE);
        let rounded = round(share.checked_mul(Decimal::ONE_HUNDRED)?, decimals);
        Some((rounded, self.numbers.percent(share.abs(), decimals)))
    }

    fn trend(&self, data: &TileData<'_>, measure: &Measure) -> Option<Trend> {
        let (question, rows) = data.trend?;
        let answer = Answer::new(question, rows);
        let categories = self.categories(&answer, data.period);
        let measure = question
            .measures()
            .iter()
            .find(|one| one.name == measure.name)?;
        let values = place(&answer, measure, &categories);
        let heading = question
            .dimensions()
            .first()?
            .label
            .get(self.locale)
            .to_owned();
        Some(Trend {
            heading,
            categories,
            values,
        })
    }

    fn kpi_table(
        &self,
        measure: &Measure,
        totals: [(Option<Period>, Option<&Cell>); 2],
        trend: Option<&Trend>,
    ) -> TableVm {
        let row = |name: String, text: String| {
            [name, text]
                .into_iter()
                .map(|text| CellVm { text, bar: None })
                .collect::<Vec<_>>()
        };
        let total = |(period, cell): (Option<Period>, Option<&Cell>)| {
            let name = period.map_or_else(
                || text::total(self.locale).to_owned(),
                |p| self.dates.range(p),
            );
            Some(row(name, self.in_table(measure, cell?)))
        };
        let mut rows: Vec<_> = totals.into_iter().filter_map(total).collect();
        for (category, value) in trend
            .into_iter()
            .flat_map(|t| t.categories.list.iter().zip(&t.values))
        {
            let text = value.map(|value| self.numbers.exact(value, &measure.format));
            rows.push(row(
                category.label.clone(),
                text.unwrap_or_else(|| DASH.to_owned()),
            ));
        }
        let heading = trend.map_or_else(
            || text::period(self.locale).to_owned(),
            |trend| format!("{} / {}", text::period(self.locale), trend.heading),
        );
        TableVm {
            columns: vec![
                Column {
                    label: heading,
                    kind: ColumnKind::Text,
                },
                Column {
                    label: self.heading(measure),
                    kind: ColumnKind::Number,
                },
            ],
            rows,
            note: None,
        }
    }

    fn describe_kpi(&self, data: &TileData<'_>, exact: &str, change: Option<&Change>) -> String {
        let head = text::labelled(data.tile.title.get(self.locale), exact, self.locale);
        match change {
            Some(change) => {
                let moved = text::change(change.direction, &change.amount, self.locale);
                format!("{head}, {moved} {}.", change.against)
            }
            None => format!("{head}."),
        }
    }
}

fn against(comparison: Comparison, period: Period) -> Option<Against> {
    match comparison {
        Comparison::PreviousYear => Some(Against::LastYear),
        Comparison::PreviousPeriod => {
            let days = (period.to() - period.from()).num_days() + 1;
            // The same number of days is the same number of months only where the months are as
            // long, so the words count in months only where the dates agree.
            let before = period.before(comparison)?;
            match (
                super::date::whole_months(period),
                super::date::whole_months(before),
            ) {
                (Some(months), Some(earlier)) if months == earlier => Some(Against::Months(months)),
                _ => Some(Against::Days(days)),
            }
        }
    }
}

fn tone(direction: Direction, better: Option<Better>) -> Tone {
    match (direction, better) {
        (Direction::Flat, _) | (_, None) => Tone::Neutral,
        (Direction::Up, Some(Better::Higher)) | (Direction::Down, Some(Better::Lower)) => {
            Tone::Good
        }
        (Direction::Up, Some(Better::Lower)) | (Direction::Down, Some(Better::Higher)) => Tone::Bad,
    }
}
