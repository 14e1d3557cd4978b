//! Where trees are kept: each text once, and each tree as the list of its paths.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use sqlx::AnyConnection;

use super::{ContentPath, ContentTree};
use crate::{Digest, StoreError};

/// Rows of one INSERT.
const ROWS: usize = 20;

const EXISTS: &str = "
SELECT files
FROM content_trees
WHERE hash = $1";

const INSERT_FILE: &str = "
INSERT INTO content_files (hash, text)
VALUES ";

const INSERT_TREE_FILE: &str = "
INSERT INTO content_tree_files (tree, path, file)
VALUES ";

const INSERT_TREE: &str = "
INSERT INTO content_trees (hash, files)
VALUES ($1, $2)";

const SELECT: &str = "
SELECT f.path, c.text
FROM content_tree_files f
LEFT JOIN content_files c ON c.hash = f.file
WHERE f.tree = $1
ORDER BY f.path";

/// What went wrong with a stored tree.
#[derive(Debug)]
pub(crate) enum TreeFault {
    /// The stored files are not those the hash names.
    Corrupt,
    Database(sqlx::Error),
}

#[derive(sqlx::FromRow)]
struct Row {
    path: String,
    text: Option<String>,
}

/// Keeps a tree, unless it is there already. Needs the lock of the chain: two transactions that
/// keep the same tree at once would see each other half done.
pub(crate) async fn keep(
    conn: &mut AnyConnection,
    tree: &ContentTree,
) -> Result<Digest, StoreError> {
    let hash = tree.hash();
    let known = sqlx::query(EXISTS)
        .bind(hash.as_slice())
        .fetch_optional(&mut *conn)
        .await?;
    if known.is_some() {
        return Ok(hash);
    }
    let texts: BTreeMap<Digest, &str> = tree.files().map(|(_, text)| (of(text), text)).collect();
    let texts: Vec<_> = texts.into_iter().collect();
    for rows in texts.chunks(ROWS) {
        let sql = insert_files(rows.len());
        let mut query = sqlx::query(&sql);
        for (hash, text) in rows {
            query = query.bind(hash.as_slice()).bind(*text);
        }
        query.execute(&mut *conn).await?;
    }
    let files: Vec<_> = tree.files().map(|(path, text)| (path, of(text))).collect();
    for rows in files.chunks(ROWS) {
        let sql = insert_tree_files(rows.len());
        let mut query = sqlx::query(&sql);
        for (path, file) in rows {
            query = query
                .bind(hash.as_slice())
                .bind(path.as_str())
                .bind(file.as_slice());
        }
        query.execute(&mut *conn).await?;
    }
    sqlx::query(INSERT_TREE)
        .bind(hash.as_slice())
        .bind(i64::try_from(files.len()).unwrap_or(i64::MAX))
        .execute(conn)
        .await?;
    Ok(hash)
}

/// The tree of this hash, if what is stored still hashes to it.
pub(crate) async fn load(conn: &mut AnyConnection, hash: Digest) -> Result<ContentTree, TreeFault> {
    let rows: Vec<Row> = sqlx::query_as(SELECT)
        .bind(hash.as_slice())
        .fetch_all(conn)
        .await
        .map_err(TreeFault::from)?;
    let files: Option<Vec<_>> = rows
        .into_iter()
        .map(|row| Some((ContentPath::parse(row.path).ok()?, row.text?)))
        .collect();
    let tree = files.and_then(|files| ContentTree::new(files).ok());
    tree.filter(|tree| tree.hash() == hash)
        .ok_or(TreeFault::Corrupt)
}

fn of(text: &str) -> Digest {
    Digest::from(<[u8; 32]>::from(Sha256::digest(text)))
}

fn insert_files(rows: usize) -> String {
    let values: Vec<_> = (0..rows)
        .map(|row| format!("(${}, ${})", row * 2 + 1, row * 2 + 2))
        .collect();
    // A text that is there already is the same text.
    format!(
        "{INSERT_FILE}{} ON CONFLICT (hash) DO NOTHING",
        values.join(", ")
    )
}

fn insert_tree_files(rows: usize) -> String {
    let values: Vec<_> = (0..rows)
        .map(|row| format!("(${}, ${}, ${})", row * 3 + 1, row * 3 + 2, row * 3 + 3))
        .collect();
    format!("{INSERT_TREE_FILE}{}", values.join(", "))
}

impl From<sqlx::Error> for TreeFault {
    fn from(cause: sqlx::Error) -> Self {
        match cause {
            // A text that is no text any more.
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => Self::Corrupt,
            other => Self::Database(other),
        }
    }
}

#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    [EXISTS, INSERT_TREE, SELECT]
        .map(ToOwned::to_owned)
        .into_iter()
        .chain((1..=ROWS).map(insert_files))
        .chain((1..=ROWS).map(insert_tree_files))
        .collect()
}
