//! Tables: every row of the answer, as far as a tile carries rows.

use rust_decimal::Decimal;
use weir_frontend::model::{Cell as CellVm, Column, ColumnKind, TableVm};
use weir_query::Cell;
use weir_query::catalog::Measure;

use super::answer::{Answer, amount, cell};
use super::number::position;
use super::{Drawn, Presenter, TileData, text};

/// One column of the table and how its cells are written.
enum Show<'a> {
    Dimension(usize, &'a weir_query::catalog::Dimension),
    Measure(usize, &'a Measure),
}

impl Presenter {
    pub(super) fn table(&self, data: &TileData<'_>) -> Drawn<TableVm> {
        let answer = Answer::new(data.question, data.rows);
        let measures = data.question.measures();
        let shown: Vec<Show<'_>> = data
            .question
            .dimensions()
            .iter()
            .enumerate()
            .map(|(at, dimension)| Show::Dimension(at, dimension))
            .chain(
                measures
                    .iter()
                    .filter_map(|one| Some(Show::Measure(answer.column(one, false)?, one))),
            )
            .collect();
        let bars = measures
            .first()
            .and_then(|first| answer.column(first, false));
        let largest = bars.and_then(|at| scale(data.rows.rows(), at));
        let row = |row: &Vec<Cell>| {
            shown
                .iter()
                .map(|show| self.table_cell(data, show, row, bars, largest))
                .collect()
        };
        let rows: Vec<Vec<CellVm>> = data.rows.rows().iter().map(row).collect();
        let count = text::rows(
            &self.numbers.count(rows.len()),
            rows.len() == 1,
            self.locale,
        );
        let columns = shown.iter().map(|show| self.table_heading(show)).collect();
        Drawn {
            body: TableVm {
                columns,
                rows,
                note: self.left_out(data),
            },
            table: None,
            description: format!("{}. {count}", data.tile.title.get(self.locale)),
        }
    }

    fn table_heading(&self, show: &Show<'_>) -> Column {
        match show {
            Show::Dimension(_, dimension) => Column {
                label: dimension.label.get(self.locale).to_owned(),
                kind: ColumnKind::Text,
            },
            Show::Measure(_, measure) => Column {
                label: self.heading(measure),
                kind: ColumnKind::Number,
            },
        }
    }

    fn table_cell(
        &self,
        data: &TileData<'_>,
        show: &Show<'_>,
        row: &[Cell],
        bars: Option<usize>,
        largest: Option<Decimal>,
    ) -> CellVm {
        match show {
            Show::Dimension(at, dimension) => {
                let text = self.label(data.question.dataset(), dimension, cell(row, *at));
                CellVm { text, bar: None }
            }
            Show::Measure(at, measure) => {
                let value = cell(row, *at);
                let bar = largest.filter(|_| bars == Some(*at)).zip(amount(value));
                let bar = bar
                    .and_then(|(largest, value)| value.checked_div(largest))
                    .map(position);
                CellVm {
                    text: self.in_table(measure, value),
                    bar,
                }
            }
        }
    }
}

/// What in-cell bars are measured by; `None` where one is negative and lengths would lie.
fn scale(rows: &[Vec<Cell>], column: usize) -> Option<Decimal> {
    let values = || rows.iter().filter_map(|row| amount(cell(row, column)));
    let largest = values().max().filter(|largest| *largest > Decimal::ZERO)?;
    values()
        .all(|value| !value.is_sign_negative() || value.is_zero())
        .then_some(largest)
}
