//! Bodies on their way in and out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::debt::worth;
use super::line::Taking;

/// How long a body may take before its pace counts.
const GRACE: Duration = Duration::from_secs(5);

/// A request's body that has to come in time. A handler holds memory, and perhaps a lock, while it
/// waits for one.
#[derive(Debug)]
pub(super) struct Paced {
    inner: Incoming,
    began: Instant,
    longest: Duration,
    bytes: usize,
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
        self.began + self.longest.min(GRACE + worth(self.bytes))
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
            self.bytes += data.map_or(0, Bytes::len);
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

/// An answer's body, which keeps `T` until the client has taken all of it, and says whose turn it is.
#[derive(Debug)]
pub(super) struct Tracked<T> {
    inner: axum::body::Body,
    under_way: Arc<UnderWay<T>>,
}

/// What lasts as long as an answer.
#[derive(Debug)]
struct UnderWay<T> {
    taking: Taking,
    _kept: T,
}

/// A part of an answer. Whoever writes it to the connection advances it, and drops it at its end.
#[derive(Debug)]
pub(super) struct Part<T> {
    bytes: Bytes,
    under_way: Arc<UnderWay<T>>,
}

impl<T> Tracked<T> {
    pub(super) fn new(inner: axum::body::Body, taking: Taking, kept: T) -> Self {
        let under_way = UnderWay {
            taking,
            _kept: kept,
        };
        Self {
            inner,
            under_way: Arc::new(under_way),
        }
    }
}

impl<T> Body for Tracked<T> {
    type Data = Part<T>;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Part<T>>, axum::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if !matches!(polled, Poll::Ready(Some(_))) {
            self.under_way.taking.ours();
        }
        polled.map_ok(|frame| frame.map_data(|bytes| self.part(bytes)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<T> Tracked<T> {
    fn part(&self, bytes: Bytes) -> Part<T> {
        self.under_way.taking.given(bytes.len());
        Part {
            bytes,
            under_way: Arc::clone(&self.under_way),
        }
    }
}

impl<T> Buf for Part<T> {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.under_way.taking.taken(count);
    }
}

impl<T> Drop for Part<T> {
    fn drop(&mut self) {
        let left = self.bytes.len();
        if left > 0 {
            self.under_way.taking.taken(left);
        }
    }
}
