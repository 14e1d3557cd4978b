//! Starting and stopping queries.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use weir_engine::development::BytesRead;

use super::Caller;
use crate::account::{Account, Queries, Started, lock};
use crate::clock;
use crate::execution::{Context, Execution, Spent, State};
use crate::results::Output;
use crate::sql::{self, Query, SyntaxError};
use crate::wire::{self, Answered, Refusal};
use crate::workgroup::{self, ResultConfiguration};

/// The longest text, in bytes.
const LONGEST_QUERY: usize = 262_144;

/// The longest parameter, in characters.
const LONGEST_PARAMETER: usize = 1_024;

/// The oldest result that may be taken again, in minutes: a week.
const OLDEST: u64 = 10_080;

/// Results are taken again for an hour where nothing else is said.
const USUAL_AGE: u64 = 60;

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ask {
    query_string: String,
    #[serde(default, skip_serializing)]
    client_request_token: Option<String>,
    #[serde(default)]
    query_execution_context: Context,
    #[serde(default)]
    result_configuration: Option<ResultConfiguration>,
    #[serde(default)]
    work_group: Option<String>,
    #[serde(default)]
    execution_parameters: Option<Vec<String>>,
    #[serde(default)]
    result_reuse_configuration: Option<Reuse>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reuse {
    #[serde(default)]
    result_reuse_by_age_configuration: Option<ReuseByAge>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReuseByAge {
    enabled: bool,
    #[serde(default)]
    max_age_in_minutes: Option<u64>,
}

/// `StartQueryExecution`.
pub(super) fn start(account: &Arc<Account>, body: &Bytes, caller: Caller) -> Answered {
    let ask: Ask = wire::members(body)?;
    check(&ask)?;
    // What was asked, without the token: the same token may stand for nothing else.
    let asked = wire::answer(&ask)?.to_string();
    let group = ask.work_group.as_deref().unwrap_or("primary");
    let results = results(account, group, ask.result_configuration.as_ref())?;
    let understood = sql::understand(
        &ask.query_string,
        ask.execution_parameters.as_deref().unwrap_or_default(),
    );
    let mut queries = lock(&account.queries);
    if let Some(id) = known(&queries, ask.client_request_token.as_deref(), &asked)? {
        return Ok(json!({ "QueryExecutionId": id }));
    }
    if queries.active() >= account.active_queries {
        return Err(Refusal::too_many_queries());
    }
    let query = execution(&ask, group, results, &understood, caller.principal);
    let reused = reusable(&queries, &query);
    let id = query.id.clone();
    admit(
        &mut queries,
        query,
        ask.client_request_token,
        asked,
        reused.is_some(),
    );
    let driver = Arc::clone(account).drive(id.clone(), understood, caller.effects, reused);
    let driver = tokio::spawn(driver).abort_handle();
    if let Some(query) = queries.by_id.get_mut(&id) {
        query.driver = Some(driver);
    }
    Ok(json!({ "QueryExecutionId": id }))
}

fn check(ask: &Ask) -> Result<(), Refusal> {
    let bytes = ask.query_string.len();
    if bytes == 0 || bytes > LONGEST_QUERY {
        return Err(Refusal::constraint(
            "queryString",
            "Member must have length between 1 and 262144",
        ));
    }
    if let Some(token) = &ask.client_request_token
        && !(32..=128).contains(&token.chars().count())
    {
        return Err(Refusal::constraint(
            "clientRequestToken",
            "Member must have length between 32 and 128",
        ));
    }
    if let Some(parameters) = &ask.execution_parameters {
        let fits =
            |parameter: &String| (1..=LONGEST_PARAMETER).contains(&parameter.chars().count());
        if parameters.is_empty() || !parameters.iter().all(fits) {
            return Err(Refusal::constraint(
                "executionParameters",
                "Member must have length between 1 and 1024, and there must be at least one",
            ));
        }
    }
    if let Some(reuse) = by_age(ask)
        && reuse.max_age_in_minutes.is_some_and(|age| age > OLDEST)
    {
        return Err(Refusal::constraint(
            "maxAgeInMinutes",
            "Member must have value less than or equal to 10080",
        ));
    }
    Ok(())
}

fn by_age(ask: &Ask) -> Option<&ReuseByAge> {
    ask.result_reuse_configuration
        .as_ref()?
        .result_reuse_by_age_configuration
        .as_ref()
}

fn results(
    account: &Account,
    group: &str,
    wanted: Option<&ResultConfiguration>,
) -> Result<Option<ResultConfiguration>, Refusal> {
    let groups = lock(&account.workgroups);
    let group = workgroup::find(&groups, group)?;
    if !group.enabled {
        let message = format!("WorkGroup {} is disabled.", group.name);
        return Err(Refusal::invalid(message));
    }
    group.results(wanted)
}

/// What was started under the token before, if it was the same.
fn known(queries: &Queries, token: Option<&str>, asked: &str) -> Result<Option<String>, Refusal> {
    match token.and_then(|token| queries.tokens.get(token)) {
        Some(started) if started.asked != asked => {
            Err(Refusal::invalid("Idempotent parameters do not match"))
        }
        started => Ok(started.map(|started| started.id.clone())),
    }
}

fn execution(
    ask: &Ask,
    group: &str,
    results: Option<ResultConfiguration>,
    understood: &Result<Query, SyntaxError>,
    principal: Option<String>,
) -> Execution {
    let reuse = by_age(ask).filter(|reuse| reuse.enabled);
    let minutes = |reuse: &ReuseByAge| reuse.max_age_in_minutes.unwrap_or(USUAL_AGE);
    let query = understood.as_ref().ok();
    Execution {
        id: Uuid::now_v7().to_string(),
        query: ask.query_string.clone(),
        parameters: ask.execution_parameters.clone().unwrap_or_default(),
        context: ask.query_execution_context.clone(),
        workgroup: group.to_owned(),
        results,
        max_age: reuse.map(|reuse| Duration::from_secs(60 * minutes(reuse))),
        principal,
        unloads: query.is_some_and(|query| query.unload.is_some()),
        repeatable: query.is_some_and(|query| query.repeatable && query.unload.is_none()),
        state: State::Queued,
        seen: AtomicBool::new(false),
        reason: None,
        error: None,
        submitted: clock::now(),
        completed: None,
        began: Instant::now(),
        total: None,
        spent: Spent::default(),
        read: BytesRead::default(),
        scanned: None,
        reused: false,
        manifest: None,
        output: None,
        driver: None,
    }
}

/// The newest result that says the same and is young enough. Results that the service keeps itself
/// are never taken again.
fn reusable(queries: &Queries, query: &Execution) -> Option<Arc<Output>> {
    let max_age = query.max_age?;
    if !query.repeatable || query.results.is_none() {
        return None;
    }
    let same = |earlier: &&Execution| {
        earlier.state == State::Succeeded
            && !earlier.reused
            && earlier.query == query.query
            && earlier.parameters == query.parameters
            && earlier.workgroup == query.workgroup
            && earlier.context == query.context
            && earlier.results == query.results
            && earlier.principal == query.principal
            && earlier.began.elapsed() <= max_age
    };
    let newest_first = queries.order.iter().rev();
    let mut earlier = newest_first.filter_map(|id| queries.by_id.get(id));
    earlier.find(same)?.output.clone()
}

fn admit(
    queries: &mut Queries,
    mut query: Execution,
    token: Option<String>,
    asked: String,
    reused: bool,
) {
    query.reused = reused;
    let id = query.id.clone();
    if let Some(token) = token {
        let started = Started {
            id: id.clone(),
            asked,
        };
        queries.tokens.insert(token, started);
    }
    queries.order.push(id.clone());
    queries.by_id.insert(id, query);
    queries.peak_active = queries.peak_active.max(queries.active());
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    query_execution_id: String,
}

/// `StopQueryExecution`. Stopping what has ended is fine and does nothing.
pub(super) fn stop(account: &Account, body: &Bytes) -> Answered {
    let named: Named = wire::members(body)?;
    super::get::known(&lock(&account.queries), &named.query_execution_id)?;
    account.stop(&named.query_execution_id, "Query cancelled by user");
    Ok(wire::nothing())
}
