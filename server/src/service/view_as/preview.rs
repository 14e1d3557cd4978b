//! What a preview is: a wish, what is kept of it, its sides and its id.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use weir_registry::{Digest, Lens, Rules};

use super::ViewAsError;
use super::eyes::{Eyes, Seen};
use crate::reader::{Member, Onlooker, Reader};

/// What an admin wants to look at.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Through whose eyes.
    pub eyes: Eyes,
    /// Which dashboard.
    pub dashboard: String,
    /// Under which rules.
    pub under: Under,
    /// Beside which others.
    pub compare: Option<Under>,
}

/// Rules to look under.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Under {
    /// The revision in force when the preview begins.
    #[default]
    Published,
    /// A revision that is or was in force.
    Revision(u64),
    /// A draft, as it is saved when the preview begins.
    Draft(u64),
}

/// The secret in a preview's address. It opens nothing without the session it belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct PreviewId([u8; 32]);

/// A preview, as it was opened.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Its id.
    pub id: PreviewId,
    /// What it is of.
    pub kept: Kept,
    /// When it ends.
    pub until: DateTime<Utc>,
}

/// What is remembered of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Whose eyes.
    pub seen: Seen,
    /// Which dashboard.
    pub dashboard: String,
    /// Under which rules.
    pub first: Rules,
    /// Beside which others.
    pub second: Option<Rules>,
    /// When it began.
    pub started_at: DateTime<Utc>,
}

/// One of the pictures of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one asked for.
    First,
    /// The one beside it.
    Second,
}

impl Preview {
    /// The rules of one side.
    #[must_use]
    pub fn rules(&self, side: Side) -> Option<Rules> {
        match side {
            Side::First => Some(self.kept.first),
            Side::Second => self.kept.second,
        }
    }

    /// The sides there are.
    pub fn sides(&self) -> impl Iterator<Item = Side> {
        let second = self.kept.second.map(|_| Side::Second);
        std::iter::once(Side::First).chain(second)
    }

    /// The admin before the screen, with the eyes of this preview.
    #[must_use]
    pub fn reader(&self, admin: &Member, side: Side) -> Reader {
        let subject = self.kept.seen.subject();
        let rules = self.rules(side).unwrap_or(self.kept.first);
        Reader::Onlooker(Arc::new(Onlooker {
            admin: admin.clone(),
            dashboard: self.kept.dashboard.clone(),
            lens: Lens {
                preview: self.id.hash(),
                eyes: Digest::from(subject.digest()),
                draft: rules.draft,
                version: rules.version,
            },
            subject,
        }))
    }
}

impl Side {
    /// The word in addresses and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }

    /// The side called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::First, Self::Second]
            .into_iter()
            .find(|side| side.name() == name)
    }
}

impl PreviewId {
    pub(super) fn fresh() -> Result<Self, ViewAsError> {
        let mut bytes = [0_u8; 32];
        let filled = OsRng.try_fill_bytes(&mut bytes);
        filled.map_err(|_| ViewAsError::NoRandomness)?;
        Ok(Self(bytes))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As it stands in addresses.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the registry and the audit know it by.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::from(<[u8; 32]>::from(Sha256::digest(self.0)))
    }
}

impl fmt::Debug for PreviewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreviewId(…)")
    }
}
