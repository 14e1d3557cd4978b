//! What a form of the portal sends.

use std::collections::BTreeMap;

use axum::extract::rejection::RawFormRejection;
use axum::extract::{FromRequest, RawForm, Request};
use http::StatusCode;

use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// The fields of a form, each at most once, in UTF-8. Texts come with line feeds alone: browsers
/// make every line's end CR LF.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form(BTreeMap<String, String>);

impl FromRequest<AppState> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let RawForm(body) = RawForm::from_request(request, state)
            .await
            .map_err(|rejection| refused(&rejection))?;
        Self::parse(&body).ok_or_else(|| Problem::new(Slug::InvalidRequest))
    }
}

fn refused(rejection: &RawFormRejection) -> Problem {
    Problem::new(match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Slug::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Slug::UnsupportedMediaType,
        _ => Slug::InvalidRequest,
    })
}

impl Form {
    fn parse(body: &[u8]) -> Option<Self> {
        // What is no UTF-8 would be replaced, and a text saved as another than was sent.
        percent_encoding::percent_decode(body).decode_utf8().ok()?;
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            let known = fields.insert(name.into_owned(), line_feeds(&value));
            if known.is_some() {
                return None;
            }
        }
        Some(Self(fields))
    }

    /// A field's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A field's value without blanks around it; empty when it was not sent.
    pub(crate) fn line(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// A field that the page's own form always has.
    ///
    /// # Errors
    /// When it is missing or no number.
    pub(crate) fn number(&self, name: &str) -> Result<u64, Problem> {
        let number = self.get(name).and_then(|text| text.parse().ok());
        number.ok_or_else(|| Problem::new(Slug::InvalidRequest))
    }
}

/// The text with line feeds alone.
pub(super) fn line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What is kept of a text that came back from a page: the stored one if nobody touched it, byte for
/// byte, whatever its lines end with.
pub(super) fn kept(stored: &str, sent: &str) -> String {
    if line_feeds(stored) == sent {
        stored.to_owned()
    } else {
        sent.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_as_they_were_kept() {
        let form = Form::parse(b"text=a%0D%0Ab%0Dc&title=x").unwrap();

        assert_eq!(form.get("text"), Some("a\nb\nc"));
        assert_eq!(kept("a\r\nb\nc", "a\nb\nc"), "a\r\nb\nc");
        assert_eq!(kept("a\r\nb", "a\nb\nc"), "a\nb\nc");
    }

    #[test]
    fn a_form_that_says_two_things_says_nothing() {
        assert_eq!(Form::parse(b"version=1&version=2"), None);
        assert_eq!(Form::parse(b"text=%ff"), None);
    }
}
