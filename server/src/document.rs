//! HTML documents and the headers that keep them where they belong.

use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use http::{HeaderName, HeaderValue};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use weir_query::Locale;

/// A fresh random value that inline styles and scripts of one document carry (CSP 3 §2.3.1).
#[derive(Debug, Clone)]
pub struct Nonce(String);

impl Nonce {
    /// 128 random bits.
    #[must_use]
    pub fn fresh() -> Self {
        let mut bytes = [0_u8; 16];
        // Without randomness the nonce is a constant nobody may rely on: then no inline script
        // runs, since the policy names another value.
        let known = OsRng.try_fill_bytes(&mut bytes).is_ok();
        Self(if known {
            STANDARD.encode(bytes)
        } else {
            String::new()
        })
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which realm a document belongs to; decides who may frame it (invariant 7).
#[derive(Debug, Clone)]
pub enum Realm {
    /// A dashboard in the frame of the token's origin.
    Embed(String),
    /// A notice without data in the frame of any registered host.
    EmbedNotice(Vec<String>),
    /// A dashboard of the browser realm in a frame of Weir's own portal.
    Preview,
    /// A page of the browser realm: no frame at all.
    Member,
    /// The same with a sign-out form, which ends at one of these origins of identity providers.
    SignedIn(String),
    /// A page of the governance portal: the same, and no script at all.
    Portal(String),
    /// One that has previews in frames.
    Previews(String),
}

impl Realm {
    fn frame_ancestors(&self) -> String {
        match self {
            Self::Embed(origin) => origin.clone(),
            Self::EmbedNotice(origins) if !origins.is_empty() => origins.join(" "),
            Self::Preview => "'self'".to_owned(),
            Self::EmbedNotice(_)
            | Self::Member
            | Self::SignedIn(_)
            | Self::Portal(_)
            | Self::Previews(_) => "'none'".to_owned(),
        }
    }

    /// Browsers hold `form-action` against every redirect of a form, so sign-out needs its end.
    fn form_targets(&self) -> String {
        match self {
            Self::SignedIn(provider) | Self::Portal(provider) | Self::Previews(provider) => {
                format!("'self' {provider}")
            }
            Self::Embed(_) | Self::EmbedNotice(_) | Self::Preview | Self::Member => {
                "'self'".to_owned()
            }
        }
    }

    /// What a picture can't do although it is Weir's own: download, open windows, lead its page away.
    fn sandbox(&self) -> &'static str {
        match self {
            Self::Preview => "sandbox allow-forms allow-same-origin allow-scripts; ",
            _ => "",
        }
    }

    /// Which scripts may run, what they may ask for, and what may be framed.
    fn scripts(&self, nonce: &Nonce) -> String {
        match self {
            Self::Portal(_) => "script-src 'none'; connect-src 'none'".to_owned(),
            Self::Previews(_) => {
                "script-src 'none'; connect-src 'none'; frame-src 'self'".to_owned()
            }
            Self::Embed(_)
            | Self::EmbedNotice(_)
            | Self::Preview
            | Self::Member
            | Self::SignedIn(_) => format!(
                "script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self'"
            ),
        }
    }
}

/// A document that is complete.
#[must_use]
pub fn document(html: String, nonce: &Nonce, realm: &Realm) -> Response {
    streamed(Body::from(html), nonce, realm)
}

/// A document whose body may still be coming.
#[must_use]
pub fn streamed(body: Body, nonce: &Nonce, realm: &Realm) -> Response {
    let policy = format!(
        "{}default-src 'none'; {}; style-src 'nonce-{nonce}'; img-src 'self' data:; \
         base-uri 'none'; object-src 'none'; form-action {}; frame-ancestors {}",
        realm.sandbox(),
        realm.scripts(nonce),
        realm.form_targets(),
        realm.frame_ancestors()
    );
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, private"));
    // Origins are checked ASCII and nonces base64, so this is always a valid header; if it were
    // not, the default policy of the outer layer (nothing at all) would stand.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if matches!(realm, Realm::Preview) {
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    if matches!(realm, Realm::Embed(_) | Realm::EmbedNotice(_)) {
        let cross = HeaderValue::from_static("cross-origin");
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            cross,
        );
    }
    response
}

/// The page's own name for a language.
#[must_use]
pub fn page_locale(locale: Locale) -> weir_frontend::model::Locale {
    match locale {
        Locale::EnCa => weir_frontend::model::Locale::EnCa,
        Locale::FrCa => weir_frontend::model::Locale::FrCa,
    }
}
