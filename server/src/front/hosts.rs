//! The names that Weir answers to. A page of another name that was made to point here (DNS
//! rebinding), and a proxy that routes by another name than Weir reads, find nobody (H1, H2).

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use http::header::HOST;
use http::{HeaderMap, Request, Uri};
use url::Url;

use crate::problem::Slug;

/// Probes ask the machine, not the name.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The names, as they stand in `Host`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hosts(Arc<BTreeSet<String>>);

impl Hosts {
    /// That of `public_url`, and `more`.
    #[must_use]
    pub fn new(public_url: &Url, more: &[String]) -> Self {
        let mut names: BTreeSet<_> = more.iter().map(|name| name.to_ascii_lowercase()).collect();
        if let Some(host) = public_url.host_str() {
            let port = public_url.port_or_known_default().unwrap_or_default();
            names.insert(format!("{host}:{port}"));
            // Browsers leave out the port that the scheme has anyway.
            if public_url.port().is_none() {
                names.insert(host.to_owned());
            }
        }
        Self(Arc::new(names))
    }

    /// What is wrong with whom a request is for, that came to the socket `local`.
    pub(crate) fn flaw<B>(&self, request: &Request<B>, local: Option<SocketAddr>) -> Option<Slug> {
        let Ok(name) = name(request.uri(), request.headers()) else {
            return Some(Slug::InvalidRequest);
        };
        let probe = PROBES.contains(&request.uri().path());
        let known = probe || self.0.contains(&name) || is_itself(&name, local);
        (!known).then_some(Slug::MisdirectedRequest)
    }
}

/// The one name that a request says it is for.
fn name(uri: &Uri, headers: &HeaderMap) -> Result<String, ()> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (host, None) => host.map(|host| host.to_str().map(str::to_ascii_lowercase)),
        _ => return Err(()),
    };
    let authority = uri
        .authority()
        .map(|name| name.as_str().to_ascii_lowercase());
    match (authority, host) {
        (Some(authority), None) => Ok(authority),
        (None, Some(Ok(host))) => Ok(host),
        (Some(authority), Some(Ok(host))) if authority == host => Ok(host),
        _ => Err(()),
    }
}

/// A loopback socket's own address is nobody else's name.
fn is_itself(name: &str, local: Option<SocketAddr>) -> bool {
    local.is_some_and(|local| local.ip().is_loopback() && name.parse() == Ok(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(public_url: &str) -> Hosts {
        let url = Url::parse(public_url).unwrap_or_else(|_| unreachable!("a good URL"));
        Hosts::new(&url, &["Weir.Internal:8080".to_owned()])
    }

    fn flaw(hosts: &Hosts, target: &str, host: Option<&str>) -> Option<Slug> {
        let mut request = Request::builder().uri(target);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let local = "127.0.0.1:4711".parse().ok();
        let request = request
            .body(())
            .unwrap_or_else(|_| unreachable!("a good request"));
        hosts.flaw(&request, local)
    }

    #[test]
    fn weir_answers_to_its_own_names() {
        let hosts = hosts("https://weir.example");
        for name in [
            "weir.example",
            "WEIR.example:443",
            "weir.internal:8080",
            "127.0.0.1:4711",
        ] {
            assert_eq!(flaw(&hosts, "/", Some(name)), None, "{name}");
        }
        for name in [
            "evil.example",
            "weir.example.evil.example",
            "weir.example:80",
            "127.0.0.1",
            "weir.internal",
        ] {
            assert_eq!(
                flaw(&hosts, "/", Some(name)),
                Some(Slug::MisdirectedRequest),
                "{name}"
            );
        }
    }

    #[test]
    fn a_target_that_names_a_host_counts_as_the_host() {
        let hosts = hosts("https://weir.example");
        assert_eq!(flaw(&hosts, "http://weir.example/", None), None);
        assert_eq!(
            flaw(&hosts, "http://evil.example/", None),
            Some(Slug::MisdirectedRequest)
        );
        assert_eq!(
            flaw(&hosts, "http://evil.example/", Some("weir.example")),
            Some(Slug::InvalidRequest)
        );
        assert_eq!(flaw(&hosts, "/", None), Some(Slug::InvalidRequest));
    }

    #[test]
    fn a_port_in_the_public_address_belongs_to_the_name() {
        let hosts = hosts("http://127.0.0.1:8080");
        assert_eq!(flaw(&hosts, "/", Some("127.0.0.1:8080")), None);
        assert!(flaw(&hosts, "/", Some("127.0.0.1")).is_some());
    }

    #[test]
    fn probes_may_call_it_what_they_like() {
        let hosts = hosts("https://weir.example");
        assert_eq!(flaw(&hosts, "/readyz", Some("10.0.0.7:8080")), None);
        assert!(flaw(&hosts, "/readyz/", Some("10.0.0.7:8080")).is_some());
    }
}
