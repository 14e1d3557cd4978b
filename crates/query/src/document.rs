//! Reading YAML so that a mistake names the file, the place and the nearest right word.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use weir_policy::document::Place;

/// The largest document that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// A dataset or dashboard file that can't be used, and where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {path}: {problem}")]
pub struct DocumentError {
    file: String,
    path: String,
    problem: String,
    place: Option<Place>,
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
            place: None,
        }
    }

    /// The same mistake, where the parser knows the line.
    fn standing_at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// The file, as the caller named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The place inside the document, such as `tiles[2].measures[0]`; `document` for the whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, and what was expected.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// Line and column, where the parser said so.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.place
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
    parsed.map_err(|error| {
        DocumentError::at(file, path.unwrap_or_default(), first_line(&error))
            .standing_at(place(&error))
    })
}

fn place(error: &serde_saphyr::Error) -> Option<Place> {
    let location = error.location()?;
    let count = |number: u64| usize::try_from(number).ok().filter(|number| *number > 0);
    Some(Place {
        line: count(location.line())?,
        column: count(location.column())?,
    })
}

/// Collects every mistake, not only the first: an author mends them all at once.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<DocumentError>);

impl Mistakes {
    /// The value, or nothing and one more mistake.
    pub(crate) fn keep<T>(&mut self, read: Result<T, DocumentError>) -> Option<T> {
        read.map_err(|mistake| self.0.push(mistake)).ok()
    }

    /// The values that could be read, and one mistake for each that could not.
    pub(crate) fn each<T, C: FromIterator<T>>(
        &mut self,
        read: impl IntoIterator<Item = Result<T, DocumentError>>,
    ) -> C {
        read.into_iter().filter_map(|one| self.keep(one)).collect()
    }

    /// What was read, if nothing was wrong on the way.
    pub(crate) fn or<T>(self, read: T) -> Result<T, Vec<DocumentError>> {
        if self.0.is_empty() {
            Ok(read)
        } else {
            Err(self.0)
        }
    }
}

/// The first of several mistakes, for callers that stop there.
pub(crate) fn first(file: &str, mistakes: Vec<DocumentError>) -> DocumentError {
    let first = mistakes.into_iter().next();
    first.unwrap_or_else(|| DocumentError::at(file, "", "can't be read"))
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
