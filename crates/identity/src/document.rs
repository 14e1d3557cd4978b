//! Reading hand-written documents (YAML files, JSON requests) with errors that say where.

use std::fmt;

use serde_json::{Map, Value};

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// Where in a document something stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

impl Path {
    fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// RFC 6901, as `errors[].pointer` of a problem document has it.
    pub(crate) fn pointer(&self) -> String {
        self.0
            .iter()
            .fold(String::new(), |pointer, step| match step {
                Step::Key(key) => {
                    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
                }
                Step::Index(index) => format!("{pointer}/{index}"),
            })
    }
}

/// `roles.allow[2]`, as people point into YAML.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the document");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Something in a document that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) path: Path,
    pub(crate) kind: FaultKind,
}

/// What is wrong at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// A key nobody knows, with the known one that is spelled most like it.
    UnknownKey { nearest: Option<String> },
    /// A key that must be there and is not.
    MissingKey(&'static str),
    /// A value of the wrong kind or form.
    Expected(String),
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey {
                nearest: Some(name),
            } => {
                write!(f, "unknown key, did you mean `{name}`?")
            }
            Self::UnknownKey { nearest: None } => f.write_str("unknown key"),
            Self::MissingKey(key) => write!(f, "key `{key}` is missing"),
            Self::Expected(what) => write!(f, "expected {what}"),
        }
    }
}

/// A value together with its place in the document.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    path: Path,
}

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self {
            value,
            path: Path::default(),
        }
    }

    pub(crate) fn fault(&self, expected: impl Into<String>) -> Fault {
        Fault {
            path: self.path.clone(),
            kind: FaultKind::Expected(expected.into()),
        }
    }

    /// The members of an object that has no other keys than `known`.
    pub(crate) fn fields(&self, known: &[&'static str]) -> Result<Fields<'a>, Fault> {
        let fields = self.entries()?;
        let strange = fields.unknown(known).next();
        strange.map_or(Ok(fields), Err)
    }

    /// The members of an object whose keys the author chooses.
    pub(crate) fn entries(&self) -> Result<Fields<'a>, Fault> {
        match self.value {
            Value::Object(map) => Ok(Fields {
                map,
                path: self.path.clone(),
            }),
            _ => Err(self.fault("a mapping")),
        }
    }

    pub(crate) fn text(&self) -> Result<&'a str, Fault> {
        self.value.as_str().ok_or_else(|| self.fault("a text"))
    }

    pub(crate) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    pub(crate) fn flag(&self) -> Result<bool, Fault> {
        self.value
            .as_bool()
            .ok_or_else(|| self.fault("`true` or `false`"))
    }

    pub(crate) fn integer(&self) -> Result<i64, Fault> {
        self.value.as_i64().ok_or_else(|| self.fault("an integer"))
    }

    pub(crate) fn list(&self) -> Result<impl Iterator<Item = Node<'a>> + use<'a>, Fault> {
        let Value::Array(items) = self.value else {
            return Err(self.fault("a list"));
        };
        let path = self.path.clone();
        Ok(items.iter().enumerate().map(move |(index, value)| Node {
            value,
            path: path.index(index),
        }))
    }

    /// Reads a list item by item and collects it.
    pub(crate) fn each<T, C: FromIterator<T>>(
        &self,
        read: impl FnMut(Node<'a>) -> Result<T, Fault>,
    ) -> Result<C, Fault> {
        self.list()?.map(read).collect()
    }

    /// Reads a text and gives it to a parser whose error says what it expects.
    pub(crate) fn parse<T, E: fmt::Display>(
        &self,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<T, Fault> {
        parse(self.text()?.to_owned())
            .map_err(|error| self.fault(strip_expected(&error.to_string())))
    }
}

pub(crate) fn strip_expected(message: &str) -> String {
    message
        .strip_prefix("expected ")
        .unwrap_or(message)
        .to_owned()
}

/// The members of one object.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: Path,
}

impl<'a> Fields<'a> {
    /// A fault for each key that is not one of `known`.
    pub(crate) fn unknown(&self, known: &[&'static str]) -> impl Iterator<Item = Fault> {
        let strange = self.map.keys();
        let strange = strange.filter(|key| !known.contains(&key.as_str()));
        strange.map(|key| Fault {
            path: self.path.key(key),
            kind: FaultKind::UnknownKey {
                nearest: nearest(key, known.iter().copied()),
            },
        })
    }

    pub(crate) fn optional(&self, key: &str) -> Option<Node<'a>> {
        self.map.get(key).map(|value| Node {
            value,
            path: self.path.key(key),
        })
    }

    pub(crate) fn required(&self, key: &'static str) -> Result<Node<'a>, Fault> {
        self.optional(key).ok_or_else(|| Fault {
            path: self.path.clone(),
            kind: FaultKind::MissingKey(key),
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        self.map.iter().map(|(key, value)| {
            (
                key.as_str(),
                Node {
                    value,
                    path: self.path.key(key),
                },
            )
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }
}

/// The candidate spelled most like `name`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .map(|(_, candidate)| candidate.to_owned())
}
