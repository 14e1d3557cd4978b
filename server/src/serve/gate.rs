//! The bytes of a connection on their way to the parser. Of HTTP/1 every head is read as a whole and
//! judged first; what is behind it is counted, so that the next head is found. HTTP/2 is passed on:
//! its parser forgives nothing.
//!
//! A head that is refused never reaches the parser. A plain one takes its place, the connection's
//! [`Line`] knows its number, and whoever answers it answers the refusal.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::Patience;
use super::line::Line;
use crate::front::head::{self, Head, Rest};
use crate::problem::Slug;

/// What stands in the place of a head that is refused.
const IN_ITS_PLACE: &[u8] = b"GET / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n";

/// A body in chunks is the last on its connection: then nobody has to find its end twice.
const LAST: &[u8] = b"connection: close\r\n\r\n";

/// How much is read at once.
const PART: usize = 4 << 10;

/// A connection whose heads are judged.
#[derive(Debug)]
pub(super) struct Gate {
    stream: TcpStream,
    line: Arc<Line>,
    next: Next,
    /// Read, not judged.
    arrived: BytesMut,
    /// Judged, not handed on.
    passed: BytesMut,
    heads: u64,
    patience: Patience,
    /// Until when a head has to be whole.
    head_by: Option<Pin<Box<Sleep>>>,
    /// Until when the client has to take something.
    taken_by: Option<Pin<Box<Sleep>>>,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Head,
    /// A body with so many bytes to come.
    Body(u64),
    /// Something whose end the parser finds.
    Open,
    /// Nothing that anybody wants.
    Refused,
}

impl Gate {
    /// Judges what comes over `stream`.
    pub(super) fn new(stream: TcpStream, line: Arc<Line>, patience: Patience) -> Self {
        let mut gate = Self {
            stream,
            line,
            next: Next::Head,
            arrived: BytesMut::new(),
            passed: BytesMut::new(),
            heads: 0,
            patience,
            head_by: None,
            taken_by: None,
        };
        // Whoever connects has something to say.
        gate.expect_head();
        gate
    }

    fn expect_head(&mut self) {
        let sleep = || Box::pin(tokio::time::sleep(self.patience.head));
        self.head_by.get_or_insert_with(sleep);
    }

    /// Judges what has arrived, as far as that is possible.
    fn judge(&mut self) {
        match head::read(&self.arrived, self.heads == 0) {
            Ok(None) => {}
            Ok(Some(head)) => self.pass(head),
            Err(slug) => self.refuse(slug),
        }
    }

    fn pass(&mut self, head: Head) {
        self.heads += 1;
        self.head_by = None;
        self.passed = self.arrived.split_to(head.length);
        self.next = match head.rest {
            Rest::Body(length) => Next::Body(length),
            Rest::Frames => Next::Open,
            Rest::Chunks => {
                let end = b"\r\n".len();
                self.passed.truncate(head.length.saturating_sub(end));
                self.passed.extend_from_slice(LAST);
                Next::Open
            }
        };
    }

    /// The body is over. What has arrived already belongs to the next head.
    fn between(&mut self) {
        self.next = Next::Head;
        if !self.arrived.is_empty() {
            self.expect_head();
            self.judge();
        }
    }

    fn body(&mut self, left: u64) {
        let length = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(self.arrived.len());
        self.passed = self.arrived.split_to(length);
        self.next = Next::Body(left.saturating_sub(length as u64));
    }

    fn refuse(&mut self, slug: Slug) {
        self.line.refuse(self.heads, slug);
        self.head_by = None;
        self.arrived.clear();
        self.passed = BytesMut::from(IN_ITS_PLACE);
        self.next = Next::Refused;
    }

    /// Reads more; how much, and 0 at the end.
    fn more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self
            .head_by
            .as_ref()
            .is_some_and(|by| by.deadline() <= Instant::now())
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let mut part = [0; PART];
        let mut part = ReadBuf::new(&mut part);
        match Pin::new(&mut self.stream).poll_read(cx, &mut part) {
            Poll::Ready(Ok(())) => {
                self.arrived.extend_from_slice(part.filled());
                Poll::Ready(Ok(part.filled().len()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let Some(by) = self.head_by.as_mut() else {
                    return Poll::Pending;
                };
                ready!(by.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    /// What becomes of a write: a client that takes nothing is left.
    fn written<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.taken_by = None;
            return written;
        }
        let sleep = || Box::pin(tokio::time::sleep(self.patience.read));
        let by = self.taken_by.get_or_insert_with(sleep);
        ready!(by.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Gate {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let gate = &mut *self;
        loop {
            if !gate.passed.is_empty() {
                let length = gate.passed.len().min(out.remaining());
                out.put_slice(&gate.passed.split_to(length));
                return Poll::Ready(Ok(()));
            }
            match gate.next {
                Next::Body(0) => gate.between(),
                Next::Open if gate.arrived.is_empty() => {
                    return Pin::new(&mut gate.stream).poll_read(cx, out);
                }
                Next::Open => gate.passed = std::mem::take(&mut gate.arrived),
                Next::Body(left) if !gate.arrived.is_empty() => gate.body(left),
                Next::Head | Next::Body(_) => {
                    if ready!(gate.more(cx))? == 0 {
                        return Poll::Ready(Ok(()));
                    }
                    if gate.next == Next::Head {
                        gate.expect_head();
                        gate.judge();
                    }
                }
                Next::Refused => {
                    // An end here would take the refusal back: it is written first.
                    if ready!(gate.more(cx))? == 0 {
                        return Poll::Pending;
                    }
                    gate.arrived.clear();
                }
            }
        }
    }
}

impl AsyncWrite for Gate {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.written(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
