//! A last look at the text before it runs: parsed again by an independent parser and compared with
//! the only shape the compiler may produce. Whatever is not on the list is refused.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FunctionArguments, GroupByExpr, ObjectName, Query, Select, SelectFlavor, SelectItem,
    SetExpr, Statement as Ast, TableFactor, TableWithJoins, visit_expressions,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::mask::HASH_FUNCTION;
use super::{Dialect, GovernedScan, Statement, pinned_table};

/// Functions the compiler emits. The list may only shrink without a review.
const FUNCTIONS: [&str; 10] = [
    "sum",
    "min",
    "max",
    "count",
    "date_trunc",
    "nullif",
    "lower",
    "to_hex",
    "hmac_sha256",
    HASH_FUNCTION,
];

/// Functions that only the Athena hash mask needs.
const ATHENA_ONLY: [&str; 2] = ["to_utf8", "from_hex"];

/// A statement that is not of the compiler's shape. Seeing one means a bug; nothing was run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the compiled statement holds something it never should: {0}")]
pub struct ForbiddenSql(&'static str);

impl Statement {
    /// Parses the text again and refuses everything that is not one outer and one inner `SELECT`
    /// over exactly the table and snapshot of [`Statement::scan`].
    ///
    /// # Errors
    /// [`ForbiddenSql`] says what was found.
    pub fn vet(&self) -> Result<(), ForbiddenSql> {
        let text = plain_text(self)?;
        let parsed = Parser::parse_sql(&GenericDialect {}, &text);
        let parsed = parsed.map_err(|_| ForbiddenSql("text that does not parse"))?;
        let [Ast::Query(query)] = parsed.as_slice() else {
            return Err(ForbiddenSql("anything but one query"));
        };
        let inner = derived(select(query, Limit::Required)?)?;
        let select = select(inner, Limit::Forbidden)?;
        innermost(select, &expected_table(self.dialect(), self.scan()))?;
        expressions(query)
    }
}

/// The text without Athena's version clause, which the parser does not know; it must stand there
/// exactly once and name the scan's snapshot.
fn plain_text(statement: &Statement) -> Result<String, ForbiddenSql> {
    match statement.dialect() {
        Dialect::DataFusion => Ok(statement.text().to_owned()),
        Dialect::Athena => {
            let clause = format!(" FOR VERSION AS OF {} ", statement.scan().snapshot());
            match statement.text().matches(&clause).count() {
                1 => Ok(statement.text().replacen(&clause, " ", 1)),
                _ => Err(ForbiddenSql("a table without its one snapshot")),
            }
        }
    }
}

fn expected_table(dialect: Dialect, scan: &GovernedScan) -> [String; 2] {
    let (namespace, table) = (scan.dataset().namespace(), scan.dataset().table());
    let table = match dialect {
        Dialect::DataFusion => pinned_table(scan.dataset(), scan.snapshot()),
        Dialect::Athena => table.to_owned(),
    };
    [namespace.to_owned(), table]
}

#[derive(Clone, Copy, PartialEq)]
enum Limit {
    Required,
    Forbidden,
}

fn select(query: &Query, limit: Limit) -> Result<&Select, ForbiddenSql> {
    let Query {
        with: None,
        body,
        order_by,
        limit_clause,
        fetch: None,
        locks,
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators,
    } = query
    else {
        return Err(ForbiddenSql("a clause around a SELECT"));
    };
    if !locks.is_empty() || !pipe_operators.is_empty() {
        return Err(ForbiddenSql("a lock or pipe"));
    }
    if limit_clause.is_some() != (limit == Limit::Required) {
        return Err(ForbiddenSql("a LIMIT in the wrong place"));
    }
    if order_by.is_some() && limit == Limit::Forbidden {
        return Err(ForbiddenSql("an inner ORDER BY"));
    }
    match body.as_ref() {
        SetExpr::Select(select) => plain_select(select),
        _ => Err(ForbiddenSql("a set operation")),
    }
}

fn plain_select(select: &Select) -> Result<&Select, ForbiddenSql> {
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
    let plain_items = select.projection.iter().all(|item| {
        matches!(
            item,
            SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }
        )
    });
    match (extras, plain_items) {
        (false, true) => Ok(select),
        (true, _) => Err(ForbiddenSql("an extra clause in a SELECT")),
        (_, false) => Err(ForbiddenSql("a wildcard")),
    }
}

fn only_source(select: &Select) -> Result<&TableFactor, ForbiddenSql> {
    match select.from.as_slice() {
        [TableWithJoins { relation, joins }] if joins.is_empty() => Ok(relation),
        _ => Err(ForbiddenSql("more than one source")),
    }
}

fn derived(select: &Select) -> Result<&Query, ForbiddenSql> {
    match only_source(select)? {
        TableFactor::Derived {
            lateral: false,
            subquery,
            alias: Some(_),
            sample: None,
        } => Ok(subquery),
        _ => Err(ForbiddenSql("an outer query that reads a table directly")),
    }
}

fn innermost(select: &Select, expected: &[String; 2]) -> Result<(), ForbiddenSql> {
    let TableFactor::Table {
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
    } = only_source(select)?
    else {
        return Err(ForbiddenSql("a source that is not a plain table"));
    };
    if !(with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty()) {
        return Err(ForbiddenSql("a table hint"));
    }
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, modifiers)
        if by.is_empty() && modifiers.is_empty());
    if grouped || select.selection.is_none() {
        return Err(ForbiddenSql(
            "an inner query without its predicate, or grouped",
        ));
    }
    if is_named(name, expected) {
        Ok(())
    } else {
        Err(ForbiddenSql("another table"))
    }
}

fn is_named(name: &ObjectName, expected: &[String; 2]) -> bool {
    let parts: Option<Vec<_>> = name.0.iter().map(|part| part.as_ident()).collect();
    parts.is_some_and(|parts| {
        let quoted = parts.iter().all(|ident| ident.quote_style == Some('"'));
        quoted && parts.iter().map(|ident| &ident.value).eq(expected.iter())
    })
}

/// Every expression of the tree, inner and outer.
fn expressions(query: &Query) -> Result<(), ForbiddenSql> {
    let outcome = visit_expressions(query, |expression| match refused(expression) {
        Some(what) => ControlFlow::Break(ForbiddenSql(what)),
        None => ControlFlow::Continue(()),
    });
    match outcome {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

fn refused(expression: &Expr) -> Option<&'static str> {
    match expression {
        Expr::Identifier(_)
        | Expr::Value(_)
        | Expr::TypedString(_)
        | Expr::Nested(_)
        | Expr::BinaryOp { .. }
        | Expr::UnaryOp { .. }
        | Expr::IsNull(_)
        | Expr::InList { .. }
        | Expr::Like { any: false, .. }
        | Expr::Substring { .. }
        | Expr::Cast { .. } => None,
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            let known = FUNCTIONS.contains(&name.as_str()) || ATHENA_ONLY.contains(&name.as_str());
            let plain = function.over.is_none()
                && function.within_group.is_empty()
                && function.parameters == FunctionArguments::None
                && !function.uses_odbc_syntax;
            (!(known && plain)).then_some("a function that is not on the list")
        }
        _ => Some("an expression that is not on the list"),
    }
}
