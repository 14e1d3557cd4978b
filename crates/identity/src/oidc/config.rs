//! One identity provider as it is configured.

use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use crate::origin::is_loopback;

/// An identity provider as a configuration file writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// The issuer, byte for byte as the provider writes it.
    pub issuer: String,
    /// Weir's client id there.
    pub client_id: String,
    /// Weir's client secret there. Without one Weir is a public client.
    #[serde(default)]
    pub client_secret: Option<SecretString>,
    /// Weir's `/auth/callback`, as registered at the provider.
    pub redirect_uri: String,
    /// Scopes to ask for besides `openid`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
}

fn default_scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

/// A provider's configuration that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderConfigError {
    /// Not an issuer.
    #[error(
        "`issuer`: expected an `https` URL without query and fragment (`http` on loopback only)"
    )]
    Issuer,
    /// Not a callback.
    #[error("`redirect_uri`: expected an `https` URL without fragment (`http` on loopback only)")]
    RedirectUri,
    /// No client id.
    #[error("`client_id`: expected a text")]
    ClientId,
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be set up")]
    HttpClient,
}

/// An issuer that has been checked, and with it the rule for the provider's other endpoints.
#[derive(Debug, Clone)]
pub(super) struct Issuer {
    pub(super) text: String,
    url: Url,
}

impl Issuer {
    pub(super) fn parse(text: &str) -> Result<Self, ProviderConfigError> {
        let url = Url::parse(text).map_err(|_| ProviderConfigError::Issuer)?;
        let bare = url.query().is_none() && url.fragment().is_none() && !has_credentials(&url);
        if !bare || !secure_or_loopback(&url) {
            return Err(ProviderConfigError::Issuer);
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether this provider may name `endpoint` as one of its own. What the provider says about
    /// itself must not send Weir to another protocol, or to machines inside the network by address.
    pub(super) fn may_use(&self, endpoint: &Url) -> bool {
        if has_credentials(endpoint) {
            return false;
        }
        if endpoint.host() == self.url.host() {
            return endpoint.scheme() == "https" || endpoint.scheme() == self.url.scheme();
        }
        if self.is_loopback() {
            return is_loopback(endpoint);
        }
        let by_name = matches!(endpoint.host(), Some(Host::Domain(name)) if name != "localhost");
        endpoint.scheme() == "https" && by_name
    }
}

/// Checks the address the provider is to send browsers back to.
pub(super) fn check_redirect_uri(text: &str) -> Result<(), ProviderConfigError> {
    let url = Url::parse(text).map_err(|_| ProviderConfigError::RedirectUri)?;
    if url.fragment().is_some() || has_credentials(&url) || !secure_or_loopback(&url) {
        return Err(ProviderConfigError::RedirectUri);
    }
    Ok(())
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn secure_or_loopback(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_https_or_on_loopback() {
        for good in [
            "https://idp.example",
            "https://idp.example/realms/a",
            "http://127.0.0.1:8082",
            "http://localhost:8082/",
        ] {
            assert!(Issuer::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "idp.example",
            "http://idp.example",
            "https://idp.example?x",
            "https://idp.example#x",
            "https://u:p@idp.example",
            "file:///etc/passwd",
            "http://10.0.0.1",
        ] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn l28_a_provider_cannot_point_weir_into_the_network() {
        let issuer = Issuer::parse("https://idp.example").unwrap();

        let allowed = [
            "https://idp.example/jwks",
            "https://keys.idp-cdn.example/jwks",
        ];
        for url in allowed {
            assert!(issuer.may_use(&url.parse().unwrap()), "{url}");
        }
        for url in [
            "http://idp.example/jwks",
            "https://169.254.169.254/latest/meta-data",
            "https://127.0.0.1/jwks",
            "https://localhost/jwks",
            "https://[::1]/jwks",
            "https://10.0.0.1/jwks",
            "https://u:p@idp.example/jwks",
            "http://keys.idp.example/jwks",
        ] {
            assert!(!issuer.may_use(&url.parse().unwrap()), "{url}");
        }
    }

    #[test]
    fn a_provider_on_loopback_stays_on_loopback() {
        let issuer = Issuer::parse("http://127.0.0.1:8082").unwrap();

        assert!(issuer.may_use(&"http://127.0.0.1:8082/jwks".parse().unwrap()));
        assert!(issuer.may_use(&"http://localhost:9000/jwks".parse().unwrap()));
        assert!(!issuer.may_use(&"https://idp.example/jwks".parse().unwrap()));
        assert!(!issuer.may_use(&"http://169.254.169.254/".parse().unwrap()));
    }

    #[test]
    fn the_client_secret_is_not_shown() {
        let config = ProviderConfig {
            issuer: "https://idp.example".to_owned(),
            client_id: "weir".to_owned(),
            client_secret: Some("hunter2-hunter2".into()),
            redirect_uri: "https://weir.example/auth/callback".to_owned(),
            scopes: default_scopes(),
        };

        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
