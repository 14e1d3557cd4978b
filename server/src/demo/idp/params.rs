//! Parameters of a protocol request: each name at most once (RFC 6749 §3.1), empty means absent.

use std::collections::BTreeMap;

use url::form_urlencoded;

const LONGEST: usize = 8 * 1024;

/// A query or form that may be trusted to mean one thing.
#[derive(Debug)]
pub(super) struct Params(BTreeMap<String, String>);

/// The request names something twice, or is too long to be meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ambiguous;

impl Params {
    pub(super) fn parse(raw: &str) -> Result<Self, Ambiguous> {
        if raw.len() > LONGEST {
            return Err(Ambiguous);
        }
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            if values
                .insert(name.into_owned(), value.into_owned())
                .is_some()
            {
                return Err(Ambiguous);
            }
        }
        Ok(Self(values))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_name_is_refused_and_an_empty_value_is_absent() {
        assert_eq!(Params::parse("a=1&a=1").unwrap_err(), Ambiguous);
        assert_eq!(
            Params::parse(&"a".repeat(LONGEST + 1)).unwrap_err(),
            Ambiguous
        );

        let params = Params::parse("a=&b=x%26y").unwrap();
        assert_eq!(params.get("a"), None);
        assert_eq!(params.get("b"), Some("x&y"));
    }
}
