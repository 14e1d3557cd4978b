//! `SELECT`s of the compiler's shape, written anew for the embedded engine.

use std::collections::VecDeque;

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, LimitClause, ObjectName, OrderBy, OrderByExpr, OrderByKind,
    OrderByOptions, Query as Ast, Select, SelectFlavor, SelectItem, SetExpr, Statement, TableAlias,
    TableFactor, TableWithJoins, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;
use weir_policy::DatasetName;
use weir_query::SnapshotId;
use weir_query::sql::pinned_table;

use super::expression::{identifier, is_aggregate, write};
use super::{Query, SyntaxError};

/// Parses `tokens` and writes them anew; `pins` are the snapshots of the tables, in their order.
pub(super) fn query(tokens: Vec<Token>, pins: Vec<String>) -> Result<Query, SyntaxError> {
    let parsed = Parser::new(&GenericDialect {})
        .with_tokens(tokens)
        .parse_statements()
        .map_err(|error| SyntaxError::new(error.to_string()))?;
    let [Statement::Query(ast)] = parsed.as_slice() else {
        return Err(SyntaxError::outside("anything but one query"));
    };
    let mut translation = Translation {
        pins: pins.into(),
        table: None,
    };
    let (select, text) = translation.query(ast, Level::Outer)?;
    if !translation.pins.is_empty() {
        return Err(SyntaxError::new("mismatched input 'FOR'"));
    }
    Ok(Query {
        text,
        table: translation.table,
        names: names(select),
        repeatable: ast.limit_clause.is_none() || ast.order_by.is_some() || one_row(select),
        unload: None,
    })
}

struct Translation {
    pins: VecDeque<String>,
    table: Option<(DatasetName, SnapshotId)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Level {
    Outer,
    Inner,
}

impl Translation {
    fn query<'a>(
        &mut self,
        query: &'a Ast,
        level: Level,
    ) -> Result<(&'a Select, String), SyntaxError> {
        let select = only_select(query)?;
        let mut clauses = vec![format!("SELECT {}", items(select)?)];
        if let Some(source) = self.source(select, level)? {
            clauses.push(format!("FROM {source}"));
        }
        if let Some(condition) = &select.selection {
            clauses.push(format!("WHERE {}", write(condition)?));
        }
        if let Some(by) = grouping(select)? {
            clauses.push(format!("GROUP BY {by}"));
        }
        if let Some(order) = &query.order_by {
            clauses.push(format!("ORDER BY {}", ordering(order)?));
        }
        if let Some(limit) = &query.limit_clause {
            clauses.push(format!("LIMIT {}", limiting(limit)?));
        }
        Ok((select, clauses.join(" ")))
    }

    fn source(&mut self, select: &Select, level: Level) -> Result<Option<String>, SyntaxError> {
        let relation = match select.from.as_slice() {
            [] => return Ok(None),
            [TableWithJoins { relation, joins }] if joins.is_empty() => relation,
            _ => return Err(SyntaxError::outside("more than one source")),
        };
        match relation {
            TableFactor::Derived {
                lateral: false,
                subquery,
                alias: Some(alias),
                sample: None,
            } if level == Level::Outer => {
                let (_, inner) = self.query(subquery, Level::Inner)?;
                Ok(Some(format!("({inner}) AS {}", plain_alias(alias)?)))
            }
            TableFactor::Table {
                name,
                alias: None,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                self.table(name).map(Some)
            }
            _ => Err(SyntaxError::outside("a source like this")),
        }
    }

    fn table(&mut self, name: &ObjectName) -> Result<String, SyntaxError> {
        let parts: Option<Vec<&Ident>> = name.0.iter().map(|part| part.as_ident()).collect();
        let Some([namespace, table]) = parts.as_deref() else {
            return Err(SyntaxError::outside("a table without its database"));
        };
        let dataset = DatasetName::parse(format!("{}.{}", namespace.value, table.value))
            .map_err(|_| SyntaxError::outside("a table name like this"))?;
        let pin = self.pins.pop_front();
        let snapshot = pin
            .and_then(SnapshotId::parse)
            .ok_or_else(|| SyntaxError::outside("a table without FOR VERSION AS OF"))?;
        let pinned = pinned_table(&dataset, &snapshot);
        let text = format!("\"{}\".\"{pinned}\"", dataset.namespace());
        self.table = Some((dataset, snapshot));
        Ok(text)
    }
}

fn only_select(query: &Ast) -> Result<&Select, SyntaxError> {
    let Ast {
        with: None,
        body,
        order_by: _,
        limit_clause: _,
        fetch: None,
        locks,
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators,
    } = query
    else {
        return Err(SyntaxError::outside("a clause around a SELECT"));
    };
    match body.as_ref() {
        SetExpr::Select(select) if locks.is_empty() && pipe_operators.is_empty() => {
            plain(select)?;
            Ok(select)
        }
        _ => Err(SyntaxError::outside("anything but a SELECT")),
    }
}

