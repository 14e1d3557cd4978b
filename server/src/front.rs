//! What no request may be, whoever sends it: judged before any route, guard or handler sees it.
//!
//! Three looks, from outside in. [`head`] reads the bytes of an HTTP/1 head, because a parser that
//! forgives leaves no trace of what it forgave. [`hosts`] knows the names that Weir answers to.
//! [`shape`] looks at the request as it was parsed, of either version.
//!
//! A flaw does not end in a bare status: it travels as [`Refused`] to the layer that says it as a
//! problem, with a request id, like every other refusal.

pub(crate) mod head;
mod hosts;
mod peer;
pub(crate) mod shape;

pub use self::hosts::Hosts;
pub use self::peer::Peer;
use crate::problem::Slug;

/// What was wrong with a request, as an extension of whatever is answered in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused(pub(crate) Slug);
