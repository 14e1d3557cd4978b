//! Stopping access: what is closed and revoked now, and the forms that do it.

use super::{AdminFrame, Choice, FieldError, When};
use serde::{Deserialize, Serialize};

/// `/admin/stop-access`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// What is closed, oldest first.
    pub closed: Vec<StopLine>,
    /// What is revoked and still means something, newest first.
    pub revoked: Vec<StopLine>,
    /// Field `scope` of the form that closes.
    pub scopes: Vec<Choice>,
    /// Its field `close_reason`.
    pub close_reason: String,
    /// Field `target` of the form that revokes.
    pub targets: Vec<Choice>,
    /// Its field `issuer`, for a person.
    pub issuer: String,
    /// Its field `name`: the person's id, or that of a token or a family.
    pub name: String,
    /// Its field `revoke_reason`.
    pub revoke_reason: String,
    /// What was wrong with a form.
    pub errors: Vec<FieldError>,
}

/// Something closed or revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopLine {
    /// "Finance overview", "Everyone of Auto".
    pub what: String,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub by: String,
    /// Since when.
    pub since: When,
    /// The value of field `scope` that opens it again; none for what is revoked.
    pub scope: Option<String>,
}

/// "Are you sure?": before something that touches everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SureVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// "Close every dashboard?"
    pub question: String,
    /// What happens then.
    pub consequence: String,
    /// Where the form posts.
    pub action: String,
    /// What was answered, sent again.
    pub fields: Vec<(String, String)>,
    /// "Close every dashboard".
    pub yes: String,
    /// Where "Not now" leads.
    pub back: String,
}
