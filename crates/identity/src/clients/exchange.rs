//! The body of `POST /api/v1/embed-tokens/exchange` (RFC 8693 §2.1), and what becomes of it: the
//! claims of a person's own token say who is looking, not the host.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde_json::{Map, Value};
use weir_policy::Locale;

use super::authorize::{MintRefusal, RefusalCode};
use super::client::EmbedClient;
use super::registration::ExchangeRules;
use super::request::{self, MintRequest};
use crate::document::Node;
use crate::embed::claims::{EmbedGrant, Right};
use crate::mapping::Member;
use crate::name::{NameError, ParameterName, Slug, SubjectIssuer, ViewerId};
use crate::origin::Origin;
use crate::strict_json;

/// The only grant there is.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// What comes out: an embed token is a JWT (RFC 8693 §3).
pub const ISSUED_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";

const FIELDS: [&str; 10] = [
    "grant_type",
    "subject_token",
    "subject_token_type",
    "requested_token_type",
    "dashboard",
    "origin",
    "locale",
    "parameters",
    "rights",
    "expires_in",
];

/// What kind of token says who is looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectTokenKind {
    /// An ID token (OIDC Core §2).
    IdToken,
    /// An access token (RFC 9068).
    AccessToken,
}

impl SubjectTokenKind {
    /// A word for the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdToken => "id_token",
            Self::AccessToken => "access_token",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "urn:ietf:params:oauth:token-type:id_token" => Some(Self::IdToken),
            "urn:ietf:params:oauth:token-type:access_token" => Some(Self::AccessToken),
            _ => None,
        }
    }
}

/// A person's token, and what the host wants for it.
#[derive(Debug)]
pub struct ExchangeRequest {
    /// The token of the identity provider.
    pub subject_token: SecretString,
    /// What kind it is.
    pub kind: SubjectTokenKind,
    /// The dashboard to show.
    pub dashboard: Slug,
    /// The origin of the page.
    pub origin: Origin,
    /// The language of the page; the person's own where absent.
    pub locale: Option<Locale>,
    /// Parameters the viewer cannot change.
    pub parameters: BTreeMap<ParameterName, Vec<String>>,
    /// What the viewer may do besides looking.
    pub rights: Vec<Right>,
    /// The lifetime asked for, if any.
    pub expires_in: Option<i64>,
}

impl ExchangeRequest {
    /// Reads a form. Unknown and repeated fields are refused.
    ///
    /// # Errors
    /// The first flaw, with the pointer of the field.
    pub fn from_form(body: &[u8]) -> Result<Self, MintRefusal> {
        let form = Value::Object(fields(body)?);
        let form = Node::root(&form).fields(&FIELDS)?;
        let grant = form.required("grant_type")?;
        if grant.text()? != GRANT_TYPE {
            return Err(grant.fault(format!("`{GRANT_TYPE}`")).into());
        }
        if let Some(wanted) = form.optional("requested_token_type")
            && wanted.text()? != ISSUED_TOKEN_TYPE
        {
            return Err(wanted.fault(format!("`{ISSUED_TOKEN_TYPE}`")).into());
        }
        let kind = form.required("subject_token_type")?;
        let kind = SubjectTokenKind::parse(kind.text()?).ok_or_else(|| {
            kind.fault("`urn:ietf:params:oauth:token-type:id_token` or `…:access_token`")
        })?;
        Ok(Self {
            subject_token: form.required("subject_token")?.text()?.to_owned().into(),
            kind,
            dashboard: form.required("dashboard")?.parse(Slug::parse)?,
            origin: form.required("origin")?.parse(Origin::parse)?,
            locale: form
                .optional("locale")
                .map(|node| request::locale(&node))
                .transpose()?,
            parameters: request::parameters(&form)?,
            rights: request::rights(&form)?,
            expires_in: request::expires_in(&form)?,
        })
    }

    /// The same wish as one for a token on the host's word, which is what the registration's limits
    /// are written for; units and attributes are left to the claims.
    fn as_mint(&self, viewer: ViewerId, locale: Locale) -> MintRequest {
        MintRequest {
            dashboard: self.dashboard.clone(),
            viewer,
            viewer_name: None,
            business_units: Vec::new(),
            attributes: BTreeMap::new(),
            locale,
            origin: self.origin.clone(),
            parameters: self.parameters.clone(),
            rights: self.rights.clone(),
            expires_in: self.expires_in,
        }
    }
}

/// The fields of a form as JSON: lists and objects are written inside one field.
fn fields(body: &[u8]) -> Result<Map<String, Value>, MintRefusal> {
    let malformed = |detail| MintRefusal::new(RefusalCode::Malformed, "", detail);
    let text = std::str::from_utf8(body).map_err(|_| malformed("expected a form in UTF-8"))?;
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        // What is no UTF-8 was replaced, and would be another value than was sent.
        if value.contains('\u{fffd}') {
            return Err(malformed("expected a form in UTF-8"));
        }
        let value = match name.as_ref() {
            "rights" => value.split_ascii_whitespace().map(Value::from).collect(),
            "expires_in" => value
                .parse::<i64>()
                .map_or_else(|_| value.into(), Value::from),
            "parameters" => strict_json::parse(value.as_bytes()).map_err(|_| {
                MintRefusal::new(
                    RefusalCode::InvalidValue,
                    "/parameters",
                    "expected one JSON object",
                )
            })?,
            _ => Value::from(value.into_owned()),
        };
        if fields.insert(name.into_owned(), value).is_some() {
            return Err(malformed("some field appears twice"));
        }
    }
    Ok(fields)
}

impl EmbedClient {
    /// What the client may exchange.
    ///
    /// # Errors
    /// When its registration says nothing of it.
    pub fn exchange_rules(&self) -> Result<&ExchangeRules, MintRefusal> {
        let rules = self.registration().exchange.as_ref();
        rules.ok_or_else(|| {
            let detail = "the client's registration has no `exchange`";
            MintRefusal::new(RefusalCode::ExchangeNotAllowed, "", detail)
        })
    }

    /// A grant for `person`, whom the identity provider vouches for: what their claims give them and
    /// the registration allows. What it does not allow is left out; what the host itself asked for
    /// beyond it is refused.
    ///
    /// # Errors
    /// The first thing the registration does not allow.
    pub fn exchange(
        &self,
        request: &ExchangeRequest,
        person: &Member,
    ) -> Result<EmbedGrant, MintRefusal> {
        let rules = self.exchange_rules()?;
        let subject = &person.subject;
        let unusable = |error: NameError| {
            let code = RefusalCode::InvalidValue;
            MintRefusal::new(code, "/subject_token", error.to_string())
        };
        let viewer = ViewerId::parse(subject.id()).map_err(unusable)?;
        let subject_issuer = SubjectIssuer::parse(subject.issuer()).map_err(unusable)?;
        let locale = request.locale.or(person.locale).unwrap_or_default();
        let attributes = subject.attributes().filter_map(|(name, values)| {
            let allowed = self.attributes().get(name)?;
            let kept = values.iter().filter(|value| allowed.allow(value));
            let kept: BTreeSet<String> = kept.cloned().collect();
            (!kept.is_empty()).then(|| (name.clone(), kept))
        });
        Ok(EmbedGrant {
            subject_issuer,
            business_units: both(subject.business_units(), self.business_units()),
            roles: both(subject.roles(), &rules.roles),
            attributes: attributes.collect(),
            ..self.authorize(request.as_mint(viewer, locale))?
        })
    }
}

fn both<T: Ord + Clone>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> BTreeSet<T> {
    one.intersection(other).cloned().collect()
}
