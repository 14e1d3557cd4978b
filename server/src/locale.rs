//! Which language a request wants.

use axum::extract::Request;
use http::header::ACCEPT_LANGUAGE;
use weir_query::Locale;

/// What the URL says, else what the browser prefers, else English.
#[must_use]
pub fn requested_locale(request: &Request) -> Locale {
    let query = request.uri().query().unwrap_or_default();
    let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "locale");
    named
        .and_then(|(_, tag)| Locale::from_tag(&tag))
        .unwrap_or_else(|| browser_locale(request.headers()))
}

/// The first of the browser's languages that Weir speaks.
#[must_use]
pub fn browser_locale(headers: &http::HeaderMap) -> Locale {
    let preferred = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let mut tags = preferred
        .unwrap_or_default()
        .split(',')
        .map(|tag| tag.trim().to_ascii_lowercase());
    let spoken = |tag: String| match tag.get(..2) {
        Some("fr") => Some(Locale::FrCa),
        Some("en") => Some(Locale::EnCa),
        _ => None,
    };
    tags.find_map(spoken).unwrap_or_default()
}
