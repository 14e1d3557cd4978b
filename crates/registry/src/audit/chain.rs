//! The chain: how a record is written down, how records hold on to each other, and what a walk
//! along them finds. Pure, so that an auditor can follow it, and rebuild it with other tools.
//!
//! An entry is one line of JSON without spaces, its keys in this order:
//!
//! ```json
//! {"seq":1,"at":"2026-11-02T09:00:00.000Z","request":"r-1","fact":{"kind":"denial","realm":"embed",…}}
//! ```
//!
//! The keys of `fact` follow the fields of the types in `event.rs`, `kind` first; absent values
//! are `null`, but `view_as` is left out unless somebody looked through another's eyes; digests are
//! lower-case hexadecimal. The bytes are made once, stored, and hashed as stored: verification
//! never writes an entry again, so a later version may add fields.
//!
//! `hash = SHA-256(0x01 || previous hash || length of the entry in bytes, u64 big-endian || entry)`;
//! before the first record the previous hash is 32 zero bytes.
//!
//! What the chain alone cannot find: somebody who may write to the database can drop the triggers,
//! rewrite every hash from some record on (or cut the tail) *and* rewrite the head row to match.
//! That is what checkpoints are for, signed and copied out of the database: see `checkpoint.rs`.
//! Without a copy kept elsewhere, whoever rewrites the records can delete the checkpoints behind
//! them too. A database restored from an older backup is a cut tail of that kind.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::event::AuditEvent;
use super::segment::StreamId;
use crate::Digest;
use crate::time::canonical;

/// What comes before the first record.
pub(super) const GENESIS: Digest = Digest::zero();

/// What a walk along the whole log found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainStatus {
    /// Every record is as it was written, and the last one is where the head says.
    Intact {
        /// How many there are.
        records: u64,
        /// The hash of the last one. Keep it elsewhere and compare it later.
        head: Digest,
    },
    /// The first thing that is not as it was written.
    Broken(Fault),
}

/// How a log differs from what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This record's content, or its hash, was changed.
    Edited {
        /// Where.
        seq: u64,
    },
    /// Records are gone from the middle, this one first.
    Deleted {
        /// The first that is gone.
        seq: u64,
    },
    /// Another record stands in this place: swapped, moved or copied here.
    Moved {
        /// Where.
        seq: u64,
        /// The number of the record found there.
        found: u64,
    },
    /// The tail is gone.
    Truncated {
        /// The first record that is gone.
        seq: u64,
        /// How many there should be.
        records: u64,
    },
    /// There are more records than were ever acknowledged.
    Added {
        /// The first that was added.
        seq: u64,
    },
    /// The records hold together, but the head row is missing or names another last record.
    HeadChanged,
    /// The records hold together, but an index over them does not: a search may leave some out.
    Index,
    /// The records hold together, but not with a checkpoint: they were written anew, from one of
    /// these on.
    Rewritten {
        /// The first record that no checkpoint vouches for.
        from: u64,
        /// The record the checkpoint is about.
        to: u64,
    },
    /// A checkpoint that no known key signed.
    Unsigned {
        /// The record it is about.
        seq: u64,
    },
    /// A local segment that is not as it was written.
    Segment {
        /// Which one: its file has this name.
        stream: StreamId,
        /// The first line that is not; the first of a segment is 0.
        line: u64,
    },
}

/// The head row: how far the log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) records: u64,
    pub(crate) hash: Digest,
}

impl Head {
    pub(super) const EMPTY: Self = Self {
        records: 0,
        hash: GENESIS,
    };
}

/// A record as it is stored. The columns between number and entry repeat what the entry says, so
/// that records can be searched; they are made from it and compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) at_ms: i64,
    pub(super) kind: String,
    pub(super) subject: Option<String>,
    pub(super) dashboard: Option<String>,
    pub(super) revision: Option<i64>,
    pub(super) entry: String,
    pub(super) hash: Digest,
}

#[derive(Serialize)]
struct Entry<'a> {
    seq: u64,
    #[serde(flatten)]
    event: &'a AuditEvent,
}

/// The parts of an entry that columns repeat. Kinds this version does not know are fine here.
#[derive(Deserialize)]
struct Stamp {
    seq: u64,
    #[serde(with = "canonical")]
    at: chrono::DateTime<chrono::Utc>,
    fact: StampKind,
}

/// Kinds name whom they are about `subject`, or `by` where somebody acts on something else, and
/// the policy revision `policy_revision`, or `revision` where it is made and not applied.
#[derive(Deserialize)]
struct StampKind {
    kind: String,
    #[serde(default, alias = "by")]
    subject: Option<String>,
    #[serde(default)]
    dashboard: Option<String>,
    #[serde(default, alias = "revision")]
    policy_revision: Option<i64>,
}

