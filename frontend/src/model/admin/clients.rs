//! Embed clients: who may embed what, from where.

use super::{AdminFrame, When};
use serde::{Deserialize, Serialize};

/// `/admin/clients`: every client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientsVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The clients in the order of their ids.
    pub clients: Vec<ClientLine>,
}

/// A client in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientLine {
    /// Its page.
    pub href: String,
    /// Its id.
    pub id: String,
    /// What people call it; empty for nothing.
    pub name: String,
    /// Where it stands.
    pub standing: ClientStanding,
    /// "Finance overview, Claims operations", or that it is nothing.
    pub dashboards: String,
    /// "Auto, Home", or that it is none.
    pub units: String,
    /// The origins of its pages.
    pub origins: Vec<String>,
    /// "2 secrets", "1 key".
    pub proof: String,
}

/// Where a client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientStanding {
    /// It may ask for tokens.
    Active,
    /// It may not.
    Inactive,
    /// It stands in the configuration, and may ask for tokens.
    Configured,
}

/// `/admin/clients/{id}`: one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// Its id.
    pub id: String,
    /// What people call it; empty for nothing.
    pub name: String,
    /// Where it stands.
    pub standing: ClientStanding,
    /// The registration: what each part is about, and what it says.
    pub facts: Vec<ClientFact>,
    /// What it names that does not exist.
    pub warnings: Vec<String>,
    /// "changed 21 Nov 2026, 14:05 by Amélie Tremblay"; none for one of the configuration.
    pub changed: Option<ClientTouch>,
    /// The live secrets, the oldest first.
    pub secrets: Vec<ClientSecret>,
    /// A secret that was just made. It is on this page and on no other.
    pub new_secret: Option<NewSecretVm>,
    /// Hidden field `version` of the forms.
    pub version: String,
    /// Where "New secret" posts; none where secrets are not made here.
    pub rotate_action: Option<String>,
    /// Where "Remove" posts, with the secret's id in the field `secret`.
    pub remove_action: Option<String>,
}

/// A part of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientFact {
    /// "May embed".
    pub about: String,
    /// What it says, one below the other.
    pub says: Vec<String>,
}

/// Who changed something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientTouch {
    /// When.
    pub at: When,
    /// Who.
    pub by: String,
}

/// A live secret. What it is, nobody knows any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// Its id.
    pub id: String,
    /// "made today", "12 days old".
    pub age: String,
    /// When it was made, and by whom.
    pub made: ClientTouch,
}

/// A secret that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSecretVm {
    /// Its id.
    pub id: String,
    /// The secret.
    pub secret: String,
}
