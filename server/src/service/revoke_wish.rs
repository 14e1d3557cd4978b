//! What somebody wants to revoke or lock, and whether there is such a thing.

use serde::Deserialize;
use utoipa::ToSchema;
use weir_identity::{ClientId, Slug, TokenId};
use weir_policy::BusinessUnit;
use weir_registry::{Label, LockdownScope, Revoked};

use crate::content::Content;
use crate::object;

/// The longest name of an issuer or a subject, in characters.
const NAME: usize = 512;

/// Which tokens: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokensWish {
    /// One token, by its id.
    Jti(String),
    /// A token and all that were got by it.
    Family(String),
    /// All tokens about somebody.
    Subject(#[serde(deserialize_with = "object::fields")] SubjectWish),
    /// All tokens that carry a business unit.
    BusinessUnit(String),
    /// All tokens for a dashboard.
    Dashboard(String),
    /// All tokens of a client.
    Client(String),
    /// Every token: say `true`.
    All(bool),
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectWish {
    /// Who vouches for them. A client that says nothing means its own word.
    issuer: Option<String>,
    /// Who they are there.
    sub: String,
}

/// Why a wish means nothing: where in it, and what was expected. Nothing of it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaningless {
    /// Where.
    pub pointer: &'static str,
    /// What was expected.
    pub expected: String,
}

impl TokensWish {
    /// Somebody, as a form has them.
    #[must_use]
    pub fn subject(issuer: &str, sub: &str) -> Self {
        Self::Subject(SubjectWish {
            issuer: Some(issuer.to_owned()),
            sub: sub.to_owned(),
        })
    }

    /// What an admin means by it.
    ///
    /// # Errors
    /// [`Meaningless`]: no such dashboard or unit, or a name that is none.
    pub fn of_an_admin(self, content: &Content) -> Result<Revoked, Meaningless> {
        match self {
            Self::Subject(SubjectWish { issuer: None, .. }) => Err(meaningless(
                "/target/subject/issuer",
                "say who vouches for the subject",
            )),
            other => other.read(content, ""),
        }
    }

    /// What a client means by it, who may name one token, one family or one of its subjects.
    ///
    /// # Errors
    /// [`Meaningless`]: anything else, or a name that is none.
    pub fn of_a_client(self, content: &Content, own: &str) -> Result<Revoked, Meaningless> {
        match self {
            Self::Jti(_) | Self::Family(_) | Self::Subject(_) => self.read(content, own),
            _ => Err(meaningless(
                "/target",
                "a client may name a `jti`, a `family` or a `subject` of its own",
            )),
        }
    }

    fn read(self, content: &Content, own: &str) -> Result<Revoked, Meaningless> {
        Ok(match self {
            Self::Jti(id) => Revoked::Jti {
                jti: token("/target/jti", id)?,
            },
            Self::Family(id) => Revoked::Family {
                family: token("/target/family", id)?,
            },
            Self::Subject(SubjectWish { issuer, sub }) => Revoked::Subject {
                issuer: name("/target/subject/issuer", issuer.as_deref().unwrap_or(own))?,
                sub: name("/target/subject/sub", &sub)?,
            },
            Self::BusinessUnit(unit) => Revoked::BusinessUnit {
                unit: self::unit("/target/business_unit", &unit)?,
            },
            Self::Dashboard(slug) => Revoked::Dashboard {
                dashboard: known_dashboard("/target/dashboard", &slug, content)?,
            },
            Self::Client(id) => {
                let id = ClientId::parse(id).map_err(|error| wrong("/target/client", &error))?;
                Revoked::Client {
                    client: label("/target/client", id.as_str())?,
                }
            }
            Self::All(true) => Revoked::All,
            Self::All(false) => return Err(meaningless("/target/all", "say `true`")),
        })
    }
}

/// Reads `all`, `dashboard:X` or `business_unit:B`.
///
/// # Errors
/// [`Meaningless`]: another word, or no such dashboard or unit.
pub fn scope(text: &str, content: &Content) -> Result<LockdownScope, Meaningless> {
    match text.split_once(':') {
        None if text == "all" => Ok(LockdownScope::All),
        Some(("dashboard", slug)) => {
            known_dashboard("/scope", slug, content).map(LockdownScope::Dashboard)
        }
        Some(("business_unit", unit)) => {
            self::unit("/scope", unit).map(LockdownScope::BusinessUnit)
        }
        _ => Err(meaningless(
            "/scope",
            "`all`, `dashboard:` and its name, or `business_unit:` and its name",
        )),
    }
}

/// Reads the same for what is locked already, whether or not the content knows it any more.
#[must_use]
pub fn locked_scope(text: &str) -> Option<LockdownScope> {
    match text.split_once(':') {
        None => (text == "all").then_some(LockdownScope::All),
        Some(("dashboard", slug)) => Label::parse(slug).ok().map(LockdownScope::Dashboard),
        Some(("business_unit", unit)) => BusinessUnit::parse(unit)
            .ok()
            .map(LockdownScope::BusinessUnit),
        Some(_) => None,
    }
}

/// How a scope is written.
#[must_use]
pub fn spelled(scope: &LockdownScope) -> String {
    match scope {
        LockdownScope::All => "all".to_owned(),
        LockdownScope::Dashboard(dashboard) => format!("dashboard:{dashboard}"),
        LockdownScope::BusinessUnit(unit) => format!("business_unit:{}", unit.as_str()),
    }
}

fn known_dashboard(
    pointer: &'static str,
    slug: &str,
    content: &Content,
) -> Result<Label, Meaningless> {
    let slug = Slug::parse(slug).map_err(|error| wrong(pointer, &error))?;
    if content.dashboard(slug.as_str()).is_none() {
        return Err(meaningless(pointer, "there is no dashboard of that name"));
    }
    label(pointer, slug.as_str())
}

/// Units are named by whoever vouches for people; the content need not know them.
fn unit(pointer: &'static str, unit: &str) -> Result<BusinessUnit, Meaningless> {
    BusinessUnit::parse(unit).map_err(|error| wrong(pointer, &error))
}

fn token(pointer: &'static str, id: String) -> Result<Label, Meaningless> {
    let id = TokenId::parse(id).map_err(|error| wrong(pointer, &error))?;
    label(pointer, id.as_str())
}

fn label(pointer: &'static str, text: &str) -> Result<Label, Meaningless> {
    Label::parse(text).map_err(|error| wrong(pointer, &error))
}

fn name(pointer: &'static str, text: &str) -> Result<String, Meaningless> {
    let length = text.chars().count();
    let good = (1..=NAME).contains(&length) && !text.chars().any(char::is_control);
    if good {
        Ok(text.to_owned())
    } else {
        Err(meaningless(pointer, "1 to 512 characters on one line"))
    }
}

fn wrong(pointer: &'static str, error: &impl ToString) -> Meaningless {
    meaningless(pointer, &error.to_string())
}

fn meaningless(pointer: &'static str, expected: &str) -> Meaningless {
    Meaningless {
        pointer,
        expected: expected.to_owned(),
    }
}
