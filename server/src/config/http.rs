//! Where Weir listens, what it is called, and how much it takes at once.

use std::net::SocketAddr;

use http::uri::Authority;
use serde::Deserialize;
use url::Url;
use weir_identity::is_loopback;

use super::ConfigError;

/// Where Weir listens and what it is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// The socket to listen on.
    pub bind: SocketAddr,
    /// The origin browsers know it by: `https://weir.example`.
    pub public_url: Url,
    /// Other names it answers to, as they stand in `Host`: `weir.internal:8080`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// How many connections are open at the same time, if there are file handles for so many.
    #[serde(default = "connections")]
    pub max_connections: usize,
    /// How long requests are still taken after SIGTERM, while `/readyz` says that they should go
    /// elsewhere.
    #[serde(default = "drain_delay")]
    pub drain_delay_ms: u64,
}

/// More is better kept out by whoever stands in front.
fn connections() -> usize {
    16_384
}

/// Balancers look every few seconds.
fn drain_delay() -> u64 {
    5_000
}

/// Longer, and the process would not end within half a minute.
const LONGEST_DRAIN_DELAY: u64 = 10_000;

impl HttpConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key, problem| Err(ConfigError::Invalid { key, problem });
        let url = &self.public_url;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return invalid(
                "http.public_url",
                "expected an origin without path or query",
            );
        }
        if !(url.scheme() == "https" || is_loopback(url)) {
            return invalid(
                "http.public_url",
                "expected https; http only on a loopback address",
            );
        }
        if !self.hosts.iter().all(|host| is_name(host)) {
            return invalid("http.hosts", "expected names such as `weir.internal:8080`");
        }
        if self.max_connections == 0 {
            return invalid("http.max_connections", "expected at least 1");
        }
        if self.drain_delay_ms > LONGEST_DRAIN_DELAY {
            return invalid("http.drain_delay_ms", "expected 10000 at most");
        }
        Ok(())
    }
}

/// A host and perhaps a port. A wildcard is no name.
fn is_name(host: &str) -> bool {
    !host.contains(['@', '*']) && host.parse::<Authority>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_host_and_perhaps_a_port() {
        for good in [
            "weir.internal",
            "weir.internal:8080",
            "10.0.0.7:8080",
            "[::1]:80",
        ] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "*",
            "*.weir.example",
            "me@weir.example",
            "https://weir",
            "a b",
            "a/b",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
