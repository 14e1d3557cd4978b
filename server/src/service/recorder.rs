//! No audit, no read (invariant 10): what a page view is about to show is on record first.

use weir_engine::Export;
use weir_policy::Revision;
use weir_registry::{
    AuditError, AuditEvent, AuditLog, DataRead, Denial, Digest, ExportFormat, Fact, Label,
    LabelError, ReadOutcome, RequestId, Source,
};

use super::plan::{Planned, Withheld};
use super::query_cache::{Fetched, Origin};
use crate::clock::Clock;
use crate::reader::Reader;

/// Why nothing may be shown.
#[derive(Debug, thiserror::Error)]
pub enum NotRecorded {
    /// The log did not take the records.
    #[error("the audit log did not take the records")]
    Log(#[from] AuditError),
    /// A name that may not stand in the log.
    #[error("a name can't be recorded")]
    Name(#[from] LabelError),
}

/// Writes records about what one request shows.
#[derive(Debug, Clone)]
pub struct Recorder {
    log: AuditLog,
    clock: Clock,
}

/// The request that records are about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its id.
    pub request: &'a RequestId,
    /// Who asks.
    pub reader: &'a Reader,
    /// Which dashboard.
    pub dashboard: &'a str,
    /// Under which policies.
    pub revision: Revision,
}

/// What happened to one tile (or one list of filter values).
#[derive(Debug)]
pub struct Shown<'a> {
    /// The tile's id, or `filter:{id}`.
    pub tile: &'a str,
    /// What is shown of it.
    pub outcome: Outcome<'a>,
}

