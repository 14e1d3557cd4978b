//! Texts that exist in both of the languages Weir speaks.

use serde::{Deserialize, Serialize};
use weir_policy::Locale;

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
