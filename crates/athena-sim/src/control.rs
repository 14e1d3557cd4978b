//! The simulator's own controls: faults, counts, and a fresh start.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::account::{Account, lock};
use crate::faults::Fault;

pub(crate) fn routes() -> Router<Arc<Account>> {
    Router::new()
        .route("/sim/faults", post(plan).get(planned).delete(clear))
        .route("/sim/meter", get(meter))
        .route("/sim/calls", get(calls))
        .route("/sim/reset", post(reset))
}

async fn plan(State(sim): State<Arc<Account>>, Json(fault): Json<Fault>) -> Json<Vec<Fault>> {
    lock(&sim.faults).add(fault);
    planned(State(sim)).await
}

async fn planned(State(sim): State<Arc<Account>>) -> Json<Vec<Fault>> {
    Json(lock(&sim.faults).list())
}

async fn clear(State(sim): State<Arc<Account>>) {
    lock(&sim.faults).clear();
}

async fn meter(State(sim): State<Arc<Account>>) -> Json<Value> {
    Json(json!(lock(&sim.queries).meter))
}

async fn calls(State(sim): State<Arc<Account>>) -> Json<Value> {
    let peak_active = lock(&sim.queries).peak_active;
    let operations = lock(&sim.traffic).calls();
    Json(json!({ "operations": operations, "peak_active_queries": peak_active }))
}

async fn reset(State(sim): State<Arc<Account>>) {
    sim.reset();
}
