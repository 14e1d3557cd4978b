//! One request, from the parser to the routes and back.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Uri, Version};
use hyper::body::Incoming;
use tower::ServiceExt as _;

use super::Door;
use super::body::{Paced, Tracked};
use super::counters::One;
use super::line::{Line, Running};
use crate::front::{Peer, Refused};

/// Both ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) local: Option<SocketAddr>,
    pub(super) peer: Peer,
}

/// A body on its way: the request runs until the client has taken it.
type Answer = Tracked<(Running, One)>;

/// Answers `request`, which came over `line` between `ends`.
pub(super) async fn answer(
    door: Arc<Door>,
    (line, ends): (Arc<Line>, Ends),
    request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let (running, refused) = line.begin();
    let counted = door.counters.running();
    let flaw = refused.or_else(|| door.hosts.flaw(&request, ends.local));
    let speaks_1 = request.version() <= Version::HTTP_11;
    let patience = door.patience.body;
    let mut request = request.map(|body| Body::new(Paced::new(body, patience)));
    *request.uri_mut() = within(request.uri());
    request.extensions_mut().insert(ends.peer);
    if let Some(slug) = flaw {
        door.counters.refused();
        request.extensions_mut().insert(Refused(slug));
    }
    let mut response = door.router.clone().oneshot(request).await?;
    // Whoever sends such a thing may mean something else by what follows it; and whoever is to go
    // elsewhere needs to be told.
    if speaks_1 && (flaw.is_some() || door.leaving.is_cancelled()) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    let taking = line.taking();
    Ok(response.map(|body| Tracked::new(body, taking, (running, counted))))
}

/// The target without a host: routes and redirects know paths alone.
fn within(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned();
    path.map_or_else(|| uri.clone(), Uri::from)
}
