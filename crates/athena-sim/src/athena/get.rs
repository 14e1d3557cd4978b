//! How queries are doing, and their rows.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Account, Queries, lock};
use crate::execution::{Execution, State};
use crate::faults::Effects;
use crate::results::PAGE;
use crate::wire::{self, Answered, Refusal};

/// The most ids that one call may ask for.
const MOST_IDS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct One {
    query_execution_id: String,
}

/// The query `id`.
pub(super) fn known<'a>(queries: &'a Queries, id: &str) -> Result<&'a Execution, Refusal> {
    queries
        .by_id
        .get(id)
        .ok_or_else(|| Refusal::invalid(format!("QueryExecution {id} was not found")))
}

/// `GetQueryExecution`.
pub(super) fn execution(account: &Account, body: &Bytes) -> Answered {
    let one: One = wire::members(body)?;
    let queries = lock(&account.queries);
    let query = known(&queries, &one.query_execution_id)?;
    Ok(json!({ "QueryExecution": query.described() }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Many {
    query_execution_ids: Vec<String>,
}

/// `BatchGetQueryExecution`.
pub(super) fn batch(account: &Account, body: &Bytes) -> Answered {
    let many: Many = wire::members(body)?;
    if many.query_execution_ids.is_empty() || many.query_execution_ids.len() > MOST_IDS {
        return Err(Refusal::constraint(
            "queryExecutionIds",
            "Member must have length between 1 and 50",
        ));
    }
    let queries = lock(&account.queries);
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for id in &many.query_execution_ids {
        match queries.by_id.get(id) {
            Some(query) => found.push(query.described()),
            None => missing.push(json!({
                "QueryExecutionId": id,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": format!("QueryExecution {id} was not found"),
            })),
        }
    }
    Ok(json!({ "QueryExecutions": found, "UnprocessedQueryExecutionIds": missing }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    query_execution_id: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<usize>,
}

/// `GetQueryResults`.
pub(super) fn results(account: &Account, body: &Bytes, effects: &Effects) -> Answered {
    let page: Page = wire::members(body)?;
    let most = page.max_results.unwrap_or(PAGE);
    if most == 0 || most > PAGE {
        return Err(Refusal::constraint(
            "maxResults",
            "Member must have value between 1 and 1000",
        ));
    }
    let queries = lock(&account.queries);
    let query = known(&queries, &page.query_execution_id)?;
    let output = finished(query)?;
    let offset = match &page.next_token {
        Some(token) => offset(token, &query.id)?,
        None => 0,
    };
    let (rows, next) = output.page(offset, most)?;
    let next = if effects.leads_back() {
        Some(offset)
    } else {
        next
    };
    let mut answer = json!({ "ResultSet": rows, "UpdateCount": 0 });
    if let (Some(next), Value::Object(members)) = (next, &mut answer) {
        members.insert("NextToken".into(), format!("{next}@{}", query.id).into());
    }
    Ok(answer)
}

fn finished(query: &Execution) -> Result<&crate::results::Output, Refusal> {
    match (query.state, &query.output) {
        (State::Succeeded, Some(output)) => Ok(output),
        (State::Failed | State::Cancelled | State::Succeeded, _) => Err(Refusal::invalid(format!(
            "Query did not finish successfully. Final query state: {}",
            spelled(query.state)
        ))),
        (State::Queued | State::Running, _) => Err(Refusal::invalid(format!(
            "Query has not yet finished. Current state: {}",
            spelled(query.state)
        ))),
    }
}

fn spelled(state: State) -> String {
    format!("{state:?}").to_uppercase()
}

/// A token is good for the query it was given out for.
fn offset(token: &str, id: &str) -> Result<usize, Refusal> {
    let parts = token.split_once('@').filter(|(_, of)| *of == id);
    let offset = parts.and_then(|(offset, _)| offset.parse().ok());
    offset.ok_or_else(|| Refusal::invalid("Invalid next token"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    #[serde(default)]
    work_group: Option<String>,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

/// `ListQueryExecutions`, newest first.
pub(super) fn list(account: &Account, body: &Bytes) -> Answered {
    let list: List = wire::members(body)?;
    let group = list.work_group.as_deref().unwrap_or("primary");
    let most = list.max_results.unwrap_or(MOST_IDS).clamp(1, MOST_IDS);
    let queries = lock(&account.queries);
    let in_group = |id: &&String| {
        let query = queries.by_id.get(*id);
        query.is_some_and(|query| query.workgroup == group)
    };
    let offset = match &list.next_token {
        Some(token) => offset(token, group)?,
        None => 0,
    };
    let ids: Vec<&String> = queries.order.iter().rev().filter(in_group).collect();
    let page: Vec<_> = ids.iter().skip(offset).take(most).collect();
    let end = offset + page.len();
    let mut answer = json!({ "QueryExecutionIds": page });
    if let (true, Value::Object(members)) = (end < ids.len(), &mut answer) {
        members.insert("NextToken".into(), format!("{end}@{group}").into());
    }
    Ok(answer)
}

/// `GetQueryRuntimeStatistics`.
pub(super) fn runtime_statistics(account: &Account, body: &Bytes) -> Answered {
    let one: One = wire::members(body)?;
    let queries = lock(&account.queries);
    let query = known(&queries, &one.query_execution_id)?;
    let output = query.output.as_ref();
    Ok(json!({ "QueryRuntimeStatistics": {
        "Timeline": query.timeline(),
        "Rows": {
            "InputBytes": query.scanned_bytes(),
            "OutputRows": output.map_or(0, |output| output.rows()),
        },
    }}))
}
