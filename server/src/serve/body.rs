//! Bodies on their way in and out.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::line::Taking;

/// How long a body may take before its pace counts.
const GRACE: Duration = Duration::from_secs(5);

/// The slowest pace, in bytes a second.
const PACE: u32 = 1_000;

/// A request's body that has to come in time. A handler holds memory, and perhaps a lock, while it
/// waits for one.
#[derive(Debug)]
pub(super) struct Paced {
    inner: Incoming,
    began: Instant,
    longest: Duration,
    bytes: u32,
    /// Made when there is something to wait for.
    limit: Option<Pin<Box<Sleep>>>,
}

/// A body that came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

impl Paced {
    pub(super) fn new(inner: Incoming, longest: Duration) -> Self {
        Self {
            inner,
            began: Instant::now(),
            longest,
            bytes: 0,
            limit: None,
        }
    }

    /// Until when more has to come.
    fn deadline(&self) -> Instant {
        let earned = Duration::from_secs(1) * self.bytes / PACE;
        self.began + self.longest.min(GRACE + earned)
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            let data = frame
                .as_ref()
                .and_then(|frame| frame.as_ref().ok()?.data_ref());
            let more = data.map_or(0, |data| u32::try_from(data.len()).unwrap_or(u32::MAX));
            self.bytes = self.bytes.saturating_add(more);
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let deadline = self.deadline();
        let sleep = || Box::pin(tokio::time::sleep_until(deadline));
        let limit = self.limit.get_or_insert_with(sleep);
        if limit.deadline() != deadline {
            limit.as_mut().reset(deadline);
        }
        ready!(limit.as_mut().poll(cx));
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body that keeps `T` as long as it is sent, and says whose turn it is.
#[derive(Debug)]
pub(super) struct Tracked<T> {
    inner: axum::body::Body,
    taking: Taking,
    _kept: T,
}

impl<T> Tracked<T> {
    pub(super) fn new(inner: axum::body::Body, taking: Taking, kept: T) -> Self {
        Self {
            inner,
            taking,
            _kept: kept,
        }
    }
}

impl<T: Unpin> Body for Tracked<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // Whoever asks for more has taken what there was.
        self.taking.ours();
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if frame.is_some() {
            self.taking.theirs();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
