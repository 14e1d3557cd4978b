//! The two languages Weir speaks, and texts that exist in both.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A reader's language and region, as a BCP 47 tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Locale {
    /// Canadian English.
    #[default]
    #[serde(rename = "en-CA")]
    EnCa,
    /// Canadian French.
    #[serde(rename = "fr-CA")]
    FrCa,
}

impl Locale {
    /// The tag as it stands in `lang` attributes and tokens.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::EnCa => "en-CA",
            Self::FrCa => "fr-CA",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Any other tag than the two.
#[derive(Debug, thiserror::Error)]
#[error("locale must be `en-CA` or `fr-CA`")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(tag: &str) -> Result<Self, UnknownLocale> {
        match tag {
            "en-CA" => Ok(Self::EnCa),
            "fr-CA" => Ok(Self::FrCa),
            _ => Err(UnknownLocale),
        }
    }
}

/// A text in both languages; a document without one of them does not load.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    en: String,
    fr: String,
}

impl Localized {
    /// The text for a reader of `locale`.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::EnCa => &self.en,
            Locale::FrCa => &self.fr,
        }
    }
}
