//! A segment: the local file in which a process keeps what it acknowledged until the database
//! has it. This module is its format, pure, so that it can be followed with other tools.
//!
//! A segment is lines of JSON. The first one says whose it is, each of the others is one
//! submission, whole, with its events in order:
//!
//! ```json
//! {"hash":"…","line":0,"segment":{"version":1,"log":"…","stream":"…"}}
//! {"hash":"…","line":1,"events":[{"at":"2026-11-02T09:00:00.000Z","request":"r-1","fact":{…}}]}
//! ```
//!
//! `hash = SHA-256(0x02 || hash of the line before || length of the rest, u64 big-endian || rest)`,
//! where the rest is everything after `"hash":"…",` up to the end of the line, and 32 zero bytes
//! come before the first line. A line is written by one call and acknowledged after it returned.
//! So what follows the last line feed was never acknowledged: a process was killed, or the disk
//! was full, in the middle of it. It is dropped. Any other difference is a fault and named.
//!
//! What this cannot find: whole lines cut off the end of a segment before they were moved, or a
//! segment somebody wrote anew. The time for that is short: lines are moved into the database's
//! chain, which signed checkpoints cover, within a second.

pub(super) mod folder;
pub(super) mod read;
pub(super) mod sync;
pub(super) mod write;

use std::fmt;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::event::AuditEvent;
use crate::Digest;

const VERSION: u32 = 1;

const BEFORE_HASH: &[u8] = br#"{"hash":""#;
const AFTER_HASH: &[u8] = br#"","#;
const HEX: usize = 64;

/// Which log a segment belongs to: a random number the database made up once. A segment of
/// another database that lies in the same folder is left alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct LogId(u128);

/// Which segment: the random number of the process that wrote it, and how many came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    writer: u128,
    part: u32,
}

/// A text that is no id.
#[derive(Debug)]
pub(super) struct NoId;

/// The last line of a segment so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tip {
    /// How many submissions it holds; the first line is number 0.
    pub(super) line: u64,
    pub(super) hash: Digest,
}

/// A line that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BrokenLine;

/// Whose a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) log: LogId,
    pub(super) stream: StreamId,
}

#[derive(Deserialize)]
struct FirstLine<'a> {
    line: u64,
    #[serde(borrow)]
    segment: Named<'a>,
}

#[derive(Deserialize)]
struct Named<'a> {
    version: u32,
    log: &'a str,
    stream: &'a str,
}

#[derive(Deserialize)]
struct Submission {
    line: u64,
    events: Vec<AuditEvent>,
}

/// Writes the first line of a segment into `into`.
pub(super) fn write_first(log: LogId, stream: StreamId, into: &mut Vec<u8>) -> Tip {
    let rest = format!(
        r#""line":0,"segment":{{"version":{VERSION},"log":"{log}","stream":"{stream}"}}}}"#
    );
    let hash = write_line(&Digest::zero(), &[rest.as_bytes()], into);
    Tip { line: 0, hash }
}

/// Writes the line that follows `tip` into `into`; `events` is their JSON array.
pub(super) fn write_next(tip: &Tip, events: &[u8], into: &mut Vec<u8>) -> Tip {
    let line = tip.line + 1;
    let start = format!(r#""line":{line},"events":"#);
    let hash = write_line(&tip.hash, &[start.as_bytes(), events, b"}"], into);
    Tip { line, hash }
}

fn write_line(previous: &Digest, rest: &[&[u8]], into: &mut Vec<u8>) -> Digest {
    let hash = digest(previous, rest);
    into.extend_from_slice(BEFORE_HASH);
    into.extend_from_slice(&hash.hex());
    into.extend_from_slice(AFTER_HASH);
    for part in rest {
        into.extend_from_slice(part);
    }
    into.push(b'\n');
    hash
}

/// Reads a first line, without its line feed.
pub(super) fn read_first(line: &[u8]) -> Result<(Tip, Owner), BrokenLine> {
    let (hash, json) = unseal(&Digest::zero(), line)?;
    let FirstLine { line, segment } = serde_json::from_slice(json).map_err(|_| BrokenLine)?;
    if line != 0 || segment.version != VERSION {
        return Err(BrokenLine);
    }
    let owner = Owner {
        log: LogId::parse(segment.log).map_err(|NoId| BrokenLine)?,
        stream: StreamId::parse(segment.stream).map_err(|NoId| BrokenLine)?,
    };
    Ok((Tip { line, hash }, owner))
}

/// Checks the line that follows `tip`, without its line feed and without reading its events.
pub(super) fn skip_next(tip: &Tip, line: &[u8]) -> Result<Tip, BrokenLine> {
    let (hash, _) = unseal(&tip.hash, line)?;
    Ok(Tip {
        line: tip.line + 1,
        hash,
    })
}

/// Reads the line that follows `tip`, without its line feed.
pub(super) fn read_next(tip: &Tip, line: &[u8]) -> Result<(Tip, Vec<AuditEvent>), BrokenLine> {
    let next = skip_next(tip, line)?;
    let submission: Submission = serde_json::from_slice(line).map_err(|_| BrokenLine)?;
    if submission.line != next.line || submission.events.is_empty() {
        return Err(BrokenLine);
    }
    Ok((next, submission.events))
}

/// The line's hash, if it is the right one, and the line as JSON.
fn unseal<'a>(previous: &Digest, line: &'a [u8]) -> Result<(Digest, &'a [u8]), BrokenLine> {
    let sealed = line.strip_prefix(BEFORE_HASH).ok_or(BrokenLine)?;
    let (written, rest) = sealed.split_at_checked(HEX).ok_or(BrokenLine)?;
    let rest = rest.strip_prefix(AFTER_HASH).ok_or(BrokenLine)?;
    let hash = digest(previous, &[rest]);
    if hash.hex().as_slice() != written {
        return Err(BrokenLine);
    }
    Ok((hash, line))
}

fn digest(previous: &Digest, rest: &[&[u8]]) -> Digest {
    let length: usize = rest.iter().map(|part| part.len()).sum();
    // usize is at most 64 bits on every target Rust has.
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    let mut hasher = Sha256::new();
    hasher.update([0x02]);
    hasher.update(previous.as_bytes());
    hasher.update(length.to_be_bytes());
    for part in rest {
        hasher.update(part);
    }
    Digest::from(<[u8; 32]>::from(hasher.finalize()))
}

impl LogId {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }

    pub(super) fn parse(hex: &str) -> Result<Self, NoId> {
        parse_hex(hex).map(Self)
    }
}

impl StreamId {
    /// The first segment of a process.
    pub(super) fn random() -> Self {
        Self {
            writer: rand::random(),
            part: 1,
        }
    }

    /// The next segment of the same process.
    pub(super) fn next(self) -> Self {
        Self {
            part: self.part.saturating_add(1),
            ..self
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, NoId> {
        let (writer, part) = text.split_once('-').ok_or(NoId)?;
        let id = Self {
            writer: parse_hex(writer)?,
            part: part.parse().map_err(|_| NoId)?,
        };
        // One way to write it: it is a file name and a key.
        if id.to_string() == text {
            Ok(id)
        } else {
            Err(NoId)
        }
    }
}

fn parse_hex(hex: &str) -> Result<u128, NoId> {
    let digits = hex.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    if hex.len() != 32 || !digits {
        return Err(NoId);
    }
    u128::from_str_radix(hex, 16).map_err(|_| NoId)
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}-{}", self.writer, self.part)
    }
}

#[cfg(test)]
mod tests;
