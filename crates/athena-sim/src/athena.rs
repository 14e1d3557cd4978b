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
    /// What is to go wrong with the query that the call starts, or with the page that it asks for.
    pub(crate) effects: Effects,
}

/// Does what `operation` says.
pub(crate) async fn call(
    account: &Arc<Account>,
    operation: &str,
    body: &Bytes,
    caller: Caller,
) -> Answered {
    match operation {
        "StartQueryExecution" => start::start(account, body, caller),
        "StopQueryExecution" => start::stop(account, body),
        "GetQueryExecution" => get::execution(account, body),
        "BatchGetQueryExecution" => get::batch(account, body),
        "GetQueryResults" => get::results(account, body, &caller.effects),
        "GetQueryRuntimeStatistics" => get::runtime_statistics(account, body),
        "ListQueryExecutions" => get::list(account, body),
        "GetWorkGroup" => groups::get(account, body),
        "CreateWorkGroup" => groups::create(account, body),
        "UpdateWorkGroup" => groups::update(account, body),
        "ListWorkGroups" => Ok(groups::list(account)),
        "ListDataCatalogs" => Ok(catalogs::list()),
        "GetDataCatalog" => catalogs::get(body),
        "ListDatabases" => catalogs::databases(account, body).await,
        "GetDatabase" => catalogs::database(account, body).await,
        "ListTableMetadata" => catalogs::tables(account, body).await,
        "GetTableMetadata" => catalogs::table(account, body).await,
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
