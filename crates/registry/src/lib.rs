//! What Weir remembers: policies and dashboards with their revisions and drafts, the audit log,
//! sums of what is used, budgets and the ledger of what answers cost, embed clients, sessions,
//! launch codes, families of embed tokens and their keys, previews, revocations
//! and lockdowns, and which processes share it.
//!
//! One database behind one type: `SQLite` in a file or `PostgreSQL`, chosen by the address, with the
//! same statements and the same promises. [`Registry::open`] brings the schema up to date and
//! hands out the stores; each of them names what may be asked of it, and no SQL leaves this crate.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/weir.db", folder.path().display());
//! # let now = chrono::DateTime::UNIX_EPOCH;
//! use weir_registry::{AuditEvent, Denial, Fact, Label, Realm, Registry, RequestId};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let registry = Registry::open(&url).await?;
//! let denial = Denial::new(Realm::Embed, Label::parse("token-expired")?);
//! let event = AuditEvent::new(now, RequestId::parse("r-1")?, Fact::Denial(denial));
//! registry.audit().record(vec![event]).await?;
//! assert_eq!(registry.audit().list(1, 10).await?.len(), 1);
//! registry.close().await?;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! Invariants kept here:
//!
//! - 10, "no audit, no read": [`AuditLog::record`] returns only when its records are in a local
//!   segment and survive a killed process; everything but a data read survives a power cut too.
//!   Any failure is an error, and the caller refuses the read. Segments are moved into the
//!   database in order, each record once. The log there is append-only, hash-chained and signed
//!   from time to time; [`AuditLog::verify`] names the first record that was edited, deleted,
//!   moved, cut off or written anew. A database that is away for less than
//!   [`RegistryOptions::grace`] stops nothing; after that records are refused until it is back.
//! - 7 and 9 in part: launch codes and sessions are found by a digest, so a stolen database
//!   holds no session id and no code, and a code opens a dashboard exactly once. A launch token is
//!   exchanged for a frame's token exactly once, whoever tries; signing keys are kept sealed.
//!   [`Revocations`] and [`Lockdowns`] are one transaction with their audit record; who reads the
//!   revocations in the order of their numbers misses none.
//! - 10 for changes too: each step with a [draft](Drafts) and each publication is one transaction
//!   with its audit record. [`Revisions`] are immutable and numbered without gaps; their content is
//!   checked against its hash whenever it is read, and what is not whole is an error that names
//!   the revision (2: it never opens anything). Nobody approves what they worked on, by
//!   `(issuer, sub)` (8); of two who publish at once, one does.
//! - [Budgets](Costs) hold however many processes ask at once: what a run may cost is reserved before
//!   it begins, in one transaction that decides alone, and a run's bill is booked exactly once.
//!
//! Every process that called [`Revisions::follow`] hears of a publication in at most 5 seconds.
//!
//! What it deliberately does not do: it reads no clock (every time is an argument), it hashes no
//! secret (callers bring the digest), it does not look inside a session's payload or a versioned
//! file, and it decides neither who may see what nor who may take a step: what it enforces is what
//! must hold whoever asks. Nothing on the way to a chart reads it: only the audit is written.
//!
//! Tests get an empty `PostgreSQL` database from `testing::PostgresDatabase`, with the feature
//! `testing`.

mod access;
mod actor;
mod audit;
mod content;
mod costs;
mod database;
mod digest;
mod drafts;
mod embed_clients;
mod expiring;
mod families;
mod fleet;
mod label;
mod launch_codes;
mod lockdowns;
mod previews;
mod provider_logouts;
mod registry;
mod revisions;
mod revocations;
mod sessions;
mod signing_keys;
#[cfg(all(unix, any(test, feature = "testing")))]
pub mod testing;
mod text;
mod time;
mod usage;
mod used_assertions;
mod vitals;

#[cfg(test)]
mod tests;

pub use access::AccessError;
pub use actor::Actor;
pub use audit::chain::{ChainStatus, Fault};
pub use audit::checkpoint::{Checkpoint, CheckpointError, CheckpointKey, CheckpointSigner};
pub use audit::event::{
    AuditEvent, AuditExport, Bind, BudgetAlert, BudgetStep, BudgetStepKind, BudgetedScope,
    ClientStep, ClientStepKind, DataRead, Denial, DriftStep, DriftStepKind, Exchange, ExportFormat,
    Fact, KeyStep, KeyStepKind, Launch, LaunchMethod, Lens, Lock, LockdownStep, LockedScope, Mint,
    PolicyStep, PolicyStepKind, ReadOutcome, Realm, Revoke, RevokedTarget, Rules, SignIn, SignOut,
    SignOutCause, Source, ViewAs, ViewAsStep,
};
pub use audit::export::{ColumnKind, ExportPage, Exported, Field};
pub use audit::gate::AuditHealth;
pub use audit::options::AuditOptions;
pub use audit::seals::{Verification, Witness};
pub use audit::search::{AuditOrder, AuditPage, AuditQuery};
pub use audit::segment::StreamId;
pub use audit::{AuditError, AuditLog, AuditReceipt, AuditRecord};
pub use content::{ChangeKind, ContentPath, ContentPathError, ContentTree, FileChange, TreeError};
pub use costs::{
    Alert, Asked, Budget, BudgetChange, BudgetError, BudgetScope, BudgetStanding, CostDay,
    CostError, CostLine, CostReport, CostSums, Costs, LedgerEntry, Limit, OverBudget, Payer, Price,
    Purpose, RanOn, Reserve, Reserved, RunEnd, RunTimes, Settled, Settlement, ViewCount,
};
pub use database::{Durability, StoreError};
pub use digest::{Digest, DigestError};
pub use drafts::{
    Approval, Draft, DraftError, DraftId, DraftState, Drafts, NewDraft, Save, Step, Verdict,
};
pub use embed_clients::{
    ClientChange, ClientList, ClientStepError, EmbedClients, StoredClient, StoredSecret, Touch,
};
pub use families::{Binding, Bound, Families, Family};
pub use fleet::{Fleet, ProcessId};
pub use label::{Label, LabelError, RequestId};
pub use launch_codes::{LaunchCodes, Redeemed};
pub use lockdowns::{Lockdown, LockdownScope, Lockdowns, Locking};
pub use previews::{FoundPreview, Previews};
pub use provider_logouts::{LoggedOut, ProviderLogout, ProviderLogouts, ProviderSession};
pub use registry::{Health, Purged, Registry, RegistryError, RegistryOptions};
pub use revisions::{
    AdoptFolder, Adopted, InForce, Newest, Origin, PublishedRevision, RevisionError, Revisions,
};
pub use revocations::{NewRevocation, Revocation, Revocations, Revoked, Since};
pub use sessions::{NewSession, ProviderSide, Sessions, StoredSession};
pub use signing_keys::{NewSigningKey, Retired, SigningKeys, StoredKey};
pub use text::TextError;
pub use usage::{PEOPLE_KEPT, PeopleLine, Usage, UsageLine, UsageReport};
pub use used_assertions::UsedAssertions;
pub use vitals::{
    DayVitals, Histogram, Load, Measure, Pace, Series, VitalSums, VitalTally, Vitals, VitalsReport,
};
