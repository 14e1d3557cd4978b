//! What is written where: slots, and the files they make.
//!
//! A slot is one unit in one period (a month, a week, a day). Slots of one partition in one
//! snapshot become one data file.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::insurer::{self, UNITS, Unit};

/// One unit in one period, and the rows it gets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) unit: usize,
    pub(super) period: u32,
    pub(super) starts: NaiveDate,
    pub(super) rows: u64,
}

impl Slot {
    /// The unit's description.
    pub(super) fn unit(&self) -> &'static Unit {
        // INVARIANT: slots are made by enumerating `UNITS`.
        UNITS.get(self.unit).unwrap_or(&UNITS[0])
    }

    /// The key of its stream of chance in table `table`.
    pub(super) fn key(&self, table: u64) -> [u64; 3] {
        [
            table,
            u64::try_from(self.unit).unwrap_or(0),
            u64::from(self.period),
        ]
    }
}

/// How a table is partitioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partitioning {
    /// By business unit and month of the date column.
    UnitAndMonth,
    /// By business unit.
    Unit,
    /// By month of the date column.
    Month,
}

/// The partition of a file: what the table is partitioned by, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PartitionKey {
    pub(super) unit: Option<usize>,
    pub(super) month: Option<u32>,
}

impl PartitionKey {
    fn of(slot: &Slot, partitioning: Partitioning) -> Self {
        let month = insurer::month_of(slot.starts);
        match partitioning {
            Partitioning::UnitAndMonth => Self {
                unit: Some(slot.unit),
                month: Some(month),
            },
            Partitioning::Unit => Self {
                unit: Some(slot.unit),
                month: None,
            },
            Partitioning::Month => Self {
                unit: None,
                month: Some(month),
            },
        }
    }
}

/// One data file to be written.
#[derive(Debug, Clone)]
pub(super) struct FilePlan {
    pub(super) snapshot: usize,
    pub(super) key: PartitionKey,
    pub(super) slots: Vec<Slot>,
}

impl FilePlan {
    /// Rows of the file.
    pub(super) fn rows(&self) -> u64 {
        self.slots.iter().map(|slot| slot.rows).sum()
    }
}

/// Groups slots into files, in a fixed order. Slots without rows make none.
pub(super) fn files(slots: Vec<Slot>, partitioning: Partitioning) -> Vec<FilePlan> {
    let mut groups: BTreeMap<(usize, PartitionKey), Vec<Slot>> = BTreeMap::new();
    for slot in slots.into_iter().filter(|slot| slot.rows > 0) {
        let snapshot = insurer::snapshot_of(slot.starts);
        let key = PartitionKey::of(&slot, partitioning);
        groups.entry((snapshot, key)).or_default().push(slot);
    }
    groups
        .into_iter()
        .map(|((snapshot, key), slots)| FilePlan {
            snapshot,
            key,
            slots,
        })
        .collect()
}
