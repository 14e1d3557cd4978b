//! Revisions as rows.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{AnyConnection, FromRow};

use super::seal::Seal;
use super::{InForce, Newest, Origin, PublishedRevision, RevisionError};
use crate::digest::DigestError;
use crate::{Actor, Digest, DraftId};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "
SELECT number, content, published_at_ms, title, origin, rollback_of, draft, widening, author,
    approvers, publisher, seal, ",
            $rest
        )
    };
}

const LATEST: &str = select!(
    "(SELECT p.seal FROM revisions p WHERE p.number = r.number - 1) AS seal_before
FROM revisions r
ORDER BY number DESC
LIMIT 1"
);

const GET: &str = select!(
    "(SELECT p.seal FROM revisions p WHERE p.number = r.number - 1) AS seal_before
FROM revisions r
WHERE number = $1"
);

const LIST: &str = select!(
    "(SELECT p.seal FROM revisions p WHERE p.number = r.number - 1) AS seal_before
FROM revisions r
WHERE number < $1
ORDER BY number DESC
LIMIT $2"
);

const IN_FORCE: &str = select!(
    "seal_before, until_ms
FROM (
    SELECT r.*,
        LAG(seal) OVER (ORDER BY number) AS seal_before,
        LEAD(published_at_ms) OVER (ORDER BY number) AS until_ms
    FROM revisions r
) AS in_order
WHERE published_at_ms <= $2
AND (until_ms IS NULL OR until_ms > $1)
ORDER BY number"
);

const NEWEST: &str = "
SELECT number, content
FROM revisions
ORDER BY number DESC
LIMIT 1";

const LAST_FOLDER: &str = "
SELECT content
FROM revisions
WHERE origin = 'folder'
ORDER BY number DESC
LIMIT 1";

const INSERT: &str = "
INSERT INTO revisions (number, content, published_at_ms, title, origin, rollback_of, draft,
    widening, author, approvers, publisher, seal)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const SEAL: &str = "
SELECT seal
FROM revisions
WHERE number = $1";

/// A revision about to be published.
pub(crate) struct NewRevision {
    pub(crate) content: Digest,
    pub(crate) at: DateTime<Utc>,
    pub(crate) author: Actor,
    pub(crate) approvers: Vec<Actor>,
    pub(crate) publisher: Actor,
    pub(crate) title: String,
    pub(crate) origin: Origin,
    pub(crate) draft: Option<DraftId>,
    pub(crate) widening: bool,
}

