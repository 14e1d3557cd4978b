//! Athena's operations.

mod catalogs;
mod get;
mod groups;
mod start;

use std::sync::Arc;

use axum::http::StatusCode;
use bytes::Bytes;

use crate::account::Account;
use crate::faults::Effects;
use crate::wire::{Answered, Refusal};

/// What comes with a call besides its members.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The assumed role's session, where there is one.
    pub(crate) principal: Option<String>,
    /// What is to go wrong with the query that the call starts.
    pub(crate) effects: Effects,
}

/// Does what `operation` says.
pub(crate) async fn call(
    sim: &Arc<Account>,
    operation: &str,
    body: &Bytes,
    caller: Caller,
) -> Answered {
    match operation {
        "StartQueryExecution" => start::start(sim, body, caller),
        "StopQueryExecution" => start::stop(sim, body),
        "GetQueryExecution" => get::execution(sim, body),
        "BatchGetQueryExecution" => get::batch(sim, body),
        "GetQueryResults" => get::results(sim, body),
        "GetQueryRuntimeStatistics" => get::runtime_statistics(sim, body),
        "ListQueryExecutions" => get::list(sim, body),
        "GetWorkGroup" => groups::get(sim, body),
        "CreateWorkGroup" => groups::create(sim, body),
        "UpdateWorkGroup" => groups::update(sim, body),
        "ListWorkGroups" => groups::list(sim),
        "ListDataCatalogs" => catalogs::list(),
        "GetDataCatalog" => catalogs::get(body),
        "ListDatabases" => catalogs::databases(sim, body).await,
        "GetDatabase" => catalogs::database(sim, body).await,
        "ListTableMetadata" => catalogs::tables(sim, body).await,
        "GetTableMetadata" => catalogs::table(sim, body).await,
        _ => Err(unknown(operation)),
    }
}

/// An operation that the simulator does not have.
pub(crate) fn unknown(operation: &str) -> Refusal {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "UnknownOperationException",
        format!("the simulator has no {operation}"),
    )
}
