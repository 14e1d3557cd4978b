//! `GET /metrics` on a socket of its own: Prometheus reads it, browsers never reach it.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::uri::Authority;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::standing;
use crate::state::AppState;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How many ask at the same time; more wait.
const CONNECTIONS: usize = 16;

/// How long a request's head may take.
const HEAD: Duration = Duration::from_secs(5);

/// The one route.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(state.clone())
}

/// Everything there is to tell, in the words of `OpenMetrics` 1.0, exemplars too.
async fn metrics(State(state): State<AppState>) -> Response {
    standing::observe(&state).await;
    let mut text = String::with_capacity(32 << 10);
    let registry = &state.telemetry.0.registry;
    let registry = registry.lock().unwrap_or_else(PoisonError::into_inner);
    let written = prometheus_client::encoding::text::encode(&mut text, &registry);
    drop(registry);
    match written {
        Ok(()) => {
            let headers = [(CONTENT_TYPE, OPEN_METRICS), (CACHE_CONTROL, "no-store")];
            (headers, text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// On the loopback address only names of this machine are answered to: a page in a browser here can
/// give its own name this address, and would read along.
async fn for_this_machine(request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let name = host.and_then(|host| host.parse::<Authority>().ok());
    let is_ours = name.is_some_and(|name| {
        let name = name.host().trim_matches(['[', ']']);
        name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    });
    if is_ours {
        next.run(request).await
    } else {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    }
}

/// Answers on `listener` until `stop`.
pub async fn serve(listener: TcpListener, state: &AppState, stop: CancellationToken) {
    let is_local = listener
        .local_addr()
        .is_ok_and(|addr| addr.ip().is_loopback());
    let router = if is_local {
        router(state).layer(from_fn(for_this_machine))
    } else {
        router(state)
    };
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let next = async || {
        let place = Arc::clone(&room).acquire_owned().await;
        (place, listener.accept().await)
    };
    while let Some((place, accepted)) = stop.run_until_cancelled(next()).await {
        let Ok((stream, _)) = accepted else {
            // Out of file handles, most likely: waiting is all there is.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let answered = connection(stream, router.clone());
        let stop = stop.clone();
        tokio::spawn(async move {
            let _place = place;
            stop.run_until_cancelled(answered).await;
        });
    }
}

async fn connection(stream: TcpStream, router: Router) {
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(32)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
    }
}
