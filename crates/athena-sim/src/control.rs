//! The simulator's own controls: faults, counts, and a fresh start.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Account, lock};
use crate::alteration::Alteration;
use crate::faults::Fault;

pub(crate) fn routes() -> Router<Arc<Account>> {
    Router::new()
        .route("/sim/faults", post(plan).get(planned).delete(clear))
        .route("/sim/meter", get(meter))
        .route("/sim/calls", get(calls))
        .route("/sim/tables", post(alter))
        .route("/sim/reset", post(reset))
}

async fn plan(State(account): State<Arc<Account>>, Json(fault): Json<Fault>) -> Json<Vec<Fault>> {
    lock(&account.faults).add(fault);
    planned(State(account)).await
}

async fn planned(State(account): State<Arc<Account>>) -> Json<Vec<Fault>> {
    Json(lock(&account.faults).list())
}

async fn clear(State(account): State<Arc<Account>>) {
    lock(&account.faults).clear();
}

async fn meter(State(account): State<Arc<Account>>) -> Json<Value> {
    Json(json!(lock(&account.queries).meter))
}

async fn calls(State(account): State<Arc<Account>>) -> Json<Value> {
    let peak_active = lock(&account.queries).peak_active;
    let operations = lock(&account.traffic).calls();
    Json(json!({ "operations": operations, "peak_active_queries": peak_active }))
}

#[derive(Debug, Deserialize)]
struct Altered {
    /// Such as `gold.statements`.
    table: String,
    #[serde(flatten)]
    alteration: Alteration,
}

async fn alter(
    State(account): State<Arc<Account>>,
    Json(altered): Json<Altered>,
) -> Result<(), (StatusCode, String)> {
    account
        .alter(&altered.table, &altered.alteration)
        .await
        .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
}

async fn reset(State(account): State<Arc<Account>>) {
    account.reset();
}
