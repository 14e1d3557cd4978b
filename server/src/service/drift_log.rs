//! Where tables are not what their datasets declare: since when, and on record when it begins and
//! when it ends. A column that was added and that nobody declared is a note, and on no record.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use weir_engine::{Drift, DriftKind};
use weir_policy::DatasetName;
use weir_registry::{
    AuditError, AuditEvent, AuditLog, DriftStep, DriftStepKind, Fact, Label, LabelError, RequestId,
};

/// As which request the records are.
const REQUEST: &str = "lake-watch";

/// What is known of drift. Cheap to clone; all clones change together.
#[derive(Debug, Clone, Default)]
pub struct DriftLog(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    drift: Vec<Drifted>,
    /// Not on record yet.
    untold: Vec<AuditEvent>,
}

/// A difference between a table and its dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    /// What differs.
    pub drift: Drift,
    /// Since when it is known.
    pub since: DateTime<Utc>,
}

impl Drifted {
    /// Whether questions can't be answered because of it.
    #[must_use]
    pub fn withholds(&self) -> bool {
        self.drift.unreadable().is_some()
    }
}

impl DriftLog {
    /// All that is known now, what withholds something first.
    #[must_use]
    pub fn known(&self) -> Vec<Drifted> {
        let mut known = self.lock().drift.clone();
        known.sort_by_key(|one| !one.withholds());
        known
    }

    /// Takes what was found by looking at the tables, as far as they could be read. What changed is
    /// logged, and waits to be put on record.
    pub fn take(
        &self,
        found: Vec<Drift>,
        was_read: impl Fn(&DatasetName) -> bool,
        now: DateTime<Utc>,
    ) {
        let mut known = self.lock();
        let before = std::mem::take(&mut known.drift);
        let (before, unread): (Vec<_>, Vec<_>) = before
            .into_iter()
            .partition(|one| was_read(&one.drift.dataset));
        known.drift = unread;
        let ended = before.iter().filter(|one| !found.contains(&one.drift));
        for one in ended.filter(|one| one.withholds()) {
            let drift = one.drift.to_string();
            tracing::info!(drift, "a table is again what its dataset declares");
            known
                .untold
                .extend(event(&one.drift, DriftStepKind::End, now));
        }
        for drift in found {
            let since = before.iter().find(|one| one.drift == drift);
            if since.is_none() && drift.kind != DriftKind::Added {
                let drift = drift.to_string();
                tracing::warn!(drift, "a table is not what its dataset declares");
            }
            if since.is_none() && drift.unreadable().is_some() {
                known
                    .untold
                    .extend(event(&drift, DriftStepKind::Begin, now));
            }
            let since = since.map_or(now, |one| one.since);
            known.drift.push(Drifted { drift, since });
        }
    }

    /// Puts on record what is not. What is refused waits for the next time.
    ///
    /// # Errors
    /// [`AuditError`]: the log takes no records.
    pub async fn put_on_record(&self, audit: &AuditLog) -> Result<(), AuditError> {
        let untold = std::mem::take(&mut self.lock().untold);
        if untold.is_empty() {
            return Ok(());
        }
        let recorded = audit.record(untold.clone()).await;
        if recorded.is_err() {
            let mut known = self.lock();
            let later = std::mem::replace(&mut known.untold, untold);
            known.untold.extend(later);
        }
        recorded.map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name of a table that may not stand in the log is told by its dataset alone; none has one.
fn event(drift: &Drift, step: DriftStepKind, now: DateTime<Utc>) -> Option<AuditEvent> {
    let told = || -> Result<AuditEvent, LabelError> {
        let fact = Fact::Drift(DriftStep {
            step,
            dataset: Label::parse(drift.dataset.as_str())?,
            column: Label::parse(drift.column.as_str())?,
        });
        Ok(AuditEvent::new(now, RequestId::parse(REQUEST)?, fact))
    };
    told().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(column: &str) -> Drift {
        let nearest = String::new();
        of(column, DriftKind::Missing { nearest })
    }

    fn of(column: &str, kind: DriftKind) -> Drift {
        Drift {
            dataset: DatasetName::parse("gold.notes").unwrap(),
            column: column.to_owned(),
            kind,
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn steps(log: &DriftLog) -> Vec<(DriftStepKind, String)> {
        let untold = log.lock().untold.clone();
        let step = |event: &AuditEvent| match event.fact() {
            Fact::Drift(step) => (step.step, step.column.as_str().to_owned()),
            other => panic!("{other:?}"),
        };
        untold.iter().map(step).collect()
    }

    #[test]
    fn what_is_found_again_is_told_once_and_keeps_its_time() {
        let log = DriftLog::default();

        log.take(vec![lost("place")], |_| true, at(1));
        log.take(vec![lost("place"), lost("day")], |_| true, at(2));

        let since: Vec<_> = log.known().into_iter().map(|one| one.since).collect();
        assert_eq!(since, [at(1), at(2)]);
        let begun = |column: &str| (DriftStepKind::Begin, column.to_owned());
        assert_eq!(steps(&log), [begun("place"), begun("day")]);
    }

    #[test]
    fn what_is_well_again_is_told_and_forgotten() {
        let log = DriftLog::default();

        log.take(vec![lost("place")], |_| true, at(1));
        log.take(Vec::new(), |_| true, at(2));

        assert_eq!(log.known(), []);
        assert_eq!(steps(&log)[1], (DriftStepKind::End, "place".to_owned()));
    }

    #[test]
    fn a_table_that_could_not_be_read_is_not_said_to_be_well() {
        let log = DriftLog::default();

        log.take(vec![lost("place")], |_| true, at(1));
        log.take(Vec::new(), |_| false, at(2));

        assert_eq!(log.known().len(), 1);
        assert_eq!(steps(&log).len(), 1, "it began and did not end");
    }

    #[test]
    fn an_added_column_is_a_note_behind_what_withholds() {
        let log = DriftLog::default();

        log.take(
            vec![of("more", DriftKind::Added), lost("place")],
            |_| true,
            at(1),
        );

        let known = log.known();
        let columns: Vec<_> = known.iter().map(|one| one.drift.column.as_str()).collect();
        assert_eq!(columns, ["place", "more"]);
        assert_eq!(steps(&log).len(), 1, "a note is on no record");
    }
}
