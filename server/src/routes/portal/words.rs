//! Small words in both languages.

use weir_query::Locale;

/// The text of the language.
pub(super) const fn pick(locale: Locale, en: &'static str, fr: &'static str) -> &'static str {
    match locale {
        Locale::EnCa => en,
        Locale::FrCa => fr,
    }
}

/// "a, b and c", « a, b et c ».
pub(super) fn list(mut parts: Vec<String>, locale: Locale) -> String {
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return last;
    }
    format!("{} {} {last}", parts.join(", "), pick(locale, "and", "et"))
}

/// Text in the quotation marks of the language.
pub(super) fn quoted(text: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("“{text}”"),
        Locale::FrCa => format!("«\u{a0}{text}\u{a0}»"),
    }
}
