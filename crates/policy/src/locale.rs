//! The two languages Weir speaks.

use serde::{Deserialize, Serialize};

/// A language with its number and date formats.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
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
    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::EnCa => "en-CA",
            Self::FrCa => "fr-CA",
        }
    }

    /// The locale with exactly this tag: what requests and tokens must say.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::EnCa, Self::FrCa]
            .into_iter()
            .find(|locale| locale.tag() == tag)
    }

    /// The nearest of the two for a tag from elsewhere, by its language alone: `fr-FR` and
    /// `FR_ca` read French. `None` for other languages.
    #[must_use]
    pub fn nearest(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::FrCa),
            "en" => Some(Self::EnCa),
            _ => None,
        }
    }
}

impl std::fmt::Display for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag())
    }
}
