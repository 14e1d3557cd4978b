//! The compiler: a governed query in, a statement out. There is no other way to make one. What is
//! exported is the same statement with room for more rows.

use std::collections::BTreeSet;

use weir_policy::{ColumnName, DatasetName};

use super::literal::identifier;
use super::{Dialect, GovernedScan, Purpose, SortKey, Statement, aggregate, mask, predicate};
use crate::fingerprint::Fingerprint;
use crate::govern::GovernedQuery;
use crate::result_set::{CellType, OutputColumn};
use crate::snapshot::{Snapshot, SnapshotId};
use crate::tile_query::{Direction, Order, OrderBy, Output, TileQuery};

/// Compiles a governed query for one dialect at one snapshot (invariant 4).
#[must_use]
pub fn compile(query: &GovernedQuery, dialect: Dialect, snapshot: &Snapshot) -> Statement {
    statement(query, dialect, snapshot, Purpose::Tile)
}

/// Compiles a governed query so that all of its rows can be taken along, up to
/// [`MAX_EXPORT_ROWS`](super::MAX_EXPORT_ROWS). No cache entry is shared with what is shown.
#[must_use]
pub fn compile_export(query: &GovernedQuery, dialect: Dialect, snapshot: &Snapshot) -> Statement {
    statement(query, dialect, snapshot, Purpose::Export)
}

fn statement(
    query: &GovernedQuery,
    dialect: Dialect,
    snapshot: &Snapshot,
    purpose: Purpose,
) -> Statement {
    let question = query.question();
    let most = purpose.most_rows();
    let row_limit = question.limit.unwrap_or(most).min(most);
    let read = query.projected();
    let scan = GovernedScan {
        dataset: query.dataset().name().clone(),
        snapshot: snapshot.id.clone(),
        predicate: query.grant().shared_rows(),
        columns: read
            .iter()
            .cloned()
            .chain(query.grant().rows().columns())
            .collect(),
    };
    let text = text(query, dialect, &scan, &read, row_limit);
    let fingerprint = Fingerprint::of(query, dialect, &text, &scan);
    Statement {
        dialect,
        text,
        columns: output_columns(question),
        order: order(question),
        purpose,
        scan,
        filters: question.filters.clone(),
        row_limit,
        principal: None,
        fingerprint: match purpose {
            Purpose::Tile => fingerprint,
            Purpose::Export => fingerprint.exported(),
        },
    }
}

fn text(
    query: &GovernedQuery,
    dialect: Dialect,
    scan: &GovernedScan,
    read: &BTreeSet<ColumnName>,
    row_limit: u32,
) -> String {
    let question = query.question();
    let mut clauses = vec![
        format!("SELECT {}", outputs(question).join(", ")),
        format!("FROM ({}) AS t", inner(query, dialect, scan, read)),
    ];
    if !question.filters.is_empty() {
        let filters: Vec<_> = question.filters.iter().map(predicate::write).collect();
        clauses.push(format!("WHERE ({})", filters.join(") AND (")));
    }
    if !question.dimensions.is_empty() {
        clauses.push(format!("GROUP BY {}", ordinals(question.dimensions.len())));
        let keys: Vec<_> = order(question).into_iter().map(written).collect();
        clauses.push(format!("ORDER BY {}", keys.join(", ")));
    }
    let limit = question.limit.map_or(row_limit + 1, |_| row_limit);
    clauses.push(format!("LIMIT {limit}"));
    clauses.join(" ")
}

/// The innermost query: the grant's rows, the masked columns, one table at one snapshot.
fn inner(
    query: &GovernedQuery,
    dialect: Dialect,
    scan: &GovernedScan,
    read: &BTreeSet<ColumnName>,
) -> String {
    let columns: Vec<_> = read
        .iter()
        .filter_map(|name| {
            let value_type = query.dataset().column(name)?.value_type;
            Some(mask::projected(
                dialect,
                name,
                value_type,
                query.grant().access(name),
            ))
        })
        .collect();
    // A question that reads no column still counts rows.
    let columns = if columns.is_empty() {
        "1 AS one".to_owned()
    } else {
        columns.join(", ")
    };
    format!(
        "SELECT {columns} FROM {} WHERE {}",
        table(dialect, scan),
        predicate::write(&scan.predicate)
    )
}

fn table(dialect: Dialect, scan: &GovernedScan) -> String {
    let (namespace, table) = (scan.dataset.namespace(), scan.dataset.table());
    let snapshot = &scan.snapshot;
    match dialect {
        Dialect::DataFusion => {
            format!(
                "{}.{}",
                identifier(namespace),
                identifier(&pinned_table(&scan.dataset, snapshot))
            )
        }
        Dialect::Athena => format!(
            "{}.{} FOR VERSION AS OF {snapshot}",
            identifier(namespace),
            identifier(table)
        ),
    }
}

/// The name the embedded engine registers a dataset's snapshot under, without its namespace.
#[must_use]
pub fn pinned_table(dataset: &DatasetName, snapshot: &SnapshotId) -> String {
    format!("{}@{snapshot}", dataset.table())
}

fn outputs(question: &TileQuery) -> Vec<String> {
    let expressions = question.dimensions.iter().map(aggregate::dimension);
    let measures = question.measures.iter().flat_map(|measure| {
        let windows = question.windows.iter();
        windows.map(|window| aggregate::measure(&question.dataset, measure, *window))
    });
    let count = question.counts_rows.then(|| "COUNT(*)".to_owned());
    let all = expressions.chain(measures).chain(count).enumerate();
    all.map(|(index, expression)| format!("{expression} AS c{index}"))
        .collect()
}

fn ordinals(count: usize) -> String {
    let ordinals: Vec<_> = (1..=count).map(|ordinal| ordinal.to_string()).collect();
    ordinals.join(", ")
}

/// The tile's order, then every dimension, so that equal rows come in one order on every engine.
fn order(question: &TileQuery) -> Vec<SortKey> {
    let outputs = question.outputs();
    let key = |order: &Order| {
        let matches = |output: &Output| match (output, &order.by) {
            (Output::Dimension(name), OrderBy::Dimension(by)) => name == by,
            (Output::Measure(name, _), OrderBy::Measure(by)) => name == by,
            (Output::RowCount, OrderBy::RowCount) => true,
            _ => false,
        };
        Some(SortKey {
            column: outputs.iter().position(matches)?,
            direction: order.direction,
        })
    };
    let chosen = question.order.iter().filter_map(key);
    let ties = (0..question.dimensions.len()).map(|column| SortKey {
        column,
        direction: Direction::Ascending,
    });
    chosen.chain(ties).collect()
}

fn written(key: SortKey) -> String {
    let direction = match key.direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    format!("{} {direction} NULLS LAST", key.column + 1)
}

fn output_columns(question: &TileQuery) -> Vec<OutputColumn> {
    let dimensions = question
        .dimensions
        .iter()
        .map(|dimension| aggregate::dimension_type(&question.dataset, dimension));
    let measures = question.measures.iter().flat_map(|measure| {
        std::iter::repeat_n(aggregate::measure_type(measure), question.windows.len())
    });
    let count = question.counts_rows.then_some(CellType::Integer);
    let types = dimensions.chain(measures).chain(count);
    question
        .outputs()
        .iter()
        .zip(types)
        .map(|(output, cell_type)| OutputColumn {
            name: output.name(),
            cell_type,
        })
        .collect()
}
