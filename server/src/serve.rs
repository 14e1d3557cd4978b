//! The accept loop. `axum::serve` waits for ever on slow headers and lets odd requests through; this
//! one reads a head before any parser does ([`gate`]), bounds everything a client can hold open,
//! speaks HTTP/1.1 and HTTP/2 (prior knowledge, from a proxy), and lets running requests finish on
//! shutdown.

mod answer;
mod body;
mod counters;
mod debt;
pub mod files;
mod gate;
mod line;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::answer::Ends;
pub use self::counters::{Connections, Counters};
use self::gate::Gate;
use self::line::Line;
use crate::front::{Hosts, Peer, head};

/// How long an ending connection may take over it.
const GOODBYE: Duration = Duration::from_secs(5);

/// How often connections that nobody needs are asked to make room.
const ROOM: Duration = Duration::from_millis(100);

/// What stands behind a listener.
#[derive(Debug, Clone)]
pub struct Door {
    /// All routes.
    pub router: Router,
    /// The names that are answered to.
    pub hosts: Hosts,
    /// Cancelled when clients should go elsewhere: answers say so.
    pub leaving: CancellationToken,
    /// How many connections are open at the same time; more wait to be accepted.
    pub most: usize,
    /// How long clients may take.
    pub patience: Patience,
    /// What became of connections.
    pub counters: Arc<Counters>,
}

/// How long clients may take (H24).
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a whole head.
    pub head: Duration,
    /// For a whole body, and at least a kilobyte a second after the first moments.
    pub body: Duration,
    /// How late a client may be with taking an answer, at a kilobyte a second.
    pub read: Duration,
    /// Between requests.
    pub idle: Duration,
    /// For what still runs, when the process is told to stop.
    pub drain: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            read: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            drain: Duration::from_secs(20),
        }
    }
}

/// Serves `door` on `listener` until `stop`, then lets what runs finish.
pub async fn serve(listener: TcpListener, door: Door, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(door.most));
    let (door, crowd) = (Arc::new(door), Arc::new(Notify::new()));
    let mut open = JoinSet::new();
    let next = async || {
        let place = place(&room, &crowd).await;
        (place, listener.accept().await)
    };
    while let Some((place, accepted)) = stop.run_until_cancelled(next()).await {
        while open.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                door.counters.accepted();
                let means = (Arc::clone(&door), Arc::clone(&crowd), stop.clone());
                open.spawn(connection((stream, peer), means, place));
            }
            Err(error) => {
                // Out of file handles, most likely: waiting is all there is.
                door.counters.failed();
                tracing::warn!(error = &error as &dyn std::error::Error, "can't accept");
                crowd.notify_waiters();
                tokio::time::sleep(ROOM).await;
            }
        }
    }
    drop(listener);
    let all = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(door.patience.drain, all)
        .await
        .is_err()
    {
        tracing::warn!(
            open = open.len(),
            "connections were still open after the drain time"
        );
    }
    open.shutdown().await;
}

/// A place for one more connection. When there is none, those that ask for nothing make room (D9).
async fn place(room: &Arc<Semaphore>, crowd: &Notify) -> Option<OwnedSemaphorePermit> {
    loop {
        let free = Arc::clone(room).acquire_owned();
        match tokio::time::timeout(ROOM, free).await {
            Ok(place) => return place.ok(),
            Err(_) => crowd.notify_waiters(),
        }
    }
}

/// One connection, to its end.
async fn connection(
    (stream, peer): (TcpStream, SocketAddr),
    (door, crowd, stop): (Arc<Door>, Arc<Notify>, CancellationToken),
    place: Option<OwnedSemaphorePermit>,
) {
    let _place = place;
    let _open = door.counters.open();
    // Small streamed chunks must not wait for each other (Nagle).
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = &error as &dyn std::error::Error, "no TCP_NODELAY");
    }
    let line = Arc::new(Line::default());
    let ends = Ends {
        local: stream.local_addr().ok(),
        peer: Peer::at(peer.ip()),
    };
    let io = TokioIo::new(Gate::new(stream, Arc::clone(&line), door.patience));
    let service = hyper::service::service_fn(|request| {
        answer::answer(Arc::clone(&door), (Arc::clone(&line), ends), request)
    });
    let builder = builder();
    let mut running = std::pin::pin!(builder.serve_connection(io, service));
    let ended = tokio::select! {
        ended = running.as_mut() => Some(ended),
        () = line.quiet(door.patience.idle, &crowd) => None,
        () = stop.cancelled() => None,
        () = line.left(door.patience.read) => return,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        running.as_mut().graceful_shutdown();
        tokio::select! {
            ended = running => ended,
            () = line.over(GOODBYE) => return,
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "connection ended");
    }
}

/// Both versions. The gate keeps the time of HTTP/1 heads, so hyper need not.
fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_headers(head::MOST_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_LIST)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    builder
}

/// How many requests run on one HTTP/2 connection at the same time.
const STREAMS: u32 = 128;

/// The same as the longest head of HTTP/1; it bounds CONTINUATION frames too (RUSTSEC-2024-0332).
const HEADER_LIST: u32 = 16 << 10;

/// How many streams may be reset before anybody looked at them (RUSTSEC-2023-0034).
const RESETS: usize = 64;

/// How much of an answer is kept for a client that does not take it.
const SEND_BUFFER: usize = 64 << 10;

/// How often a silent HTTP/2 peer is asked whether it is there, and how long it may think about it.
const PING: Duration = Duration::from_secs(20);
const PONG: Duration = Duration::from_secs(10);
