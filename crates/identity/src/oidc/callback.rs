//! What the provider sends back by way of the browser.

use std::fmt;

use url::form_urlencoded;

use super::error::LoginError;

/// No honest callback has longer parameters.
const MAX_QUERY_BYTES: usize = 8192;

/// The query of `/auth/callback`. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackParams {
    state: String,
    issuer: Option<String>,
    outcome: Outcome,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Code(String),
    Error,
}

impl CallbackParams {
    /// Reads the raw query string. Parameters nobody knows are ignored, as RFC 6749 §4.1.2 wants;
    /// the known ones may appear once.
    ///
    /// # Errors
    /// [`LoginError::Callback`] when `state` is missing, when there is not exactly one of `code` and
    /// `error`, or when one of them appears twice.
    pub fn parse(query: &str) -> Result<Self, LoginError> {
        if query.len() > MAX_QUERY_BYTES {
            return Err(LoginError::Callback);
        }
        let (mut state, mut issuer, mut code, mut error) = (None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "state" => &mut state,
                "iss" => &mut issuer,
                "code" => &mut code,
                "error" => &mut error,
                _ => continue,
            };
            if value.is_empty() || slot.replace(value.into_owned()).is_some() {
                return Err(LoginError::Callback);
            }
        }
        let outcome = match (code, error) {
            (Some(code), None) => Outcome::Code(code),
            (None, Some(_)) => Outcome::Error,
            _ => return Err(LoginError::Callback),
        };
        Ok(Self {
            state: state.ok_or(LoginError::Callback)?,
            issuer,
            outcome,
        })
    }

    /// The `state`, by which the sign-in under way is found.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub(super) fn into_outcome(self) -> Outcome {
        self.outcome
    }
}

impl fmt::Debug for CallbackParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackParams")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_with_its_state_is_read() {
        let params = CallbackParams::parse("code=a%2Bb&state=s&session_state=x&iss=i").unwrap();

        assert_eq!(params.state(), "s");
        assert_eq!(params.issuer(), Some("i"));
        assert!(matches!(params.into_outcome(), Outcome::Code(code) if code == "a+b"));
    }

    #[test]
    fn l8_polluted_callbacks_are_refused() {
        for query in [
            "",
            "code=a",
            "state=s",
            "code=&state=s",
            "code=a&state=",
            "code=a&code=b&state=s",
            "code=a&state=s&state=s",
            "code=a&state=s&error=access_denied",
            "error=x&error=y&state=s",
            "code=a&state=s&iss=i&iss=i",
            "code=a&state=s&c%6Fde=b",
        ] {
            assert!(CallbackParams::parse(query).is_err(), "{query}");
        }
        assert!(CallbackParams::parse(&format!("code={}&state=s", "a".repeat(9000))).is_err());
    }

    #[test]
    fn debug_shows_neither_code_nor_state() {
        let shown = format!(
            "{:?}",
            CallbackParams::parse("code=c0de&state=st4te").unwrap()
        );

        assert!(
            !shown.contains("c0de") && !shown.contains("st4te"),
            "{shown}"
        );
    }
}
