//! The outside of every document: what stands before and after the body's content.

use crate::model::{Locale, Theme};

/// What the `<html>` and `<head>` of a document need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) locale: Locale,
    pub(super) theme: Theme,
    pub(super) nonce: &'a str,
    pub(super) title: &'a str,
    pub(super) realm: &'a str,
    pub(super) settled: bool,
    pub(super) css: &'a str,
}

/// Everything up to and with `<body>`.
pub(super) fn open(head: &Head<'_>) -> String {
    let theme = match head.theme {
        Theme::System => "",
        Theme::Light => " data-theme=\"light\"",
        Theme::Dark => " data-theme=\"dark\"",
        Theme::Contrast => " data-theme=\"contrast\"",
    };
    let settled = if head.settled {
        " data-weir=\"settled\""
    } else {
        ""
    };
    format!(
        "<!DOCTYPE html><html lang=\"{lang}\" data-realm=\"{realm}\"{theme}{settled}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style nonce=\"{nonce}\">{css}</style></head><body>",
        lang = head.locale.tag(),
        realm = escape(head.realm),
        title = escape(head.title),
        nonce = escape(head.nonce),
        css = head.css,
    )
}

/// The end of a document.
pub(super) const CLOSE: &str = "</body></html>";

/// Text that stays text, in element content and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// JSON that can't end the script element it stands in.
pub(super) fn json_for_script(value: &serde_json::Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
