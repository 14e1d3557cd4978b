//! Every mistake of a document, not only the first: an author mends them all at once.

use super::{At, DocumentError, Fields};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<DocumentError>);

impl Mistakes {
    /// The value, or nothing and one more mistake.
    pub(crate) fn keep<T>(&mut self, read: Result<T, DocumentError>) -> Option<T> {
        read.map_err(|mistake| self.0.push(mistake)).ok()
    }

    /// Adds a mistake for each key that is not one of `known`; whether there was none.
    pub(crate) fn only(&mut self, fields: &Fields<'_>, known: &[&str]) -> bool {
        let before = self.0.len();
        self.0.extend(fields.unknown(known));
        self.0.len() == before
    }

    /// The value of a key that must be there. That it is not is no news where a key is there that
    /// nobody knows: it is the misspelt one.
    pub(crate) fn required<'a>(
        &mut self,
        fields: &Fields<'a>,
        key: &str,
        known: bool,
    ) -> Option<At<'a>> {
        match fields.get(key) {
            None if !known => None,
            _ => self.keep(fields.required(key)),
        }
    }

    /// What was read, if nothing was wrong on the way; else every mistake in the order of the
    /// text.
    pub(crate) fn or<T>(mut self, read: Option<T>) -> Result<T, Vec<DocumentError>> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => {
                self.0.sort_by_key(DocumentError::place);
                Err(self.0)
            }
        }
    }
}

/// The first of several mistakes, for callers that stop there.
pub(crate) fn first(file: &str, mistakes: Vec<DocumentError>) -> DocumentError {
    let first = mistakes.into_iter().next();
    first.unwrap_or_else(|| DocumentError::new(file, super::Place::START, "", "can't be read"))
}