/// What is shown of a tile.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// Rows.
    Answered(&'a Planned, &'a Fetched, bool),
    /// An error.
    Failed(&'a Planned),
    /// That a budget is spent.
    Refused(&'a Planned),
    /// That it is withheld.
    Withheld(&'a Withheld),
}

/// What becomes of a wish to take rows along.
#[derive(Debug)]
pub enum Taken<'a> {
    /// These rows leave.
    Rows(&'a Export),
    /// A budget is spent.
    Refused,
    /// They could not be computed.
    Failed,
}

impl Recorder {
    /// A recorder on the registry's log.
    #[must_use]
    pub fn new(log: AuditLog, clock: Clock) -> Self {
        Self { log, clock }
    }

    /// Records everything in `shown`, in one group commit. Nothing may be shown before it is `Ok`.
    ///
    /// # Errors
    /// [`NotRecorded`]; the caller then shows nothing.
    pub async fn record(&self, about: About<'_>, shown: Vec<Shown<'_>>) -> Result<(), NotRecorded> {
        if shown.is_empty() {
            return Ok(());
        }
        let told = Told::of(&about)?;
        let facts: Vec<_> = shown
            .iter()
            .map(|shown| fact(&told, shown))
            .collect::<Result<_, _>>()?;
        self.facts(about.request, facts).await
    }

    /// Records that a tile's rows are taken along, or why not. Nothing may leave before it is `Ok`.
    ///
    /// # Errors
    /// [`NotRecorded`]; the caller then hands out nothing.
    pub async fn taken_along(
        &self,
        about: About<'_>,
        tile: &str,
        planned: &Planned,
        format: ExportFormat,
        taken: Taken<'_>,
    ) -> Result<(), NotRecorded> {
        let (outcome, rows, bytes) = match taken {
            Taken::Rows(rows) => (
                if rows.is_truncated() {
                    ReadOutcome::Truncated
                } else {
                    ReadOutcome::Answered
                },
                rows.rows() as u64,
                rows.execution().scanned_bytes,
            ),
            Taken::Refused => (ReadOutcome::Refused, 0, 0),
            Taken::Failed => (ReadOutcome::Failed, 0, 0),
        };
        let told = Told::of(&about)?;
        let read = data_read(&told, tile, planned, Source::Engine, outcome)?;
        let read = Fact::DataRead(DataRead {
            rows,
            bytes,
            export: Some(format),
            ..read
        });
        self.facts(about.request, vec![read]).await
    }

    /// Records facts of another kind: mints, launches, sign-ins, denials.
    ///
    /// # Errors
    /// [`NotRecorded`]; the caller then does nothing.
    pub async fn facts(&self, request: &RequestId, facts: Vec<Fact>) -> Result<(), NotRecorded> {
        if facts.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let event = |fact| AuditEvent::new(now, request.clone(), fact);
        self.log
            .record(facts.into_iter().map(event).collect())
            .await?;
        Ok(())
    }
}

/// What all records of one request say alike.
struct Told<'a> {
    reader: &'a Reader,
    subject: Digest,
    dashboard: Label,
    revision: Revision,
}

impl<'a> Told<'a> {
    fn of(about: &About<'a>) -> Result<Self, LabelError> {
        Ok(Self {
            reader: about.reader,
            subject: subject(about.reader),
            dashboard: Label::parse(about.dashboard)?,
            revision: about.revision,
        })
    }
}

fn fact(about: &Told<'_>, shown: &Shown<'_>) -> Result<Fact, LabelError> {
    match &shown.outcome {
        Outcome::Answered(planned, fetched, stale) => {
            let source = match (stale, fetched.origin) {
                (true, _) => Source::Stale,
                (false, Origin::Cache) => Source::Cache,
                (false, Origin::Engine) => Source::Engine,
                (false, Origin::Coalesced) => Source::Coalesced,
            };
            let rows = &fetched.entry.rows;
            let bytes = if source == Source::Engine {
                fetched.entry.bytes_read
            } else {
                0
            };
            let outcome = if rows.is_truncated() {
                ReadOutcome::Truncated
            } else {
                ReadOutcome::Answered
            };
            let read = data_read(about, shown.tile, planned, source, outcome)?;
            Ok(Fact::DataRead(DataRead {
                rows: rows.rows().len() as u64,
                bytes,
                ..read
            }))
        }
        Outcome::Failed(planned) => {
            let outcome = ReadOutcome::Failed;
            data_read(about, shown.tile, planned, Source::Engine, outcome).map(Fact::DataRead)
        }
        Outcome::Refused(planned) => {
            let outcome = ReadOutcome::Refused;
            data_read(about, shown.tile, planned, Source::Engine, outcome).map(Fact::DataRead)
        }
        Outcome::Withheld(withheld) => {
            let mut denial = Denial::new(about.reader.realm(), Label::parse(withheld.code)?);
            denial.subject = Some(about.subject);
            denial.dashboard = Some(about.dashboard.clone());
            denial.tile = Some(Label::parse(shown.tile)?);
            denial.policy_revision = Some(about.revision.get());
            denial.view_as = about.reader.lens();
            Ok(Fact::Denial(denial))
        }
    }
}

fn data_read(
    about: &Told<'_>,
    tile: &str,
    planned: &Planned,
    source: Source,
    outcome: ReadOutcome,
) -> Result<DataRead, LabelError> {
    Ok(DataRead {
        realm: about.reader.realm(),
        subject: about.subject,
        dashboard: about.dashboard.clone(),
        tile: Label::parse(tile)?,
        business_unit: about.reader.business_unit().cloned(),
        policy_revision: about.revision.get(),
        matched_rules: planned.query.grant().matched_rules().to_vec(),
        fingerprint: Digest::from(*planned.statement.fingerprint().as_bytes()),
        snapshot: Label::parse(planned.statement.scan().snapshot().as_str())?,
        source,
        rows: 0,
        bytes: 0,
        outcome,
        view_as: about.reader.lens(),
        export: None,
    })
}

/// The digest of `(issuer, sub)` that all records of one person share: of whoever is before the
/// screen, through whose eyes they may look.
#[must_use]
pub fn subject(reader: &Reader) -> Digest {
    Digest::from(reader.person().identity_digest())
}
