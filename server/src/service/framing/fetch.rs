//! Looking at a page: one address, no cookies, bounded in time and size. Who asks over the network
//! gets no look at what only this machine can reach.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::BytesMut;
use http::HeaderMap;
use http::header::{ACCEPT, LOCATION};
use reqwest::redirect::Policy;
use url::{Host, Url};
use weir_identity::is_loopback;

/// How long a page may take.
const TIME: Duration = Duration::from_secs(8);

/// How much of a page is read.
const SIZE: usize = 1 << 20;

/// How many times a page may send on to another of its own origin.
const HOPS: usize = 3;

/// What may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Whatever this machine reaches: for its own operator.
    Anything,
    /// Public addresses; this machine's own only where the address names it.
    Public,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Its address, after the page sent on within its own origin.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    body: Vec<u8>,
}

/// Why there is nothing to look at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// It is not an address of the web.
    #[error("`{0}` is no http or https address")]
    Scheme(String),
    /// The name is unknown.
    #[error("`{0}` has no address")]
    Unknown(String),
    /// Only inside the network of this machine.
    #[error("`{0}` is inside a private network: look at it from there, with `weir doctor`")]
    Private(String),
    /// It leads somewhere else.
    #[error("`{0}` sends on to `{1}`, which was not looked at")]
    Leads(String, String),
    /// No answer in time.
    #[error("`{0}` does not answer: {1}")]
    Silent(String, String),
}

/// Looks at pages.
#[derive(Debug, Clone, Copy)]
pub struct Fetcher(pub Reach);

impl Fetched {
    /// An answer that is at hand.
    #[must_use]
    pub fn new(url: Url, status: u16, headers: HeaderMap, body: impl Into<Vec<u8>>) -> Self {
        Self {
            url,
            status,
            headers,
            body: body.into(),
        }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Fetcher {
    /// Looks at `url` as a frame or a page of a browser would: nothing is sent that says who asks.
    ///
    /// # Errors
    /// [`LookError`]
    pub async fn look(self, url: &Url, dest: &str) -> Result<Fetched, LookError> {
        let mut url = url.clone();
        for _ in 0..=HOPS {
            let answer = tokio::time::timeout(TIME, self.once(&url, dest)).await;
            let silent = |_| LookError::Silent(shown(&url), "it takes too long".to_owned());
            let answer = answer.map_err(silent)??;
            let Some(next) = leads_to(&answer) else {
                return Ok(answer);
            };
            // The origin was checked; what it points at was not.
            if next.origin() != url.origin() {
                return Err(LookError::Leads(shown(&url), shown(&next)));
            }
            url = next;
        }
        Err(LookError::Leads(shown(&url), shown(&url)))
    }

    async fn once(self, url: &Url, dest: &str) -> Result<Fetched, LookError> {
        let client = self.client(url).await?;
        let silent = |error: reqwest::Error| {
            LookError::Silent(shown(url), crate::problem::with_causes(&error))
        };
        let request = client
            .get(url.clone())
            .header(ACCEPT, "text/html,*/*;q=0.8")
            .header("sec-fetch-dest", dest);
        let mut answer = request.send().await.map_err(silent)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(silent)? {
            body.extend_from_slice(&part);
            if body.len() >= SIZE {
                body.truncate(SIZE);
                break;
            }
        }
        Ok(Fetched::new(url.clone(), status, headers, body.to_vec()))
    }

    /// A client for one host, which is looked up once: what was checked is what is asked.
    async fn client(self, url: &Url) -> Result<reqwest::Client, LookError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(LookError::Scheme(shown(url)));
        }
        let port = url.port_or_known_default().unwrap_or(443);
        let host = url.host().ok_or_else(|| LookError::Scheme(shown(url)))?;
        let unknown = || LookError::Unknown(host.to_string());
        let addresses: Vec<SocketAddr> = match &host {
            Host::Ipv4(ip) => vec![SocketAddr::from((*ip, port))],
            Host::Ipv6(ip) => vec![SocketAddr::from((*ip, port))],
            Host::Domain(name) => {
                let found = tokio::net::lookup_host((*name, port)).await;
                found.map_err(|_| unknown())?.collect()
            }
        };
        if addresses.is_empty() {
            return Err(unknown());
        }
        let private = addresses.iter().any(|address| !is_public(address.ip()));
        if self.0 == Reach::Public && private && !is_loopback(url) {
            return Err(LookError::Private(host.to_string()));
        }
        let name = host.to_string();
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TIME)
            .no_proxy()
            .user_agent("weir-doctor")
            .resolve_to_addrs(&name, &addresses);
        builder
            .build()
            .map_err(|error| LookError::Silent(shown(url), error.to_string()))
    }
}

fn leads_to(answer: &Fetched) -> Option<Url> {
    let to = answer.headers.get(LOCATION)?.to_str().ok()?;
    let redirects = (300..400).contains(&answer.status);
    redirects.then(|| answer.url.join(to).ok()).flatten()
}

/// Without what a query may hold.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// Whether an address is of the open network. What is not known to be is not.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let special = ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_documentation()
                || ip.is_multicast();
            let shared = a == 100 && (64..128).contains(&b);
            let protocols = a == 192 && b == 0 && c == 0;
            let benchmarks = a == 198 && (18..20).contains(&b);
            !(special || shared || protocols || benchmarks || a == 0 || a >= 240)
        }
        IpAddr::V6(ip) => {
            if let Some(inner) = ip.to_ipv4_mapped() {
                return is_public(IpAddr::V4(inner));
            }
            // Global unicast, without the parts of it that lead elsewhere (RFC 6890, 6to4, Teredo).
            let [first, second, ..] = ip.segments();
            let global = (0x2000..0x4000).contains(&first);
            let translated = first == 0x2002 || (first == 0x2001 && second < 0x0200);
            let documentation = first == 0x2001 && second == 0x0db8;
            global && !translated && !documentation
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_open_network_are_public() {
        for public in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for other in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "64:ff9b::7f00:1",
            "ff02::1",
        ] {
            assert!(!is_public(other.parse().unwrap()), "{other}");
        }
    }

    #[tokio::test]
    async fn a_private_address_is_for_operators_alone() {
        let fetcher = Fetcher(Reach::Public);
        for private in [
            "http://10.0.0.1/",
            "http://169.254.169.254/latest",
            "http://[fd00::1]/",
        ] {
            let looked = fetcher
                .look(&Url::parse(private).unwrap(), "document")
                .await;
            assert!(matches!(looked, Err(LookError::Private(_))), "{private}");
        }
        let file = Url::parse("file:///etc/passwd").unwrap();
        let looked = fetcher.look(&file, "document").await;
        assert!(matches!(looked, Err(LookError::Scheme(_))), "{looked:?}");
    }
}