impl Link {
    /// Writes the record that follows `head`.
    pub(super) fn after(head: &Head, event: &AuditEvent) -> Result<Self, serde_json::Error> {
        let seq = head.records + 1;
        let entry = serde_json::to_string(&Entry { seq, event })?;
        let stamp: Stamp = serde_json::from_str(&entry)?;
        Ok(Self {
            seq,
            at_ms: stamp.at.timestamp_millis(),
            kind: stamp.fact.kind,
            subject: stamp.fact.subject,
            dashboard: stamp.fact.dashboard,
            revision: stamp.fact.policy_revision,
            hash: digest(&head.hash, &entry),
            entry,
        })
    }

    /// The head once this record is the last.
    pub(super) fn as_head(&self) -> Head {
        Head {
            records: self.seq,
            hash: self.hash,
        }
    }

    fn says_the_same_as_its_entry(&self, stamp: &Stamp) -> bool {
        stamp.seq == self.seq
            && stamp.at.timestamp_millis() == self.at_ms
            && stamp.fact.kind == self.kind
            && stamp.fact.subject == self.subject
            && stamp.fact.dashboard == self.dashboard
            && stamp.fact.policy_revision == self.revision
    }
}

/// Follows the chain, record by record, in the order of their numbers.
#[derive(Debug)]
pub(super) struct Walk {
    head: Head,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self { head: Head::EMPTY }
    }

    /// Takes the next record, or says what is wrong with it.
    pub(super) fn step(&mut self, link: &Link) -> Result<(), Fault> {
        let seq = self.head.records + 1;
        if link.seq > seq {
            return Err(Fault::Deleted { seq });
        }
        let stamp: Stamp = serde_json::from_str(&link.entry).map_err(|_| Fault::Edited { seq })?;
        let fits = link.seq == seq && digest(&self.head.hash, &link.entry) == link.hash;
        if fits && link.says_the_same_as_its_entry(&stamp) {
            self.head = link.as_head();
            return Ok(());
        }
        if stamp.seq == seq {
            Err(Fault::Edited { seq })
        } else {
            Err(Fault::Moved {
                seq,
                found: stamp.seq,
            })
        }
    }

    /// Compares where the records end with where the head row says they do.
    pub(super) fn finish(&self, head: Option<Head>) -> ChainStatus {
        let fault = match head {
            Some(head) if head == self.head => {
                return ChainStatus::Intact {
                    records: head.records,
                    head: head.hash,
                };
            }
            Some(head) if head.records > self.head.records => Fault::Truncated {
                seq: self.head.records + 1,
                records: head.records,
            },
            Some(head) if head.records < self.head.records => Fault::Added {
                seq: head.records + 1,
            },
            _ => Fault::HeadChanged,
        };
        ChainStatus::Broken(fault)
    }

    /// The last record so far.
    pub(super) fn head(&self) -> Head {
        self.head
    }

    /// The record that could not even be read as one.
    pub(super) fn unreadable(&self) -> Fault {
        Fault::Edited {
            seq: self.head.records + 1,
        }
    }
}

fn digest(previous: &Digest, entry: &str) -> Digest {
    // usize is at most 64 bits on every target Rust has.
    let length = u64::try_from(entry.len()).unwrap_or(u64::MAX);
    let mut hasher = Sha256::new();
    hasher.update([0x01]);
    hasher.update(previous.as_bytes());
    hasher.update(length.to_be_bytes());
    hasher.update(entry.as_bytes());
    Digest::from(<[u8; 32]>::from(hasher.finalize()))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { seq } => write!(f, "record {seq} was edited"),
            Self::Deleted { seq } => write!(f, "record {seq} was deleted"),
            Self::Moved { seq, found } => {
                write!(f, "record {found} stands in the place of record {seq}")
            }
            Self::Truncated { seq, records } => {
                write!(f, "records {seq} to {records} were cut off")
            }
            Self::Added { seq } => write!(f, "record {seq} was added past the head"),
            Self::Rewritten { from, to } => write!(
                f,
                "the log was written anew at some record from {from} to {to}: \
                 it is not the one the checkpoint at record {to} was signed for"
            ),
            Self::Unsigned { seq } => {
                write!(f, "no known key signed the checkpoint at record {seq}")
            }
            Self::Segment { stream, line } => {
                write!(
                    f,
                    "line {line} of segment `{stream}` is not as it was written"
                )
            }
            Self::HeadChanged => f.write_str("the head row does not name the last record"),
            Self::Index => f.write_str(
                "the records are as they were written, but an index over them is damaged, and \
                 searches may leave some out: `REINDEX` makes it anew",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
