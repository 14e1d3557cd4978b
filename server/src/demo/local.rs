//! What both demo services need to stay on this machine: local origins, a guard of the `Host` header.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::{Host, Url};

use super::DemoError;

/// An `http` address whose host is this machine. Holding one means it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocalUrl(Url);

impl LocalUrl {
    pub(super) fn parse(setting: &'static str, raw: &str) -> Result<Self, DemoError> {
        let refused = || DemoError::NotLocal {
            setting,
            value: raw.to_owned(),
        };
        let url = Url::parse(raw).map_err(|_| refused())?;
        let local = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let plain = url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
        if local && plain {
            Ok(Self(url))
        } else {
            Err(refused())
        }
    }

    /// The origin as browsers write it, without a slash at the end.
    pub(super) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Host and port as they stand in a `Host` header.
    pub(super) fn authority(&self) -> String {
        self.0.authority().to_owned()
    }

    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

/// Answers only under its own name, so that a foreign page cannot reach the demo by DNS rebinding.
pub(super) async fn only_own_host(
    State(authority): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next().map(HeaderValue::as_bytes), hosts.next()) {
        (Some(host), None) if host == authority.as_bytes() => next.run(request).await,
        _ => StatusCode::MISDIRECTED_REQUEST.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_addresses_of_this_machine_are_local() {
        for good in [
            "http://127.0.0.1:8080",
            "http://localhost:1",
            "http://[::1]:8080/",
        ] {
            assert!(LocalUrl::parse("x", good).is_ok(), "{good}");
        }
        for bad in [
            "https://weir.example",
            "http://weir.example",
            "http://127.0.0.1.evil.example",
            "http://0.0.0.0:8080",
            "http://user@127.0.0.1",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "",
        ] {
            assert!(LocalUrl::parse("x", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_has_no_slash_at_the_end() {
        let url = LocalUrl::parse("x", "http://127.0.0.1:8081/").unwrap();

        assert_eq!(url.origin(), "http://127.0.0.1:8081");
        assert_eq!(url.authority(), "127.0.0.1:8081");
    }
}
