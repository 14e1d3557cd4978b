//! Reading YAML so that a mistake names the file, the place and the nearest right word.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The largest document that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// A dataset or dashboard file that can't be used, and where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {path}: {problem}")]
pub struct DocumentError {
    file: String,
    path: String,
    problem: String,
}

impl DocumentError {
    /// A mistake at `path` (such as `tiles[2].measures[0]`) of `file`.
    pub fn at(file: &str, path: impl fmt::Display, problem: impl fmt::Display) -> Self {
        let path = match path.to_string() {
            path if path.is_empty() || path == "." => "document".to_owned(),
            path => path,
        };
        Self {
            file: file.to_owned(),
            path,
            problem: problem.to_string(),
        }
    }
}

/// Parses `text` into `T`, refusing unknown and duplicate keys.
///
/// # Errors
/// [`DocumentError`] with the path of the first mistake.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, DocumentError> {
    if text.len() > MAX_BYTES {
        return Err(DocumentError::at(
            file,
            "",
            format!("longer than {MAX_BYTES} bytes"),
        ));
    }
    let mut path = None;
    let parsed = serde_saphyr::with_deserializer_from_str(text, |yaml| {
        serde_path_to_error::deserialize::<_, T>(yaml).map_err(|error| {
            path = Some(error.path().to_string());
            error.into_inner()
        })
    });
    parsed.map_err(|error| DocumentError::at(file, path.unwrap_or_default(), first_line(&error)))
}

/// The parser's message without the excerpt it draws below.
fn first_line(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("not valid YAML");
    line.trim().trim_start_matches("error: ").to_owned()
}

/// The candidate that is spelled most like `wrong`, as a ready clause; empty when none is near.
#[must_use]
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(wrong, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(4))
        .min()
        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"))
        .unwrap_or_default()
}

/// A YAML mapping in the order it was written, duplicate keys refused.
#[derive(Debug, Clone)]
pub(crate) struct Ordered<K, V>(pub(crate) Vec<(K, V)>);

impl<K, V> Default for Ordered<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K, V> Deserialize<'de> for Ordered<K, V>
where
    K: Deserialize<'de> + Ord + Clone + fmt::Display,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedVisitor(std::marker::PhantomData))
    }
}

struct OrderedVisitor<K, V>(std::marker::PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for OrderedVisitor<K, V>
where
    K: Deserialize<'de> + Ord + Clone + fmt::Display,
    V: Deserialize<'de>,
{
    type Value = Ordered<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut seen = BTreeMap::new();
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<K, V>()? {
            if seen.insert(key.clone(), ()).is_some() {
                return Err(A::Error::custom(format!("`{key}` stands twice")));
            }
            entries.push((key, value));
        }
        Ok(Ordered(entries))
    }
}
