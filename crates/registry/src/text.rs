//! Words that people type: how long they may be, and that they are words.

/// Why a text cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing, or too much.
    #[error("expected a {field} of 1 to {limit} characters, found {found}")]
    Length {
        /// Which text.
        field: &'static str,
        /// The longest that is allowed.
        limit: usize,
        /// How many there were.
        found: usize,
    },
    /// Control characters are no words; line breaks are allowed where a text has several lines.
    #[error("character `{}` is not allowed in a {field}", character.escape_debug())]
    Character {
        /// Which text.
        field: &'static str,
        /// What is not allowed in it.
        character: char,
    },
}

/// A line of words.
pub(crate) fn line(field: &'static str, limit: usize, text: &str) -> Result<(), TextError> {
    check(field, limit, text, char::is_control)
}

/// Words on any number of lines.
pub(crate) fn lines(field: &'static str, limit: usize, text: &str) -> Result<(), TextError> {
    check(field, limit, text, |c| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
    })
}

fn check(
    field: &'static str,
    limit: usize,
    text: &str,
    refused: fn(char) -> bool,
) -> Result<(), TextError> {
    let found = text.chars().count();
    if text.trim().is_empty() || found > limit {
        return Err(TextError::Length {
            field,
            limit,
            found,
        });
    }
    match text.chars().find(|c| refused(*c)) {
        Some(character) => Err(TextError::Character { field, character }),
        None => Ok(()),
    }
}
