//! Roles that were assumed, and what their sessions were told to remember.

use std::collections::BTreeMap;

use serde::Serialize;

/// Sessions by access key.
#[derive(Debug, Default)]
pub(crate) struct Principals(pub(crate) BTreeMap<String, AssumedRole>);

/// A session of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssumedRole {
    /// The role.
    pub role_arn: String,
    /// What the session is called.
    pub session_name: String,
    /// On whose behalf.
    pub source_identity: Option<String>,
    /// What the session carries.
    pub tags: BTreeMap<String, String>,
}