#[derive(FromRow)]
struct Row {
    number: i64,
    content: Vec<u8>,
    published_at_ms: i64,
    title: String,
    origin: String,
    rollback_of: Option<i64>,
    draft: Option<i64>,
    widening: i64,
    author: String,
    approvers: String,
    publisher: String,
    seal: Vec<u8>,
    seal_before: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct InForceRow {
    #[sqlx(flatten)]
    revision: Row,
    until_ms: Option<i64>,
}

pub(crate) async fn latest(
    conn: &mut AnyConnection,
) -> Result<Option<PublishedRevision>, RevisionError> {
    let row: Option<Row> = sqlx::query_as(LATEST).fetch_optional(conn).await?;
    row.map(PublishedRevision::try_from).transpose()
}

/// The newest number, whatever its revision says.
pub(super) async fn newest(conn: &mut AnyConnection) -> Result<Option<Newest>, sqlx::Error> {
    let row: Option<(i64, Vec<u8>)> = sqlx::query_as(NEWEST).fetch_optional(conn).await?;
    let newest = row.map(|(number, content)| {
        Ok(Newest {
            number: number.cast_unsigned(),
            content: Digest::try_from(content)?,
        })
    });
    let unreadable = |cause: DigestError| sqlx::Error::Decode(Box::new(cause));
    newest.transpose().map_err(unreadable)
}

pub(crate) async fn get(
    conn: &mut AnyConnection,
    number: u64,
) -> Result<Option<PublishedRevision>, RevisionError> {
    let row: Option<Row> = sqlx::query_as(GET)
        .bind(number.cast_signed())
        .fetch_optional(conn)
        .await?;
    row.map(PublishedRevision::try_from).transpose()
}

pub(super) async fn list(
    conn: &mut AnyConnection,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<PublishedRevision>, RevisionError> {
    let before = before.and_then(|number| i64::try_from(number).ok());
    let rows: Vec<Row> = sqlx::query_as(LIST)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(PublishedRevision::try_from).collect()
}

pub(super) async fn in_force_between(
    conn: &mut AnyConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<InForce>, RevisionError> {
    let rows: Vec<InForceRow> = sqlx::query_as(IN_FORCE)
        .bind(from.timestamp_millis())
        .bind(to.timestamp_millis())
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let number = row.revision.number.cast_unsigned();
            let until = row.until_ms.map(|ms| time(number, ms)).transpose()?;
            Ok(InForce {
                revision: row.revision.try_into()?,
                until,
            })
        })
        .collect()
}

/// The content of the folder that was adopted last.
pub(super) async fn last_folder(conn: &mut AnyConnection) -> Result<Option<Digest>, sqlx::Error> {
    let content: Option<Vec<u8>> = sqlx::query_scalar(LAST_FOLDER).fetch_optional(conn).await?;
    // One that cannot be read is not the folder at hand.
    Ok(content.and_then(|bytes| Digest::try_from(bytes).ok()))
}

/// Writes the revision that follows `latest`. Needs the lock of the chain.
pub(crate) async fn publish(
    conn: &mut AnyConnection,
    latest: Option<&PublishedRevision>,
    new: NewRevision,
) -> Result<PublishedRevision, RevisionError> {
    let number = latest.map_or(0, |latest| latest.number) + 1;
    let at = DateTime::from_timestamp_millis(new.at.timestamp_millis()).unwrap_or(new.at);
    let soonest = latest.map(|latest| latest.published_at + TimeDelta::milliseconds(1));
    let revision = PublishedRevision {
        number,
        content: new.content,
        published_at: soonest.map_or(at, |soonest| soonest.max(at)),
        author: new.author,
        approvers: new.approvers,
        publisher: new.publisher,
        title: new.title,
        origin: new.origin,
        draft: new.draft,
        widening: new.widening,
    };
    insert(conn, &revision).await?;
    Ok(revision)
}

async fn insert(conn: &mut AnyConnection, revision: &PublishedRevision) -> Result<(), sqlx::Error> {
    let (origin, rollback_of) = origin_columns(revision.origin);
    let seal_before: Option<Vec<u8>> = sqlx::query_scalar(SEAL)
        .bind(revision.number.cast_signed() - 1)
        .fetch_optional(&mut *conn)
        .await?;
    let mut row = Row {
        number: revision.number.cast_signed(),
        content: revision.content.as_slice().to_vec(),
        published_at_ms: revision.published_at.timestamp_millis(),
        title: revision.title.clone(),
        origin: origin.to_owned(),
        rollback_of,
        draft: revision.draft.map(DraftId::column),
        widening: i64::from(revision.widening),
        author: json(&revision.author)?,
        approvers: json(&revision.approvers)?,
        publisher: json(&revision.publisher)?,
        seal: Vec::new(),
        seal_before,
    };
    row.seal = row.sealed().as_slice().to_vec();
    sqlx::query(INSERT)
        .bind(row.number)
        .bind(row.content)
        .bind(row.published_at_ms)
        .bind(row.title)
        .bind(row.origin)
        .bind(row.rollback_of)
        .bind(row.draft)
        .bind(row.widening)
        .bind(row.author)
        .bind(row.approvers)
        .bind(row.publisher)
        .bind(row.seal)
        .execute(conn)
        .await?;
    Ok(())
}

impl Row {
    /// What the seal over all other columns, and the seal before, must be.
    fn sealed(&self) -> Digest {
        let mut seal = Seal::after(self.seal_before.as_deref());
        seal.number(Some(self.number))
            .bytes(&self.content)
            .number(Some(self.published_at_ms))
            .bytes(self.title.as_bytes())
            .bytes(self.origin.as_bytes())
            .number(self.rollback_of)
            .number(self.draft)
            .number(Some(self.widening))
            .bytes(self.author.as_bytes())
            .bytes(self.approvers.as_bytes())
            .bytes(self.publisher.as_bytes());
        seal.finish()
    }
}

/// How an origin is written down.
pub(crate) fn origin_columns(origin: Origin) -> (&'static str, Option<i64>) {
    match origin {
        Origin::Folder => ("folder", None),
        Origin::Draft => ("draft", None),
        Origin::Push => ("push", None),
        Origin::Rollback { of } => ("rollback", Some(of.cast_signed())),
    }
}

/// Reads what [`origin_columns`] wrote.
pub(crate) fn origin(name: &str, rollback_of: Option<i64>) -> Option<Origin> {
    match (name, rollback_of) {
        ("folder", None) => Some(Origin::Folder),
        ("draft", None) => Some(Origin::Draft),
        ("push", None) => Some(Origin::Push),
        ("rollback", Some(of)) => Some(Origin::Rollback {
            of: of.cast_unsigned(),
        }),
        _ => None,
    }
}

/// People are kept as JSON: nobody searches for them here, the audit is where that is done.
pub(crate) fn json(value: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|cause| sqlx::Error::Encode(Box::new(cause)))
}

fn time(revision: u64, ms: i64) -> Result<DateTime<Utc>, RevisionError> {
    DateTime::from_timestamp_millis(ms).ok_or(RevisionError::Corrupt {
        revision,
        what: "time",
    })
}

impl TryFrom<Row> for PublishedRevision {
    type Error = RevisionError;

    fn try_from(row: Row) -> Result<Self, RevisionError> {
        let number = row.number.cast_unsigned();
        let corrupt = |what| RevisionError::Corrupt {
            revision: number,
            what,
        };
        let whole = row.sealed().as_slice() == row.seal.as_slice();
        let revision = Self {
            number,
            content: Digest::try_from(row.content).map_err(|_| corrupt("content hash"))?,
            published_at: time(number, row.published_at_ms)?,
            author: read(&row.author).ok_or_else(|| corrupt("author"))?,
            approvers: read(&row.approvers).ok_or_else(|| corrupt("list of approvers"))?,
            publisher: read(&row.publisher).ok_or_else(|| corrupt("publisher"))?,
            title: row.title,
            origin: origin(&row.origin, row.rollback_of).ok_or_else(|| corrupt("origin"))?,
            draft: row.draft.map(DraftId::from_column),
            widening: row.widening != 0,
        };
        if whole {
            Ok(revision)
        } else {
            Err(corrupt("seal"))
        }
    }
}

/// Reads what [`json`] wrote.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    LATEST,
    GET,
    LIST,
    IN_FORCE,
    NEWEST,
    LAST_FOLDER,
    INSERT,
    SEAL,
];
