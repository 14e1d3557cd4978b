//! Sessions of members: an opaque id in a cookie, and everything else on the server.
//!
//! The id is 256 random bits. Only its SHA-256 is stored, so that a stolen database opens no
//! session. Lifetimes are functions of the caller's clock; the store is the registry's.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::mapping::{MappingDigest, Member};
use crate::random;

/// A session that nobody uses for this long is over.
pub const IDLE_LIFETIME: Duration = Duration::minutes(30);

/// A session is over after this long whatever happens in it.
pub const ABSOLUTE_LIFETIME: Duration = Duration::hours(12);

/// A session that is used later than this after its provider was last asked has it asked again.
pub const REFRESH_EVERY: Duration = Duration::minutes(15);

/// A session whose provider could not be asked for so long is over.
pub const OUTAGE_LIMIT: Duration = Duration::hours(1);

/// The end of a session is moved in steps of at least this, so that reading is not writing.
const TOUCH_STEP: Duration = Duration::minutes(1);

/// How far back a clock may step before a session counts as not begun.
const CLOCK_TOLERANCE: Duration = Duration::seconds(5);

/// The secret in the cookie. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// A fresh id. Every sign-in gets one, whatever the browser sent (rotation: a prepared id is
    /// worth nothing).
    #[must_use]
    pub fn generate() -> Self {
        Self(random::bytes())
    }

    /// Reads a cookie's value; `None` unless it is the one spelling of 256 bits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The cookie's value.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store knows the session by.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

/// What the server remembers of a signed-in member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Who signed in.
    pub member: Member,
    /// The mapping that made the member of the provider's claims
    /// ([`ClaimMapping::digest`](crate::mapping::ClaimMapping::digest)).
    pub mapping: MappingDigest,
    /// When.
    pub started_at: DateTime<Utc>,
    /// When the provider last said so.
    pub refreshed_at: DateTime<Utc>,
}

impl Session {
    /// A session that begins now.
    #[must_use]
    pub fn start(member: Member, mapping: MappingDigest, now: DateTime<Utc>) -> (SessionId, Self) {
        (
            SessionId::generate(),
            Self {
                member,
                mapping,
                started_at: now,
                refreshed_at: now,
            },
        )
    }

    /// The same session with what the provider says now. It ends no later than it would have.
    #[must_use]
    pub fn renewed(&self, member: Member, mapping: MappingDigest, now: DateTime<Utc>) -> Self {
        Self {
            member,
            mapping,
            started_at: self.started_at,
            refreshed_at: now,
        }
    }

    /// Whether the member is what `mapping` makes of the provider's claims. Under another mapping
    /// the same claims may mean less; the claims themselves are not kept, so only a new sign-in can
    /// tell.
    #[must_use]
    pub fn is_of(&self, mapping: &MappingDigest) -> bool {
        self.mapping == *mapping
    }

    /// When the session ends if this is its last use.
    #[must_use]
    pub fn expires_at(&self, seen_at: DateTime<Utc>) -> DateTime<Utc> {
        (seen_at + IDLE_LIFETIME).min(self.started_at + ABSOLUTE_LIFETIME)
    }

    /// Whether the session lives, given the end that the store has for it.
    #[must_use]
    pub fn lives(&self, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now < expires_at
            && now < self.started_at + ABSOLUTE_LIFETIME
            && now >= self.started_at - CLOCK_TOLERANCE
    }

    /// The new end of a living session that is being used, if it is worth storing.
    #[must_use]
    pub fn touch(&self, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let later = self.expires_at(now);
        (self.lives(expires_at, now) && later - expires_at >= TOUCH_STEP).then_some(later)
    }
}

#[cfg(test)]
mod tests {
    use weir_policy::Subject;

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-10-05T12:00:00Z".parse().unwrap()
    }

    fn session() -> Session {
        let member = Member {
            subject: Subject::new("https://idp.example", "exec"),
            display_name: "Exec".to_owned(),
            locale: None,
        };
        Session::start(member, mapping("analyst"), noon()).1
    }

    fn mapping(role: &str) -> MappingDigest {
        let text = format!(
            "business_units: {{ claim: units, allow: [auto] }}\nroles: {{ claim: roles, allow: [{role}] }}\n"
        );
        let mapping = crate::mapping::ClaimMapping::from_yaml("identity.yaml", &text).unwrap();
        mapping.digest()
    }

    #[test]
    fn a_session_knows_the_mapping_that_it_was_made_under() {
        assert!(session().is_of(&mapping("analyst")));
        assert!(!session().is_of(&mapping("executive")));
    }

    #[test]
    fn ids_are_read_back_and_known_by_their_hash_only() {
        let id = SessionId::generate();

        assert_eq!(SessionId::parse(&id.reveal()), Some(id.clone()));
        assert_ne!(SessionId::generate(), id);
        assert_ne!(id.hash(), id.0);
        assert!(!format!("{id:?}").contains(&id.reveal()));
    }

    #[test]
    fn only_the_canonical_spelling_of_an_id_is_read() {
        let text = SessionId([0xff; 32]).reveal();
        let padded = format!("{text}=");
        let loose_bits = format!("{}9", text.strip_suffix('8').unwrap());

        for bad in ["", "abc", &padded, &loose_bits, &"*".repeat(43)] {
            assert_eq!(SessionId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_session_ends_after_half_an_hour_without_use() {
        let session = session();
        let end = session.expires_at(noon());

        assert!(session.lives(end, noon() + IDLE_LIFETIME - Duration::seconds(1)));
        assert!(!session.lives(end, noon() + IDLE_LIFETIME));
    }

    #[test]
    fn use_keeps_a_session_alive_for_twelve_hours_at_most() {
        let session = session();
        let mut end = session.expires_at(noon());
        let mut now = noon();

        while let Some(later) = session.touch(end, now + Duration::minutes(20)) {
            now += Duration::minutes(20);
            end = later;
        }

        assert_eq!(end, noon() + ABSOLUTE_LIFETIME);
        assert!(!session.lives(end + Duration::days(1), noon() + ABSOLUTE_LIFETIME));
    }

    #[test]
    fn the_end_is_not_moved_on_every_use_and_never_revives_a_session() {
        let session = session();
        let end = session.expires_at(noon());

        assert_eq!(session.touch(end, noon() + Duration::seconds(59)), None);
        assert!(session.touch(end, noon() + Duration::seconds(60)).is_some());
        assert_eq!(session.touch(end, end), None);
    }

    #[test]
    fn a_session_from_the_future_does_not_live() {
        let session = session();
        let end = session.expires_at(noon());

        assert!(session.lives(end, noon() - Duration::seconds(5)));
        assert!(!session.lives(end, noon() - Duration::seconds(6)));
    }

    #[test]
    fn sessions_survive_storage() {
        let subject = Subject::new("https://idp.example", "broker")
            .with_business_units([weir_policy::BusinessUnit::parse("auto").unwrap()])
            .with_roles([weir_policy::RoleName::parse("analyst").unwrap()])
            .with_attribute(weir_policy::AttributeName::parse("region").unwrap(), ["QC"]);
        let session = Session {
            member: Member {
                subject,
                ..session().member
            },
            ..session()
        };

        let text = serde_json::to_string(&session).unwrap();

        assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), session);
    }
}
