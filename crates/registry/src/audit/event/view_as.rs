//! Looking through somebody else's eyes: how it begins and ends, and what marks each read of it.

use serde::{Deserialize, Serialize};
use weir_policy::{BusinessUnit, RoleName};

use crate::{Digest, Label};

/// Whose eyes an admin looks through: on every record of what they were shown or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lens {
    /// Which preview, by the digest of its id; how it began is on record too.
    pub preview: Digest,
    /// The digest of identity and claims that the policies decided about.
    pub eyes: Digest,
    /// The draft whose rules decided, which nobody may have approved; none for a revision.
    pub draft: Option<u64>,
    /// The draft's version.
    pub version: Option<u64>,
}

/// What became of a look through somebody else's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewAsStep {
    /// It began.
    Begin,
    /// The admin ended it before its time was over.
    End,
}

/// Rules that somebody's access is decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The revision; under a draft, the one that it changes.
    pub revision: u64,
    /// The draft.
    pub draft: Option<u64>,
    /// Its version.
    pub version: Option<u64>,
}

/// An admin looks at a dashboard through somebody else's eyes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewAs {
    /// Begun or ended.
    pub step: ViewAsStep,
    /// The admin.
    pub by: Digest,
    /// The preview, by the digest of its id.
    pub preview: Digest,
    /// Which dashboard.
    pub dashboard: Label,
    /// The digest of identity and claims of whom they look as.
    pub eyes: Digest,
    /// The sample person they look as, if it is one.
    pub persona: Option<Label>,
    /// The units among the claims.
    pub business_units: Vec<BusinessUnit>,
    /// The roles among the claims.
    pub roles: Vec<RoleName>,
    /// Under which rules: one, or two to compare.
    pub under: Vec<Rules>,
    /// How long it may last.
    pub expires_in_seconds: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Denial, Fact, Realm};

    fn denial(view_as: Option<Lens>) -> Fact {
        let mut denial = Denial::new(Realm::Browser, Label::parse("no-permit").unwrap());
        denial.view_as = view_as;
        Fact::Denial(denial)
    }

    #[test]
    fn what_was_seen_with_ones_own_eyes_is_written_as_before_and_read_as_before() {
        let own = serde_json::to_string(&denial(None)).unwrap();

        assert!(!own.contains("view_as"), "{own}");
        assert_eq!(serde_json::from_str::<Fact>(&own).unwrap(), denial(None));
    }

    #[test]
    fn a_look_through_other_eyes_says_whose_and_under_which_draft() {
        let fact = denial(Some(Lens {
            preview: Digest::from([1; 32]),
            eyes: Digest::from([2; 32]),
            draft: Some(27),
            version: Some(3),
        }));

        let json = serde_json::to_value(&fact).unwrap();

        assert_eq!(json["view_as"]["draft"], 27);
        assert_eq!(json["view_as"]["eyes"], "02".repeat(32));
        assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
    }
}
