//! Somebody who signed in, as a browser does it: Weir, the demo's identity provider, and back.

use anyhow::Context as _;
use bytes::Bytes;
use http::header::{COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http::{Method, Request};
use http_body_util::Full;

use super::{Answer, Web};

/// A member's session at one Weir.
#[derive(Debug, Clone)]
pub struct Member {
    weir: String,
    public: String,
    cookie: String,
}

/// A request to one Weir, under the name that browsers know it by.
#[must_use]
pub fn to_replica(public: &str, uri: &str) -> http::request::Builder {
    let host = public.strip_prefix("http://").unwrap_or(public);
    Request::builder().uri(uri).header(HOST, host)
}

impl Member {
    /// Signs `persona` in at `weir`, which browsers call `public`.
    ///
    /// # Errors
    /// Weir or its identity provider refuses.
    pub async fn sign_in(weir: &str, public: &str, persona: &str) -> anyhow::Result<Self> {
        let web = Web::new();
        let login = to_replica(public, &format!("{weir}/login?return_to=%2F"));
        let login = web.send(login.body(Full::default())?).await?;
        let asked = header(&login, LOCATION.as_str())?;
        let (provider, query) = asked.split_once('?').context("an authorization request")?;
        let picked = Request::builder()
            .method(Method::POST)
            .uri(provider)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(format!("{query}&persona={persona}")))?;
        let picked = web.send(picked).await?;
        let back = header(&picked, LOCATION.as_str())?;
        let back = back.strip_prefix(public).context("the way back to Weir")?;
        let callback = to_replica(public, &format!("{weir}{back}"));
        let callback = callback.header(COOKIE, cookie(&login, "weir_login")?);
        let callback = web.send(callback.body(Full::default())?).await?;
        Ok(Self {
            weir: weir.to_owned(),
            public: public.to_owned(),
            cookie: cookie(&callback, "weir_session")?,
        })
    }

    /// A request of theirs, from a page of Weir's own.
    #[must_use]
    pub fn request(&self, path: &str) -> http::request::Builder {
        to_replica(&self.public, &format!("{}{path}", self.weir))
            .header(COOKIE, &self.cookie)
            .header(ORIGIN, &self.public)
    }

    /// Sends a request of theirs, which must succeed.
    ///
    /// # Errors
    /// Weir refuses, or does not answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        Web::new().succeed(request).await
    }
}

/// A header that must be there.
fn header(answer: &Answer, name: &str) -> anyhow::Result<String> {
    let said = || String::from_utf8_lossy(&answer.body).into_owned();
    let value = answer.headers.get(name);
    let value = value.with_context(|| format!("{} without `{name}`: {}", answer.status, said()))?;
    Ok(value.to_str()?.to_owned())
}

/// A cookie that is set, as it is sent back.
fn cookie(answer: &Answer, name: &str) -> anyhow::Result<String> {
    let set = answer.headers.get_all(SET_COOKIE).iter();
    let set = set.filter_map(|value| value.to_str().ok()?.split(';').next());
    let mut set = set.filter(|pair| pair.split('=').next() == Some(name));
    let pair = set.next();
    Ok(pair
        .with_context(|| format!("no cookie `{name}`"))?
        .to_owned())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    #[test]
    fn a_cookie_is_sent_back_without_its_terms() {
        let mut headers = HeaderMap::new();
        for text in [
            "weir_login=; Max-Age=0",
            "weir_session=abc; Path=/; HttpOnly",
        ] {
            headers.append(SET_COOKIE, HeaderValue::from_static(text));
        }
        let answer = Answer {
            status: StatusCode::SEE_OTHER,
            headers,
            body: Bytes::new(),
        };

        assert_eq!(cookie(&answer, "weir_session").unwrap(), "weir_session=abc");
        assert!(cookie(&answer, "weir").is_err());
    }
}
