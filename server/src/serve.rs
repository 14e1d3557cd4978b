//! The accept loop. `axum::serve` waits for ever on slow headers; this one does not (H24), and it
//! lets running requests finish on shutdown.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// How long a client may take to send its headers.
const HEADERS: Duration = Duration::from_secs(10);

/// How many connections are open at the same time; more wait to be accepted.
const CONNECTIONS: usize = 4096;

/// How long running requests may go on after shutdown began.
const DRAIN: Duration = Duration::from_secs(20);

/// Serves `router` on `listener` until `stop`, then drains.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let next = async || {
        (
            Arc::clone(&room).acquire_owned().await,
            listener.accept().await,
        )
    };
    while let Some((place, accepted)) = stop.run_until_cancelled(next()).await {
        match accepted {
            Ok((stream, _)) => connection(stream, &router, &graceful, place.ok()),
            Err(error) => {
                // Out of file handles, most likely: waiting is all there is.
                tracing::warn!(error = &error as &dyn std::error::Error, "can't accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    if tokio::time::timeout(DRAIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections were still open after the drain time");
    }
}

fn connection(
    stream: TcpStream,
    router: &Router,
    graceful: &GracefulShutdown,
    place: Option<OwnedSemaphorePermit>,
) {
    // Small streamed chunks must not wait for each other (Nagle).
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = &error as &dyn std::error::Error, "no TCP_NODELAY");
    }
    let router = router.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = watched.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
        }
    });
}