/// Everything that a `SELECT` may have in some dialect and must not have here.
fn plain(select: &Select) -> Result<(), SyntaxError> {
    let extras = select.optimizer_hint.is_some()
        || select.distinct.is_some()
        || select.select_modifiers.is_some()
        || select.top.is_some()
        || select.exclude.is_some()
        || select.into.is_some()
        || !select.lateral_views.is_empty()
        || select.prewhere.is_some()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || select.having.is_some()
        || !select.named_window.is_empty()
        || select.qualify.is_some()
        || select.value_table_mode.is_some()
        || select.flavor != SelectFlavor::Standard;
    if extras {
        return Err(SyntaxError::outside("this clause of a SELECT"));
    }
    Ok(())
}

fn items(select: &Select) -> Result<String, SyntaxError> {
    let item = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expression) => write(expression),
        SelectItem::ExprWithAlias { expr, alias } => {
            Ok(format!("{} AS {}", write(expr)?, identifier(alias)?))
        }
        _ => Err(SyntaxError::outside("a wildcard")),
    };
    let items: Result<Vec<_>, _> = select.projection.iter().map(item).collect();
    Ok(items?.join(", "))
}

/// What the columns are called; those without a name are numbered, as Athena does it.
fn names(select: &Select) -> Vec<String> {
    let name = |(index, item): (usize, &SelectItem)| match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.to_lowercase(),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.value.to_lowercase(),
        _ => format!("_col{index}"),
    };
    select.projection.iter().enumerate().map(name).collect()
}

/// Whether it is sums over everything: one row, whatever the limit.
fn one_row(select: &Select) -> bool {
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    let aggregate = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            is_aggregate(expr)
        }
        _ => false,
    };
    select.from.is_empty() || !grouped && select.projection.iter().all(aggregate)
}

fn grouping(select: &Select) -> Result<Option<String>, SyntaxError> {
    match &select.group_by {
        GroupByExpr::Expressions(by, modifiers) if modifiers.is_empty() => {
            let by: Result<Vec<_>, _> = by.iter().map(ordinal).collect();
            Ok(Some(by?.join(", ")).filter(|by| !by.is_empty()))
        }
        _ => Err(SyntaxError::outside("this form of GROUP BY")),
    }
}

fn ordering(order: &OrderBy) -> Result<String, SyntaxError> {
    let OrderBy {
        kind: OrderByKind::Expressions(keys),
        interpolate: None,
    } = order
    else {
        return Err(SyntaxError::outside("this form of ORDER BY"));
    };
    let keys: Result<Vec<_>, _> = keys.iter().map(order_key).collect();
    Ok(keys?.join(", "))
}

fn order_key(key: &OrderByExpr) -> Result<String, SyntaxError> {
    let OrderByExpr {
        expr,
        options: OrderByOptions { asc, nulls_first },
        with_fill: None,
    } = key
    else {
        return Err(SyntaxError::outside("this form of ORDER BY"));
    };
    let direction = if *asc == Some(false) { "DESC" } else { "ASC" };
    // Athena puts NULL last in both directions where nothing is said.
    let nulls = if *nulls_first == Some(true) {
        "FIRST"
    } else {
        "LAST"
    };
    Ok(format!("{} {direction} NULLS {nulls}", ordinal(expr)?))
}

/// The compiler groups and orders by position.
fn ordinal(expression: &Expr) -> Result<String, SyntaxError> {
    number(expression).ok_or_else(|| SyntaxError::outside("anything but positions here"))
}

fn limiting(limit: &LimitClause) -> Result<String, SyntaxError> {
    match limit {
        LimitClause::LimitOffset {
            limit: Some(limit),
            offset: None,
            limit_by,
        } if limit_by.is_empty() => {
            number(limit).ok_or_else(|| SyntaxError::outside("a LIMIT that is not a number"))
        }
        _ => Err(SyntaxError::outside("this form of LIMIT")),
    }
}

fn number(expression: &Expr) -> Option<String> {
    let Expr::Value(value) = expression else {
        return None;
    };
    let Value::Number(digits, false) = &value.value else {
        return None;
    };
    digits
        .chars()
        .all(|c| c.is_ascii_digit())
        .then(|| digits.clone())
}

fn plain_alias(alias: &TableAlias) -> Result<String, SyntaxError> {
    if alias.columns.is_empty() {
        identifier(&alias.name)
    } else {
        Err(SyntaxError::outside("an alias with columns"))
    }
}
