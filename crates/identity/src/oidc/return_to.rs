//! Where a browser goes after signing in: a path of Weir itself and nothing else.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::name::NameError;

const MAX_BYTES: usize = 2048;

/// Paths that are no places to arrive at: they sign in or out, belong to another realm, or answer
/// programs.
const NOT_PAGES: [&str; 5] = ["login", "logout", "auth", "embed", "api"];

/// A page of Weir to return to: an absolute path with an optional query, spelled plainly.
///
/// ```
/// use weir_identity::ReturnTo;
///
/// assert_eq!(ReturnTo::or_home(Some("/d/finance-overview?region=QC")).as_str(), "/d/finance-overview?region=QC");
/// assert_eq!(ReturnTo::or_home(Some("//evil.example")).as_str(), "/");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Accepts a plain same-origin path.
    ///
    /// # Errors
    /// For anything a browser might read as another origin, however it is spelled, and for paths
    /// that are no pages.
    pub fn parse(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if is_plain_path(&text) && is_page(&text) {
            Ok(Self(text))
        } else {
            Err(NameError::new(
                "a path of this site, such as `/d/finance-overview`",
            ))
        }
    }

    /// The wished path if it may be gone to, and the home page otherwise.
    #[must_use]
    pub fn or_home(wish: Option<&str>) -> Self {
        wish.and_then(|text| Self::parse(text).ok())
            .unwrap_or_else(Self::home)
    }

    /// The home page.
    #[must_use]
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// The path, for a `Location` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ReturnTo {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl From<ReturnTo> for String {
    fn from(path: ReturnTo) -> String {
        path.0
    }
}

/// The path holds characters that every URL parser reads alike; a percent sign is allowed in the
/// query only, where it cannot make a path mean something else after decoding.
fn is_plain_path(text: &str) -> bool {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    text.len() <= MAX_BYTES
        && path.starts_with('/')
        && !path.contains("//")
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b))
        && path.split('/').all(|segment| !segment.starts_with('.'))
        && query
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~%&=+,".contains(&b))
        && stays_put(text)
}

/// The second opinion: a browser's own algorithm arrives where we think it does.
fn stays_put(text: &str) -> bool {
    let Ok(here) = Url::parse("https://weir.invalid/") else {
        return false;
    };
    let Ok(there) = here.join(text) else {
        return false;
    };
    there.origin() == here.origin()
        && there.as_str().strip_prefix("https://weir.invalid") == Some(text)
}

fn is_page(text: &str) -> bool {
    let first = text
        .trim_start_matches('/')
        .split(['/', '?'])
        .next()
        .unwrap_or_default();
    !NOT_PAGES
        .iter()
        .any(|name| first.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_weir_are_returned_to() {
        for good in [
            "/",
            "/d/finance-overview",
            "/d/finance-overview?region=QC&from=2026-01-01",
            "/d/x?q=a%20b",
            "/admin/policies/gold.statements",
            "/authors",
        ] {
            assert_eq!(ReturnTo::or_home(Some(good)).as_str(), good);
        }
        assert_eq!(ReturnTo::or_home(None), ReturnTo::home());
    }

    /// Ways of starting a redirect elsewhere.
    const STARTS: &[&str] = &[
        "//",
        "///",
        "////",
        "/\\",
        "\\/",
        "\\\\",
        "/\\/",
        "/\\\\",
        "\\",
        "/\t/",
        "\t//",
        "/\n/",
        "\n//",
        "/\r\n/",
        " //",
        "/ /",
        "/%09/",
        "/%0a/",
        "/%0d%0a/",
        "/%2f",
        "/%2F/",
        "%2f%2f",
        "/%5c",
        "/%5C/",
        "%5c%5c",
        "/.//",
        "/..//",
        "/./\\",
        "/../\\",
        "/;//",
        "/?/../..//",
        "http://",
        "https://",
        "HTTP://",
        "https:",
        "https:/",
        "https:\\\\",
        "http:///",
        "ftp://",
        "ws://",
        "javascript:",
        "javascript://",
        "java\tscript:",
        "data:text/html,",
        "vbscript:",
        "file://",
        "blob:https://",
        "/\u{3000}/",
        "/\u{2028}/",
        "/\u{feff}/",
        "\u{ff0f}\u{ff0f}",
        "/\u{2215}",
        "@",
        "/@//",
        "//weir.example@",
        "https://weir.example@",
        "//weir.example.",
        "/\0/",
        "\0//",
        "/%00/",
        ".//",
        "..//",
        "?//",
        "#//",
        "",
    ];

    /// Ways of naming the elsewhere.
    const TARGETS: &[&str] = &[
        "evil.example",
        "evil.example/d/x",
        "evil.example:443",
        "127.0.0.1",
        "[::1]",
        "0x7f000001",
        "\u{ff45}vil.example",
        "evil%E3%80%82example",
    ];

    fn spellings() -> Vec<String> {
        let all = STARTS
            .iter()
            .flat_map(|start| TARGETS.iter().map(move |end| [*start, *end].concat()));
        all.collect()
    }

    #[test]
    fn l1_no_spelling_of_another_origin_is_returned_to() {
        let spellings = spellings();
        assert!(spellings.len() >= 300, "{}", spellings.len());

        for wish in spellings {
            let went = ReturnTo::or_home(Some(&wish));
            assert_eq!(went, ReturnTo::home(), "{wish:?}");
        }
    }

    #[test]
    fn l2_odd_wishes_lead_home() {
        let long = format!("/d/{}", "a".repeat(10_000));
        for wish in [
            "/auth/logout",
            "/AUTH/callback",
            "/login",
            "/login?next=/",
            "/logout",
            "/embed/x",
            "/api/v1/audit",
            "/d/x\r\nSet-Cookie: a=b",
            "/d/x#f",
            "/d/../login",
            "/d/./x",
            "/d/%2e%2e/x",
            "/d/x?a=<script>",
            "/d/x?a='",
            "/d/é",
            "d/x",
            "",
            "?",
            " /d/x",
            "/d/x ",
            "/d//x",
            &long,
        ] {
            assert_eq!(ReturnTo::or_home(Some(wish)), ReturnTo::home(), "{wish:?}");
        }
    }
}
