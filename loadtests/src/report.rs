//! The page to read: one file without scripts, made from [`Results`] alone.

mod page;
mod scale;
mod svg;

use crate::results::Results;

/// The whole page.
#[must_use]
pub fn html(results: &Results) -> String {
    page::html(results)
}

/// A text as the content of an element or an attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
