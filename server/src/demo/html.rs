//! Pages of the demo: escaped by construction, in two languages, under a policy without inline script.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The two languages of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    French,
    English,
}

impl Language {
    /// The wish in the address first, then the browser's languages, in its order.
    pub(super) fn choose(wish: Option<&str>, headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        wish.into_iter()
            .flat_map(|wish| wish.split(' '))
            .chain(accepted.into_iter().flat_map(|list| list.split(',')))
            .find_map(Self::from_tag)
            .unwrap_or(Self::English)
    }

    fn from_tag(tag: &str) -> Option<Self> {
        match tag.trim().split(['-', ';']).next()? {
            "fr" => Some(Self::French),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    pub(super) fn locale(self) -> &'static str {
        match self {
            Self::French => "fr-CA",
            Self::English => "en-CA",
        }
    }

    pub(super) fn pick<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }
}

/// Markup that may stand in a page. Text becomes markup only through [`Html::text`].
#[derive(Debug, Clone, Default)]
pub(super) struct Html(String);

impl Html {
    /// Escapes `raw` for element content and quoted attributes.
    pub(super) fn text(raw: &str) -> Self {
        let mut escaped = String::with_capacity(raw.len());
        for character in raw.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        Self(escaped)
    }

    /// Markup written in this program.
    pub(super) fn markup(fixed: &'static str) -> Self {
        Self(fixed.to_owned())
    }

    /// Replaces each `{{slot}}` of a template. What is filled in is not looked at again.
    pub(super) fn fill(template: &'static str, slot: impl Fn(&str) -> Option<Self>) -> Self {
        let mut page = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            page.push_str(before);
            let Some((name, after)) = after.split_once("}}") else {
                rest = after;
                break;
            };
            match slot(name) {
                Some(Self(content)) => page.push_str(&content),
                // Kept visible, and found by the tests of every page.
                None => {
                    let _ = write!(page, "{{{{{name}}}}}");
                }
            }
            rest = after;
        }
        page.push_str(rest);
        Self(page)
    }

    #[cfg(test)]
    fn into_string(self) -> String {
        self.0
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(parts: I) -> Self {
        Self(parts.into_iter().map(|Html(part)| part).collect())
    }
}

/// A whole page with its own Content-Security-Policy.
pub(super) fn page(status: StatusCode, policy: &str, Html(body): Html) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    match HeaderValue::from_str(policy) {
        Ok(policy) => headers.insert(header::CONTENT_SECURITY_POLICY, policy),
        // A page without its policy is not sent.
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    response
}

/// Headers every answer of a demo service carries.
pub(super) fn harden(mut response: Response, referrer: &'static str) -> Response {
    const ALWAYS: [(HeaderName, &str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_neither_markup_nor_a_slot() {
        let page = Html::fill("<b title=\"{{a}}\">{{b}}</b>", |slot| {
            Some(Html::text(match slot {
                "a" => "\" onload='x'",
                _ => "{{a}}<script>&",
            }))
        });

        assert_eq!(
            page.into_string(),
            "<b title=\"&quot; onload=&#39;x&#39;\">{{a}}&lt;script&gt;&amp;</b>"
        );
    }

    #[test]
    fn the_address_decides_the_language_before_the_browser_does() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT_LANGUAGE,
            HeaderValue::from_static("de, fr-CA;q=0.9, en"),
        );

        assert_eq!(Language::choose(None, &headers), Language::French);
        assert_eq!(
            Language::choose(Some("es en-CA"), &headers),
            Language::English
        );
        assert_eq!(
            Language::choose(Some("<x>"), &HeaderMap::new()),
            Language::English
        );
    }
}
