//! Searching the log, page by page.

use chrono::{DateTime, Utc};
use sqlx::Any;
use sqlx::query::QueryAs;

use super::chain::Link;
use super::read::{COLUMNS, Row};
use super::{AuditError, AuditRecord};
use crate::database::Database;
use crate::{Digest, Label};

/// Which records, and which page of them. The default asks for all of them, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only what happened at or after this moment.
    pub from: Option<DateTime<Utc>>,
    /// Only what happened before this moment.
    pub to: Option<DateTime<Utc>>,
    /// Only this kind, as [`Fact::kind`](crate::Fact::kind) names it.
    pub kind: Option<String>,
    /// Only what is about, or was done by, this person.
    pub subject: Option<Digest>,
    /// Only what is about this dashboard.
    pub dashboard: Option<Label>,
    /// Only what this policy revision decided, or what made it.
    pub revision: Option<u64>,
    /// Newest or oldest first.
    pub order: AuditOrder,
    /// Where the page starts: [`AuditPage::next`] of the one before.
    pub after: Option<u64>,
    /// The longest page.
    pub limit: u32,
}

/// In which order records are given. It is that of their numbers: clocks may go backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuditOrder {
    /// The last one first.
    #[default]
    NewestFirst,
    /// The first one first.
    OldestFirst,
}

/// Some of the records that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The records, in the order asked for.
    pub records: Vec<AuditRecord>,
    /// Where the next page starts; none when this is the last one.
    pub next: Option<u64>,
}

impl Default for AuditQuery {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            kind: None,
            subject: None,
            dashboard: None,
            revision: None,
            order: AuditOrder::NewestFirst,
            after: None,
            limit: 100,
        }
    }
}

/// A value a record is compared with.
enum Value {
    Number(i64),
    Text(String),
}

/// The conditions of a query, in a fixed order, with their values.
fn conditions(query: &AuditQuery) -> Vec<(&'static str, Value)> {
    let number = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let beyond = match query.order {
        AuditOrder::NewestFirst => "seq < ",
        AuditOrder::OldestFirst => "seq > ",
    };
    let millis = |at: DateTime<Utc>| {
        // A moment inside a millisecond is after the record that bears it.
        let rounded_up = i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000_000));
        Value::Number(at.timestamp_millis().saturating_add(rounded_up))
    };
    [
        query.from.map(|at| ("at_ms >= ", millis(at))),
        query.to.map(|at| ("at_ms < ", millis(at))),
        query
            .kind
            .clone()
            .map(|kind| ("kind = ", Value::Text(kind))),
        query
            .subject
            .map(|subject| ("subject = ", Value::Text(subject.to_string()))),
        query
            .dashboard
            .as_ref()
            .map(|slug| ("dashboard = ", Value::Text(slug.to_string()))),
        query
            .revision
            .map(|revision| ("revision = ", number(revision))),
        query.after.map(|seq| (beyond, number(seq))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// One text for each set of conditions, so that each is planned with the index that fits it.
fn sql(conditions: &[(&'static str, Value)], order: AuditOrder) -> String {
    let compared: Vec<String> = conditions
        .iter()
        .zip(1..)
        .map(|((condition, _), place)| format!("{condition}${place}"))
        .collect();
    let filter = if compared.is_empty() {
        String::new()
    } else {
        format!("\nWHERE {}", compared.join("\nAND "))
    };
    let direction = match order {
        AuditOrder::NewestFirst => " DESC",
        AuditOrder::OldestFirst => "",
    };
    let limit = conditions.len() + 1;
    format!("SELECT {COLUMNS}\nFROM audit_records{filter}\nORDER BY seq{direction}\nLIMIT ${limit}")
}

/// One page of rows, and where the next one starts.
pub(super) async fn links(
    database: &Database,
    query: &AuditQuery,
) -> Result<(Vec<Link>, Option<u64>), AuditError> {
    let conditions = conditions(query);
    let sql = sql(&conditions, query.order);
    let mut rows: QueryAs<'_, Any, Row, _> = sqlx::query_as(&sql);
    for (_, value) in conditions {
        rows = match value {
            Value::Number(number) => rows.bind(number),
            Value::Text(text) => rows.bind(text),
        };
    }
    // One more than asked for tells whether there is another page.
    let rows = rows
        .bind(i64::from(query.limit) + 1)
        .fetch_all(database.readers())
        .await?;
    let mut links: Vec<Link> = rows
        .into_iter()
        .map(Link::try_from)
        .collect::<Result<_, _>>()?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = links.len() > limit;
    links.truncate(limit);
    let next = links.last().filter(|_| more).map(|link| link.seq);
    Ok((links, next))
}

#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    let all = AuditQuery {
        from: Some(DateTime::UNIX_EPOCH),
        to: Some(DateTime::UNIX_EPOCH),
        kind: Some(String::new()),
        subject: Some(Digest::zero()),
        dashboard: Label::parse("x").ok(),
        revision: Some(1),
        after: Some(1),
        ..AuditQuery::default()
    };
    let mut texts = Vec::new();
    for order in [AuditOrder::NewestFirst, AuditOrder::OldestFirst] {
        let query = AuditQuery {
            order,
            ..all.clone()
        };
        for chosen in 0_u8..128 {
            let mut place = 0;
            let mut some = conditions(&query);
            some.retain(|_| {
                place += 1;
                chosen >> (place - 1) & 1 == 1
            });
            texts.push(sql(&some, order));
        }
    }
    texts
}
