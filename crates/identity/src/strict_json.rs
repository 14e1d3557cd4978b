//! JSON in which a key may appear once only.
//!
//! `serde_json::Value` keeps the last of two equal keys and a struct may keep the first: two readers
//! of one token then see two different claims. Here a repeated key anywhere is an error, also inside
//! values nobody looks at.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// Not one JSON value and nothing else.
    Malformed,
    /// Some object has the same key twice.
    DuplicateKey,
}

/// Reads one JSON value, refusing repeated keys, trailing text, and nesting deeper than 128.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, JsonFault> {
    let mut duplicate = false;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict {
        duplicate: &mut duplicate,
    }
    .deserialize(&mut reader);
    match value {
        Ok(value) if reader.end().is_ok() => Ok(value),
        _ if duplicate => Err(JsonFault::DuplicateKey),
        _ => Err(JsonFault::Malformed),
    }
}

/// Reads one JSON object; any other kind of value is malformed.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, JsonFault> {
    match parse(bytes)? {
        Value::Object(map) => Ok(map),
        _ => Err(JsonFault::Malformed),
    }
}

struct Strict<'a> {
    duplicate: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value without repeated keys")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict {
            duplicate: &mut *self.duplicate,
        })? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Strict {
                duplicate: &mut *self.duplicate,
            })?;
            if map.insert(key, value).is_some() {
                *self.duplicate = true;
                return Err(A::Error::custom("repeated key"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_appear_once_at_every_depth() {
        for repeated in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":[{"a":1,"b":2,"a":3}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(
                parse(repeated.as_bytes()),
                Err(JsonFault::DuplicateKey),
                "{repeated}"
            );
        }
    }

    #[test]
    fn values_are_read_as_they_are() {
        let text = r#"{"a":[1,-2,1.5,"x",true,null],"b":{}}"#;
        assert_eq!(
            parse(text.as_bytes()),
            Ok(serde_json::from_str(text).unwrap())
        );
    }

    #[test]
    fn trailing_text_nesting_bombs_and_broken_text_are_refused() {
        let bomb = "[".repeat(10_000);
        for broken in [
            "",
            "{",
            "{}x",
            "{} {}",
            "\u{feff}{}",
            "nul",
            r#"{"a":1e400}"#,
            &bomb,
        ] {
            assert_eq!(parse(broken.as_bytes()), Err(JsonFault::Malformed));
        }
        assert_eq!(parse(b"\"\xff\""), Err(JsonFault::Malformed));
    }
}
