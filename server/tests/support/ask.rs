//! Requests and answers.

use axum::body::{Body, Bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;

/// A request about to be sent.
#[derive(Debug)]
pub(crate) struct Ask(http::request::Builder, Body);

/// A `GET`.
pub(crate) fn get(target: &str) -> Ask {
    ask(Method::GET, target)
}

/// A `POST`.
pub(crate) fn post(target: &str) -> Ask {
    ask(Method::POST, target)
}

/// Any method.
pub(crate) fn ask(method: Method, target: &str) -> Ask {
    Ask(Request::builder().method(method).uri(target), Body::empty())
}

/// What a browser sends when the SDK's form opens a dashboard in the frame of `origin`.
pub(crate) fn launch(slug: &str, origin: &str, token: &str) -> Ask {
    framed(post(&format!("/embed/{slug}")))
        .header(ORIGIN.as_str(), origin)
        .form(&[("token", token)])
}

/// What a browser adds to a navigation of a frame.
pub(crate) fn framed(ask: Ask) -> Ask {
    ask.header("sec-fetch-dest", "iframe")
        .header(ACCEPT.as_str(), "text/html")
}

impl Ask {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value), self.1)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let credential = STANDARD.encode(format!("{id}:{secret}"));
        self.header(AUTHORIZATION.as_str(), &format!("Basic {credential}"))
    }

    pub(crate) fn cookie(self, pair: &str) -> Self {
        self.header(COOKIE.as_str(), pair)
    }

    /// As a browser asks for a page.
    pub(crate) fn page(self) -> Self {
        self.header(ACCEPT.as_str(), "text/html,application/xhtml+xml")
    }

    pub(crate) fn form(self, pairs: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        self.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")
            .body(body)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json")
            .body(body.to_string())
    }

    pub(crate) fn body(self, body: impl Into<Body>) -> Self {
        Self(self.0, body.into())
    }

    pub(crate) fn build(self) -> Request<Body> {
        self.0.body(self.1).unwrap()
    }
}

/// `/path?name=value&…`, encoded.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text()))
    }

    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().unwrap();
        assert!(
            values.next().is_none(),
            "`{name}` stands twice in {:?}",
            self.headers
        );
        Some(value)
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    /// The name of the problem, once its document and headers are what they have to be.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let body = self.json();
        let code = body["code"].as_str().unwrap().to_owned();
        assert_eq!(body["type"], format!("/problems/{code}"));
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["request_id"].as_str(), self.header("x-request-id"));
        assert!(
            body["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty()),
            "{body}"
        );
        assert!(
            body["detail"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{body}"
        );
        assert!(body.get("rows").is_none(), "{body}");
        code
    }

    /// Demands a status, and shows the body when it is another.
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub(crate) fn ok(self) -> Self {
        self.expect(StatusCode::OK)
    }
}
