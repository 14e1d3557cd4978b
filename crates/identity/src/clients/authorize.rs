//! From what a client asks to what it may have.

use std::collections::{BTreeMap, BTreeSet};

use weir_policy::{AttributeName, BusinessUnit};

use super::client::EmbedClient;
use super::request::MintRequest;
use crate::document::nearest;
use crate::embed::claims::{EmbedGrant, Right};
use crate::name::{Slug, SubjectIssuer};

/// The kinds of refusal, stable for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalCode {
    /// The body is not a JSON object.
    Malformed,
    /// The body has a key that requests do not have.
    UnknownField,
    /// The body lacks a key.
    MissingField,
    /// A value is of the wrong kind or form.
    InvalidValue,
    /// The dashboard is not registered for the client.
    DashboardNotAllowed,
    /// The origin is not registered for the client.
    OriginNotAllowed,
    /// The business unit is not registered for the client.
    BusinessUnitNotAllowed,
    /// The attribute, or this value of it, is not registered for the client.
    AttributeNotAllowed,
    /// The right is not registered for the client.
    RightNotAllowed,
    /// The lifetime is longer than registered, or no time at all.
    LifetimeNotAllowed,
    /// The client may not exchange tokens.
    ExchangeNotAllowed,
}

impl RefusalCode {
    /// The stable word for problem documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownField => "unknown_field",
            Self::MissingField => "missing_field",
            Self::InvalidValue => "invalid_value",
            Self::DashboardNotAllowed => "dashboard_not_allowed",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::BusinessUnitNotAllowed => "business_unit_not_allowed",
            Self::AttributeNotAllowed => "attribute_not_allowed",
            Self::RightNotAllowed => "right_not_allowed",
            Self::LifetimeNotAllowed => "lifetime_not_allowed",
            Self::ExchangeNotAllowed => "exchange_not_allowed",
        }
    }

    /// Whether the request was understood and the registration forbids it (403), rather than the
    /// request being wrong (400 or 422).
    #[must_use]
    pub fn is_forbidden(self) -> bool {
        !matches!(
            self,
            Self::Malformed | Self::UnknownField | Self::MissingField | Self::InvalidValue
        )
    }
}

/// Why a token is not minted. Meant for the client's developer: it names the field, and never
/// repeats a value of the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pointer}`: {detail}")]
pub struct MintRefusal {
    code: RefusalCode,
    pointer: String,
    detail: String,
}

impl MintRefusal {
    pub(super) fn new(
        code: RefusalCode,
        pointer: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            code,
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }

    /// The kind of refusal.
    #[must_use]
    pub fn code(&self) -> RefusalCode {
        self.code
    }

    /// The JSON pointer (RFC 6901) of the field that is wrong; empty for the whole body.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// A sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl EmbedClient {
    /// Checks a request against the registration.
    ///
    /// # Errors
    /// The first thing the registration does not allow.
    pub fn authorize(&self, request: MintRequest) -> Result<EmbedGrant, MintRefusal> {
        self.check_place(&request)?;
        Ok(EmbedGrant {
            subject_issuer: SubjectIssuer::of_client(self.id()),
            client_id: self.id().clone(),
            business_units: self.allowed_units(&request.business_units)?,
            attributes: self.allowed_attributes(request.attributes)?,
            roles: self.roles().clone(),
            rights: self.allowed_rights(&request.rights)?,
            lifetime_seconds: self.allowed_lifetime(request.expires_in)?,
            viewer: request.viewer,
            dashboard: request.dashboard,
            origin: request.origin,
            locale: request.locale,
            parameters: request.parameters,
        })
    }

    fn check_place(&self, request: &MintRequest) -> Result<(), MintRefusal> {
        if !self.dashboards().contains(&request.dashboard) {
            let registered = self.dashboards().iter().map(Slug::as_str);
            return Err(not_registered(
                RefusalCode::DashboardNotAllowed,
                "/dashboard",
                "dashboard",
                nearest(request.dashboard.as_str(), registered),
            ));
        }
        if !self.origins().contains(&request.origin) {
            return Err(not_registered(
                RefusalCode::OriginNotAllowed,
                "/origin",
                "origin",
                None,
            ));
        }
        Ok(())
    }

    fn allowed_units(&self, units: &[String]) -> Result<BTreeSet<BusinessUnit>, MintRefusal> {
        let allow = |(index, text): (usize, &String)| {
            let unit = BusinessUnit::parse(text.as_str()).ok();
            unit.filter(|unit| self.business_units().contains(unit))
                .ok_or_else(|| {
                    let registered = self.business_units().iter().map(BusinessUnit::as_str);
                    not_registered(
                        RefusalCode::BusinessUnitNotAllowed,
                        format!("/business_units/{index}"),
                        "business unit",
                        nearest(text, registered),
                    )
                })
        };
        units.iter().enumerate().map(allow).collect()
    }

    fn allowed_attributes(
        &self,
        attributes: BTreeMap<String, Vec<String>>,
    ) -> Result<BTreeMap<AttributeName, BTreeSet<String>>, MintRefusal> {
        let code = RefusalCode::AttributeNotAllowed;
        let allow = |(name, values): (String, Vec<String>)| {
            let pointer = format!("/attributes/{}", name.replace('~', "~0").replace('/', "~1"));
            let parsed = AttributeName::parse(name.as_str()).ok();
            let registered = parsed.and_then(|name| self.attributes().get_key_value(&name));
            let Some((name, allowed)) = registered else {
                let known = self.attributes().keys().map(AttributeName::as_str);
                return Err(not_registered(
                    code,
                    pointer,
                    "attribute",
                    nearest(&name, known),
                ));
            };
            if let Some(index) = values.iter().position(|value| !allowed.allow(value)) {
                let pointer = format!("{pointer}/{index}");
                return Err(not_registered(code, pointer, "attribute value", None));
            }
            Ok((name.clone(), values.into_iter().collect()))
        };
        attributes.into_iter().map(allow).collect()
    }

    fn allowed_rights(&self, rights: &[Right]) -> Result<BTreeSet<Right>, MintRefusal> {
        match rights
            .iter()
            .position(|right| !self.rights().contains(right))
        {
            None => Ok(rights.iter().copied().collect()),
            Some(index) => Err(not_registered(
                RefusalCode::RightNotAllowed,
                format!("/rights/{index}"),
                "right",
                None,
            )),
        }
    }

    fn allowed_lifetime(&self, asked: Option<i64>) -> Result<i64, MintRefusal> {
        let most = self.max_lifetime_seconds();
        match asked {
            None => Ok(most),
            Some(seconds) if (1..=most).contains(&seconds) => Ok(seconds),
            Some(_) => Err(MintRefusal::new(
                RefusalCode::LifetimeNotAllowed,
                "/expires_in",
                format!("tokens of this client live between 1 and {most} seconds"),
            )),
        }
    }
}

fn not_registered(
    code: RefusalCode,
    pointer: impl Into<String>,
    what: &str,
    nearest: Option<String>,
) -> MintRefusal {
    let hint = nearest
        .map(|name| format!(", did you mean `{name}`?"))
        .unwrap_or_default();
    let detail = format!("this {what} is not registered for the client{hint}");
    MintRefusal::new(code, pointer, detail)
}
