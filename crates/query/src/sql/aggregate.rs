//! Dimensions and measures as expressions of the outer `SELECT`, with the types they yield.

use weir_policy::{ColumnName, Predicate, Value, ValueType};

use super::literal::{identifier, text};
use super::predicate;
use crate::catalog::{Aggregate, Dataset, Dimension, Formula, Function, Grain, Measure};
use crate::request::{Bound, Period};
use crate::result_set::CellType;
use crate::tile_query::Window;

/// A dimension's expression.
pub(super) fn dimension(dimension: &Dimension) -> String {
    let column = identifier(dimension.column.as_str());
    match dimension.grain {
        None | Some(Grain::Day) => column,
        // Only Trino gives a date back for a date; the cast makes both agree.
        Some(grain) => format!("CAST(date_trunc({}, {column}) AS date)", text(unit(grain))),
    }
}

fn unit(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}

/// A measure's expression over one window.
pub(super) fn measure(dataset: &Dataset, measure: &Measure, window: Window) -> String {
    let value = |aggregate: &Aggregate| aggregate_over(dataset, aggregate, window);
    match &measure.formula {
        Formula::Aggregate(aggregate) => value(aggregate),
        Formula::Ratio { of, to } => format!(
            "CAST({} AS double) / NULLIF(CAST({} AS double), 0E0)",
            value(of),
            value(to)
        ),
    }
}

fn aggregate_over(dataset: &Dataset, aggregate: &Aggregate, window: Window) -> String {
    let function = function(&aggregate.function);
    match condition(dataset, aggregate, window) {
        Predicate::Always => function,
        only => format!("{function} FILTER (WHERE {})", predicate::write(&only)),
    }
}

fn condition(dataset: &Dataset, aggregate: &Aggregate, window: Window) -> Predicate {
    let only = aggregate
        .only
        .iter()
        .map(|(column, value): &(ColumnName, Value)| {
            Predicate::is_in(column.clone(), [value.clone()])
        });
    let days: Option<Period> = match window {
        Window::Whole => None,
        Window::Current(period) | Window::Earlier(period) => Some(period),
    };
    Predicate::all(only.chain(days.and_then(|days| Bound::within(days, dataset))))
}

fn function(function: &Function) -> String {
    match function {
        // One engine wraps a bigint sum silently; 38 digits can't overflow on any real table.
        Function::Sum(column, ValueType::Integer) => {
            format!(
                "SUM(CAST({} AS decimal(38,0)))",
                identifier(column.as_str())
            )
        }
        Function::Sum(column, ValueType::Decimal { scale, .. }) => {
            format!(
                "SUM(CAST({} AS decimal(38,{scale})))",
                identifier(column.as_str())
            )
        }
        Function::Sum(column, _) => format!("SUM({})", identifier(column.as_str())),
        Function::Min(column, _) => format!("MIN({})", identifier(column.as_str())),
        Function::Max(column, _) => format!("MAX({})", identifier(column.as_str())),
        Function::CountDistinct(column) => {
            format!("COUNT(DISTINCT {})", identifier(column.as_str()))
        }
        Function::Count => "COUNT(*)".to_owned(),
    }
}

/// The type of a dimension's cells.
pub(super) fn dimension_type(dataset: &Dataset, dimension: &Dimension) -> CellType {
    match (dimension.grain, dataset.column(&dimension.column)) {
        (None, Some(column)) => cell_type(column.value_type),
        _ => CellType::Date,
    }
}

/// The type of a measure's cells.
pub(super) fn measure_type(measure: &Measure) -> CellType {
    let Formula::Aggregate(aggregate) = &measure.formula else {
        return CellType::Double;
    };
    match &aggregate.function {
        Function::Sum(_, ValueType::Integer) => CellType::Decimal { scale: 0 },
        Function::Sum(_, value_type)
        | Function::Min(_, value_type)
        | Function::Max(_, value_type) => cell_type(*value_type),
        Function::CountDistinct(_) | Function::Count => CellType::Integer,
    }
}

fn cell_type(value_type: ValueType) -> CellType {
    match value_type {
        ValueType::Boolean => CellType::Boolean,
        ValueType::Integer => CellType::Integer,
        ValueType::Decimal { scale, .. } => CellType::Decimal { scale },
        ValueType::Double => CellType::Double,
        ValueType::Text => CellType::Text,
        ValueType::Date => CellType::Date,
        ValueType::Timestamp => CellType::Timestamp,
    }
}
