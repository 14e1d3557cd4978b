//! Athena's SQL, as much of it as Weir's compiler writes, as SQL of the embedded engine.
//!
//! Two lists decide, and both name what is accepted: one of [tokens], one of the nodes of the syntax
//! tree, each of which has exactly one way to be [written](translate) again. What is on neither list
//! is a syntax error, whether or not the real Athena would take it: the simulator rather refuses
//! than computes something else than was asked.

mod expression;
pub(crate) use self::expression::OWN_PREFIX;
mod tokens;
mod translate;

use weir_policy::DatasetName;
use weir_query::SnapshotId;

/// A query that the embedded engine can run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    /// What it says, in the embedded engine's dialect.
    pub(crate) text: String,
    /// The one table it reads, and at which snapshot; probes like `SELECT 1` read none.
    pub(crate) table: Option<(DatasetName, SnapshotId)>,
    /// What its columns are called, where the text says so.
    pub(crate) names: Vec<String>,
    /// Whether asking again gives the same rows: not with a `LIMIT` and no order.
    pub(crate) repeatable: bool,
    /// Where its rows go, for `UNLOAD`.
    pub(crate) unload: Option<Unload>,
}

/// The target of an `UNLOAD`, which writes Parquet compressed with ZSTD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unload {
    /// A prefix in S3.
    pub(crate) to: String,
}

/// Why a text is not taken, in the words and with the type that Athena's error would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError(pub(crate) String);

impl SyntaxError {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// Something that the subset does not have.
    fn outside(what: &str) -> Self {
        Self(format!(
            "{what} is not in the subset of SQL that the simulator accepts"
        ))
    }
}

/// Takes `text` apart, puts `parameters` in the place of its question marks, and writes it anew.
pub(crate) fn understand(text: &str, parameters: &[String]) -> Result<Query, SyntaxError> {
    let tokens = tokens::read(text)?;
    let tokens = tokens::with_parameters(tokens, parameters)?;
    let (tokens, unload) = tokens::unload(tokens)?;
    let (tokens, pins) = tokens::without_pins(&tokens)?;
    let mut query = translate::query(tokens, pins)?;
    query.unload = unload;
    Ok(query)
}

#[cfg(test)]
mod tests;
