//! Checkpoints along a walk of the chain.

use std::collections::BTreeMap;

use super::chain::{ChainStatus, Fault, Head};
use super::checkpoint::{Checkpoint, CheckpointKey};

/// What somebody outside the database knows about the log.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// The public keys whose checkpoints count. With none, checkpoints are compared with the
    /// records, but not known to be real.
    pub keys: Vec<CheckpointKey>,
    /// Checkpoints kept elsewhere, besides those in the database.
    pub checkpoints: Vec<Checkpoint>,
}

/// What a walk along the log found, and how far it is vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// Whether every record is as it was written.
    pub status: ChainStatus,
    /// How many signed checkpoints fit their records.
    pub checkpoints: u64,
    /// The last record such a checkpoint vouches for. What comes after it could be written anew
    /// by somebody who may write to the database.
    pub sealed: u64,
}

/// The checkpoints that lie ahead of a walk.
#[derive(Debug)]
pub(super) struct Seals<'a> {
    ahead: BTreeMap<u64, Vec<Checkpoint>>,
    keys: &'a [CheckpointKey],
    /// The last record a checkpoint fitted, signed or not.
    fitted: u64,
    signed: u64,
    sealed: u64,
}

impl<'a> Seals<'a> {
    pub(super) fn new(stored: Vec<Checkpoint>, witness: &'a Witness) -> Self {
        let mut ahead: BTreeMap<u64, Vec<Checkpoint>> = BTreeMap::new();
        for checkpoint in stored.into_iter().chain(witness.checkpoints.clone()) {
            let there = ahead.entry(checkpoint.seq()).or_default();
            if !there.contains(&checkpoint) {
                there.push(checkpoint);
            }
        }
        Self {
            ahead,
            keys: &witness.keys,
            fitted: 0,
            signed: 0,
            sealed: 0,
        }
    }

    /// Compares the checkpoints of the record the walk is at.
    pub(super) fn pass(&mut self, head: &Head) -> Result<(), Fault> {
        while let Some(entry) = self.ahead.first_entry() {
            if *entry.key() > head.records {
                return Ok(());
            }
            for checkpoint in entry.remove() {
                self.compare(&checkpoint, head)?;
            }
        }
        Ok(())
    }

    fn compare(&mut self, checkpoint: &Checkpoint, head: &Head) -> Result<(), Fault> {
        let seq = checkpoint.seq();
        let signed = checkpoint.is_signed_by(self.keys);
        // A number below 1 is nobody's record.
        if seq != head.records || (!signed && !self.keys.is_empty()) {
            return Err(Fault::Unsigned { seq });
        }
        if checkpoint.hash() != head.hash {
            return Err(Fault::Rewritten {
                from: self.fitted + 1,
                to: seq,
            });
        }
        self.fitted = seq;
        if signed {
            self.signed += 1;
            self.sealed = seq;
        }
        Ok(())
    }

    /// The records end at `head`. A checkpoint further on was signed for records that are gone.
    pub(super) fn finish(&self, head: &Head) -> Verification {
        let known =
            |checkpoint: &&Checkpoint| self.keys.is_empty() || checkpoint.is_signed_by(self.keys);
        let mut gone = self.ahead.values().flatten();
        let unsigned = gone.clone().find(|checkpoint| !known(checkpoint));
        if let Some(checkpoint) = gone.rfind(known) {
            return self.broken(Fault::Truncated {
                seq: head.records + 1,
                records: checkpoint.seq(),
            });
        }
        if let Some(checkpoint) = unsigned {
            return self.broken(Fault::Unsigned {
                seq: checkpoint.seq(),
            });
        }
        self.result(ChainStatus::Intact {
            records: head.records,
            head: head.hash,
        })
    }

    pub(super) fn broken(&self, fault: Fault) -> Verification {
        self.result(ChainStatus::Broken(fault))
    }

    fn result(&self, status: ChainStatus) -> Verification {
        Verification {
            status,
            checkpoints: self.signed,
            sealed: self.sealed,
        }
    }
}
