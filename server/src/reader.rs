//! Who is looking, once that is proven: a viewer with an embed token, a member with a session, or an
//! admin through somebody else's eyes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use weir_identity::Right;
use weir_identity::embed::claims::EmbedClaims;
use weir_identity::mapping::Member as Person;
use weir_policy::{BusinessUnit, RoleName, Subject};
use weir_query::{Locale, Locked};
use weir_registry::{Digest, Lens, Realm};

/// A viewer in the embed realm: a verified token, and the token itself for the page's script.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// What the token says.
    pub claims: Arc<EmbedClaims>,
    /// The subject it proves.
    pub subject: Arc<Subject>,
}

/// A member in the browser realm.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who signed in.
    pub person: Arc<Person>,
    /// The key of the session in the registry.
    pub session: Digest,
}

/// An admin who looks at one dashboard through somebody else's eyes.
#[derive(Debug, Clone)]
pub struct Onlooker {
    /// The admin before the screen.
    pub admin: Member,
    /// Whose eyes.
    pub subject: Subject,
    /// The dashboard.
    pub dashboard: String,
    /// What every record of it says.
    pub lens: Lens,
}

/// One of them: everything a use case may know of who is asking.
#[derive(Debug, Clone)]
pub enum Reader {
    /// In a frame.
    Viewer(Viewer),
    /// In the browser.
    Member(Member),
    /// In a preview.
    Onlooker(Arc<Onlooker>),
}

impl Viewer {
    /// As [`Reader::business_unit`].
    #[must_use]
    pub fn business_unit(&self) -> Option<&BusinessUnit> {
        only_unit(&self.subject)
    }
}

fn only_unit(subject: &Subject) -> Option<&BusinessUnit> {
    let mut units = subject.business_units().iter();
    units.next().filter(|_| units.next().is_none())
}

impl Reader {
    /// The subject that policies decide about.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        match self {
            Self::Viewer(viewer) => &viewer.subject,
            Self::Member(member) => &member.person.subject,
            Self::Onlooker(onlooker) => &onlooker.subject,
        }
    }

    /// Who is before the screen: the subject itself, but for an admin in a preview.
    #[must_use]
    pub fn person(&self) -> &Subject {
        match self {
            Self::Viewer(_) | Self::Member(_) => self.subject(),
            Self::Onlooker(onlooker) => &onlooker.admin.person.subject,
        }
    }

    /// Through whose eyes they look, if not through their own.
    #[must_use]
    pub fn lens(&self) -> Option<Lens> {
        match self {
            Self::Viewer(_) | Self::Member(_) => None,
            Self::Onlooker(onlooker) => Some(onlooker.lens),
        }
    }

    /// The subject's business unit, if it has one and not several: what usage is counted by.
    #[must_use]
    pub fn business_unit(&self) -> Option<&BusinessUnit> {
        only_unit(self.subject())
    }

    /// The realm, for audit.
    #[must_use]
    pub fn realm(&self) -> Realm {
        match self {
            Self::Viewer(_) => Realm::Embed,
            Self::Member(_) | Self::Onlooker(_) => Realm::Browser,
        }
    }

    /// The filter values that the token fixes; nobody else has any.
    #[must_use]
    pub fn locked(&self) -> Locked {
        match self {
            Self::Viewer(viewer) => {
                let parameters = viewer.claims.parameters.iter();
                parameters
                    .map(|(name, values)| (name.to_string(), values.clone()))
                    .collect()
            }
            Self::Member(_) | Self::Onlooker(_) => BTreeMap::new(),
        }
    }

    /// Whether the dashboard called `slug` is in reach at all. A token is for one dashboard, and so
    /// is a preview.
    #[must_use]
    pub fn reaches(&self, slug: &str) -> bool {
        match self {
            Self::Viewer(viewer) => viewer.claims.dashboard.as_str() == slug,
            Self::Member(_) => true,
            Self::Onlooker(onlooker) => onlooker.dashboard == slug,
        }
    }

    /// Whether they may take rows along. A viewer's token says it, a member's role does if it is one of
    /// `roles`. Whoever looks through somebody else's eyes takes nothing along.
    #[must_use]
    pub fn may_export(&self, roles: &BTreeSet<RoleName>) -> bool {
        match self {
            Self::Viewer(viewer) => viewer.claims.may(Right::ExportCsv),
            Self::Member(member) => {
                let mut own = member.person.subject.roles().iter();
                own.any(|role| roles.contains(role))
            }
            Self::Onlooker(_) => false,
        }
    }

    /// The language the reader is known to prefer.
    #[must_use]
    pub fn preferred_locale(&self) -> Option<Locale> {
        match self {
            Self::Viewer(viewer) => Some(viewer.claims.locale),
            Self::Member(member) => member.person.locale,
            Self::Onlooker(onlooker) => onlooker.admin.person.locale,
        }
    }
}
