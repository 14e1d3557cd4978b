//! Web origins, compared as the exact ASCII text a browser sends.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::name::NameError;

const EXPECTED: &str = "an origin such as `https://crm.example` or `http://127.0.0.1:8081`: scheme, \
     host and optional port in the form a browser sends, `http` on loopback only, no path, no wildcard";

/// Where a host page lives: `https://crm.example`, or `http` on loopback.
///
/// The text is exactly what a browser puts into its `Origin` header, so that comparing two
/// origins is comparing two strings.
///
/// ```
/// use weir_identity::Origin;
///
/// assert!(Origin::parse("https://crm.example").is_ok());
/// assert!(Origin::parse("https://crm.example/").is_err());
/// assert!(Origin::parse("https://*.example").is_err());
/// assert!(Origin::parse("null").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// Accepts only the canonical form of an `https` origin, or of an `http` one on loopback.
    ///
    /// # Errors
    /// When the text is anything else: another scheme, a path, a wildcard, `null`.
    pub fn parse(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        let refused = NameError::new(EXPECTED);
        if text.len() > 255 || text.contains('*') {
            return Err(refused);
        }
        let Ok(url) = Url::parse(&text) else {
            return Err(refused);
        };
        let scheme_allowed = match url.scheme() {
            "https" => true,
            "http" => is_loopback(&url),
            _ => false,
        };
        let canonical = url.origin().ascii_serialization() == text;
        if scheme_allowed && canonical {
            Ok(Self(text))
        } else {
            Err(refused)
        }
    }

    /// The origin as a browser sends it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Origin {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> String {
        origin.0
    }
}

/// Whether a URL names this very machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_origins_are_accepted() {
        for good in [
            "https://crm.example",
            "https://crm.example:8443",
            "https://xn--bcher-kva.example",
            "http://127.0.0.1:8081",
            "http://localhost:3000",
            "http://[::1]:3000",
        ] {
            assert_eq!(Origin::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn everything_that_is_not_an_exact_origin_is_refused() {
        for bad in [
            "",
            "null",
            "*",
            "https://*",
            "https://*.example",
            "http://crm.example",
            "https://crm.example/",
            "https://crm.example/path",
            "https://crm.example?x",
            "https://crm.example#x",
            "https://u:p@crm.example",
            "https://CRM.example",
            "https://crm.example:443",
            "https://bücher.example",
            " https://crm.example",
            "https://crm.example ",
            "ftp://crm.example",
            "file:///etc",
            "javascript:alert(1)",
            "https://",
            "https:crm.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://0.0.0.0:80",
            "http://169.254.169.254",
        ] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }
}
