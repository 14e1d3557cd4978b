//! The outside of a signed token (RFC 7515 §7.1): three parts, each in its one spelling.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::strict_json::{self, JsonFault};

/// A token taken apart. Nothing in it is believed yet.
#[derive(Debug)]
pub(crate) struct Compact<'a> {
    /// What the signature is over.
    pub(crate) message: &'a str,
    /// The signature as it is written.
    pub(crate) signature: &'a str,
    /// Its bytes.
    pub(crate) signature_bytes: Vec<u8>,
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
}

impl<'a> Compact<'a> {
    /// Reads header and claims, refusing repeated keys and every second spelling.
    pub(crate) fn read(token: &'a str) -> Result<Self, JsonFault> {
        let malformed = JsonFault::Malformed;
        let (message, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, claims) = message.split_once('.').ok_or(malformed)?;
        Ok(Self {
            message,
            signature,
            signature_bytes: decode(signature)?,
            header: strict_json::parse_object(&decode(header)?)?,
            claims: strict_json::parse_object(&decode(claims)?)?,
        })
    }
}

/// base64url without padding, in its one canonical spelling.
pub(crate) fn decode(part: &str) -> Result<Vec<u8>, JsonFault> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| JsonFault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn b64(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn a_token_has_three_parts_in_one_spelling() {
        let (header, claims) = (b64(r#"{"alg":"ES256"}"#), b64(r#"{"sub":"a"}"#));
        let good = format!("{header}.{claims}.AAAA");

        let read = Compact::read(&good).unwrap();

        assert_eq!(read.message, format!("{header}.{claims}"));
        assert_eq!(read.claims["sub"], "a");
        for bad in [
            String::new(),
            "a.b".to_owned(),
            format!("{header}.{claims}"),
            format!("{good}.AAAA"),
            format!("{good}="),
            format!("{good}\n"),
            format!("{header}.{claims}.AAB"),
            format!("{header}..AAAA"),
            format!("{}.{claims}.AAAA", b64("[]")),
        ] {
            assert_eq!(
                Compact::read(&bad).err(),
                Some(JsonFault::Malformed),
                "{bad}"
            );
        }
        let twice = format!("{header}.{}.AAAA", b64(r#"{"a":1,"a":1}"#));
        assert_eq!(Compact::read(&twice).err(), Some(JsonFault::DuplicateKey));
    }
}
