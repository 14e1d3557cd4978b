//! What somebody does, as requests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;

use super::crew::Session;
use super::frame::FrameKey;
use super::line::{Failure, Line, Reply};

/// A request that is ready to be sent.
pub(super) type Ask = Request<Full<Bytes>>;

/// The kinds of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `POST /api/v1/embed-tokens`.
    Mint,
    /// `POST /embed/{slug}` with a token that was minted before.
    Open,
    /// A token, the page, the frame's own token: timed together, and each by itself.
    Visit,
    /// `POST /embed/{slug}/bind`, as part of a visit.
    Bind,
    /// `GET /api/v1/dashboards/{slug}/tiles/{tile}/data`.
    Tile,
    /// All tiles of a page under one filter, as HTML; timed until the last is there.
    Filter,
    /// `GET /api/v1/dashboards/{slug}/filters/{filter}/values`.
    Values,
    /// `GET /api/v1/dashboards/{slug}/tiles/{tile}/export?format=csv`.
    Export,
    /// `GET /healthz`.
    Health,
}

impl Kind {
    /// Its name in labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mint => "mint",
            Self::Open => "open",
            Self::Visit => "visit",
            Self::Bind => "bind",
            Self::Tile => "tile",
            Self::Filter => "filter",
            Self::Values => "values",
            Self::Export => "export",
            Self::Health => "health",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something that is due: everything that can be made before is made.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) kind: Kind,
    pub(super) work: Work,
}

#[derive(Debug)]
pub(super) enum Work {
    /// Requests that are sent at once.
    Asks(Vec<Ask>),
    /// A visit, whose requests depend on each other.
    Visit(Arc<Session>),
}

/// One timed part of an action, from when the part before it ended.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) took: Duration,
    pub(super) end: Result<u64, Failure>,
}

impl Action {
    /// Does it. The parts are those that are timed by themselves; the outcome is the whole's.
    pub(super) async fn perform(self, line: &Line) -> (Result<u64, Failure>, Vec<Part>) {
        match self.work {
            Work::Asks(asks) => (together(self.kind, asks, line).await, Vec::new()),
            Work::Visit(session) => visit(&session, line).await,
        }
    }
}

/// Sends all at once; says how many bytes came, or what went wrong first.
async fn together(kind: Kind, asks: Vec<Ask>, line: &Line) -> Result<u64, Failure> {
    let sent = asks.into_iter().map(|ask| line.send(ask));
    let mut bytes = 0;
    for reply in futures::future::join_all(sent).await {
        let reply = reply?;
        check(kind, &reply)?;
        bytes += reply.body.len() as u64;
    }
    Ok(bytes)
}

/// What an answer must be, so that a quick refusal does not look like speed.
pub(super) fn check(kind: Kind, reply: &Reply) -> Result<(), Failure> {
    if is_shed(reply) {
        return Err(Failure::Shed);
    }
    if reply.status != StatusCode::OK {
        return Err(Failure::Status(reply.status));
    }
    let wrong = match kind {
        Kind::Open | Kind::Filter => !reply.has("data-tile=") || reply.has("data-state=\"error\""),
        Kind::Tile => !reply.has("\"rows\":"),
        Kind::Export => !reply.has("\n"),
        _ => false,
    };
    if wrong { Err(Failure::Wrong) } else { Ok(()) }
}

/// Whether there was no room: who is told to come again was refused, not failed.
fn is_shed(reply: &Reply) -> bool {
    reply.status == StatusCode::SERVICE_UNAVAILABLE && reply.retry_after
}

async fn visit(session: &Session, line: &Line) -> (Result<u64, Failure>, Vec<Part>) {
    let mut parts = Vec::new();
    let outcome = steps(session, line, &mut parts).await;
    (outcome, parts)
}

async fn steps(session: &Session, line: &Line, parts: &mut Vec<Part>) -> Result<u64, Failure> {
    let minted = timed(Kind::Mint, session.mint(), line, parts).await?;
    let token = minted.text("token").ok_or(Failure::Wrong)?;
    let page = timed(Kind::Open, session.open(&token), line, parts).await?;
    // The frame's script makes a key of its own for every document.
    let key = FrameKey::new();
    let bound = timed(Kind::Bind, session.bind(&key, &token), line, parts).await?;
    bound.text("token").ok_or(Failure::Wrong)?;
    Ok((minted.body.len() + page.body.len() + bound.body.len()) as u64)
}

async fn timed(kind: Kind, ask: Ask, line: &Line, parts: &mut Vec<Part>) -> Result<Reply, Failure> {
    let began = std::time::Instant::now();
    let reply = line.send(ask).await;
    let reply = reply.and_then(|reply| check(kind, &reply).map(|()| reply));
    parts.push(Part {
        kind,
        took: began.elapsed(),
        end: reply
            .as_ref()
            .map(|reply| reply.body.len() as u64)
            .map_err(Clone::clone),
    });
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_told_to_come_again_was_shed_and_everybody_else_without_an_answer_failed() {
        let reply = |status, retry_after| Reply {
            status,
            retry_after,
            body: Bytes::new(),
        };
        let busy = StatusCode::SERVICE_UNAVAILABLE;

        for kind in [Kind::Export, Kind::Tile] {
            assert_eq!(check(kind, &reply(busy, true)), Err(Failure::Shed));
            let failed = Err(Failure::Status(busy));
            assert_eq!(check(kind, &reply(busy, false)), failed);
        }
    }

    #[test]
    fn a_file_without_a_line_is_wrong() {
        let ok = |body: &'static str| {
            let reply = Reply {
                status: StatusCode::OK,
                retry_after: false,
                body: Bytes::from_static(body.as_bytes()),
            };
            check(Kind::Export, &reply)
        };
        assert_eq!(ok("Unit\r\nAuto\r\n"), Ok(()));
        assert_eq!(ok(""), Err(Failure::Wrong));
    }
}
