//! Revisions and drafts of a server, as the commands need them.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::cli::server::{Api, ApiError, Reply};

const REVISIONS: &str = "/api/v1/policies/revisions";
pub(super) const DRAFTS: &str = "/api/v1/policies/drafts";

/// Files by path.
pub(super) type Files = BTreeMap<String, String>;

/// A revision.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Revision {
    pub(super) number: u64,
    /// The hash of its files.
    pub(super) content: String,
    pub(super) title: String,
    pub(super) published_at: DateTime<Utc>,
    pub(super) author: Person,
    pub(super) approvers: Vec<Person>,
    pub(super) widening: bool,
    #[serde(default)]
    files: Option<Files>,
}

/// A draft.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Draft {
    pub(super) id: u64,
    pub(super) state: String,
    pub(super) base: u64,
    /// The hash of its files.
    pub(super) content: String,
    pub(super) approvals_required: Option<u8>,
    #[serde(default)]
    files: Option<Files>,
}

/// Somebody who did something.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Person {
    pub(super) name: String,
}

/// A page of revisions.
#[derive(Debug, Clone, Deserialize)]
struct Revisions {
    revisions: Vec<Revision>,
}

#[derive(Debug, Clone, Deserialize)]
struct Drafts {
    drafts: Vec<Draft>,
}

/// The newest revision, without its files.
pub(super) async fn newest(api: &Api) -> anyhow::Result<Revision> {
    let page: Revisions = api.get(REVISIONS, &[("limit", "1")]).await?.read()?;
    let newest = page.revisions.into_iter().next();
    newest.context("the server has no revision")
}

/// Up to `limit` revisions, newest first: as the server says it, and read.
pub(super) async fn list(api: &Api, limit: u32) -> anyhow::Result<(Value, Vec<Revision>)> {
    let reply = api.get(REVISIONS, &[("limit", &limit.to_string())]).await?;
    let page: Revisions = reply.read()?;
    Ok((reply.body, page.revisions))
}

/// The files of a revision.
pub(super) async fn files_of_revision(api: &Api, number: u64) -> anyhow::Result<Files> {
    let reply = api.get(&format!("{REVISIONS}/{number}"), &[]).await;
    let reply = reply.map_err(|error| absent(error, &format!("revision {number}")))?;
    let revision: Revision = reply.read()?;
    revision.files.context("the server sends no files")
}

/// The files of a draft.
pub(super) async fn files_of_draft(api: &Api, id: u64) -> anyhow::Result<Files> {
    let reply = api.get(&format!("{DRAFTS}/{id}"), &[]).await;
    let reply = reply.map_err(|error| absent(error, &format!("draft {id}")))?;
    let draft: Draft = reply.read()?;
    draft.files.context("the server sends no files")
}

/// The drafts that nobody gave up.
pub(super) async fn drafts(api: &Api) -> anyhow::Result<Vec<Draft>> {
    let list: Drafts = api.get(DRAFTS, &[]).await?.read()?;
    Ok(list.drafts)
}

/// What the checks say of a draft.
pub(super) async fn check(api: &Api, id: u64) -> Result<Reply, ApiError> {
    api.get(&format!("{DRAFTS}/{id}/check"), &[]).await
}

/// "Not found" is also what somebody is told who is no admin (A1), so both are said.
pub(super) fn absent(error: ApiError, what: &str) -> anyhow::Error {
    match error {
        ApiError::Refused(refusal) if refusal.code == "not-found" => anyhow::anyhow!(
            "the server has no {what}, or you are no governance admin there: {refusal}"
        ),
        other => other.into(),
    }
}
