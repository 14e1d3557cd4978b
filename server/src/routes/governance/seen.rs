//! What whoever changes something says they saw of it: the version in `If-Match` (RFC 9110 §13.1.1).

use http::HeaderMap;
use http::header::IF_MATCH;

use crate::problem::{Problem, Slug};

/// The version in `If-Match`; `None` without the header.
///
/// # Errors
/// 428 for a tag that is none of ours.
pub(super) fn seen(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(tag) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let version = tag.to_str().ok();
    let version = version.and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    let version = version.ok_or_else(|| Problem::new(Slug::PreconditionRequired))?;
    Ok(Some(version))
}
