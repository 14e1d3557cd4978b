//! Walking a document: a node together with the way that led to it.

use super::{DocumentError, Key, Kind, Node, Place, error};
use crate::name::NameError;
use crate::value::Scalar;

/// A place in a document.
#[derive(Debug, Clone)]
pub(crate) struct At<'a> {
    file: &'a str,
    path: String,
    node: &'a Node,
    /// Where the key stands whose value this is; where the value stands if it has none.
    key: Place,
}

/// The keys of a map.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    at: At<'a>,
    entries: &'a [(Key, Node)],
}

impl<'a> At<'a> {
    pub(crate) fn root(file: &'a str, node: &'a Node) -> Self {
        Self {
            file,
            path: String::new(),
            node,
            key: node.place,
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn line(&self) -> usize {
        self.node.place.line
    }

    /// A mistake at this place.
    pub(crate) fn error(&self, problem: impl Into<String>) -> DocumentError {
        DocumentError::new(self.file, self.node.place, self.path.clone(), problem)
    }

    /// A mistake in the key that led here.
    fn key_error(&self, problem: impl Into<String>) -> DocumentError {
        DocumentError::new(self.file, self.key, self.path.clone(), problem)
    }

    /// "expected X, found Y" at this place.
    pub(crate) fn expected(&self, what: &str) -> DocumentError {
        let found = match &self.node.kind {
            Kind::Scalar {
                text,
                quoted: false,
            } if text.is_empty() => "nothing".to_owned(),
            Kind::Scalar { text, .. } => format!("`{}`", text.escape_debug()),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        };
        self.error(format!("expected {what}, found {found}"))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.node.kind, Kind::List(_))
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.node.kind, Kind::Map(_))
    }

    pub(crate) fn as_scalar(&self) -> Option<Scalar<'a>> {
        self.node.scalar()
    }

    pub(crate) fn scalar(&self, what: &str) -> Result<Scalar<'a>, DocumentError> {
        self.as_scalar().ok_or_else(|| self.expected(what))
    }

    /// The text of a scalar that YAML reads as a string.
    pub(crate) fn text(&self, what: &str) -> Result<&'a str, DocumentError> {
        self.as_scalar()
            .and_then(Scalar::as_string)
            .ok_or_else(|| self.expected(what))
    }

    pub(crate) fn name<T>(
        &self,
        what: &str,
        parse: impl FnOnce(&'a str) -> Result<T, NameError>,
    ) -> Result<T, DocumentError> {
        parse(self.text(what)?).map_err(|error| self.error(error.to_string()))
    }

    pub(crate) fn boolean(&self) -> Result<bool, DocumentError> {
        match self.as_scalar() {
            Some(Scalar::Plain("true")) => Ok(true),
            Some(Scalar::Plain("false")) => Ok(false),
            _ => Err(self.expected("`true` or `false`")),
        }
    }

    /// The items of a list, which may be empty.
    pub(crate) fn items(&self, what: &str) -> Result<Vec<At<'a>>, DocumentError> {
        let Kind::List(items) = &self.node.kind else {
            return Err(self.expected(what));
        };
        Ok(items
            .iter()
            .enumerate()
            .map(|(index, node)| At {
                file: self.file,
                path: error::item(&self.path, index),
                node,
                key: node.place,
            })
            .collect())
    }

    /// The items of a list that must hold something.
    pub(crate) fn some_items(&self, what: &str) -> Result<Vec<At<'a>>, DocumentError> {
        let items = self.items(what)?;
        if items.is_empty() {
            return Err(self.error(format!("expected {what}, found an empty list")));
        }
        Ok(items)
    }

    pub(crate) fn fields(&self, what: &str) -> Result<Fields<'a>, DocumentError> {
        match &self.node.kind {
            Kind::Map(entries) => Ok(Fields {
                at: self.clone(),
                entries,
            }),
            _ => Err(self.expected(what)),
        }
    }
}

impl<'a> Fields<'a> {
    /// The map itself.
    pub(crate) fn at(&self) -> &At<'a> {
        &self.at
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Refuses every key that is not one of `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), DocumentError> {
        self.unknown(known).next().map_or(Ok(()), Err)
    }

    /// A mistake for each key that is not one of `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> impl Iterator<Item = DocumentError> {
        let strange = self.iter().filter(|(key, _)| !known.contains(key));
        strange.map(|(key, at)| unknown_key(&at, key, known))
    }

    pub(crate) fn get(&self, wanted: &str) -> Option<At<'a>> {
        self.iter()
            .find_map(|(key, at)| (key == wanted).then_some(at))
    }

    pub(crate) fn required(&self, wanted: &str) -> Result<At<'a>, DocumentError> {
        self.get(wanted)
            .ok_or_else(|| self.at.error(format!("the key `{wanted}` is missing")))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, At<'a>)> {
        self.entries.iter().map(|(key, node)| {
            let path = error::field(&self.at.path, &key.text);
            (
                key.text.as_str(),
                At {
                    file: self.at.file,
                    path,
                    node,
                    key: key.place,
                },
            )
        })
    }
}

/// "unknown key", with the keys that are known.
pub(crate) fn unknown_key(at: &At<'_>, key: &str, known: &[&str]) -> DocumentError {
    let list = known
        .iter()
        .map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let shown: String = key.chars().take(64).flat_map(char::escape_debug).collect();
    at.key_error(format!("unknown key `{shown}`, expected one of {list}"))
        .with_nearest(key, known.iter().copied())
}
