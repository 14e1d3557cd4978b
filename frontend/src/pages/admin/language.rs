//! A language that was chosen stays: every way on within the portal carries it.

use crate::model::Locale;

/// Where in a document the writer stands.
enum Place {
    Text,
    Tag,
    Value,
}

/// Writes `locale` into every address of the portal that a link or form goes to. Forms that are
/// sent by GET lose the query of their address, so they get a field.
pub(super) fn carry(html: &str, locale: Locale) -> String {
    let mut written = String::with_capacity(html.len() + html.len() / 8);
    let (mut tag, mut value) = (String::new(), String::new());
    let (mut place, mut asks) = (Place::Text, false);
    for character in html.chars() {
        place = match (place, character) {
            (Place::Text, '<') => {
                tag.clear();
                asks = false;
                written.push(character);
                Place::Tag
            }
            (Place::Tag, '>') => {
                written.push(character);
                if asks {
                    written.push_str(&field(locale));
                }
                Place::Text
            }
            (Place::Tag, '"') => {
                value.clear();
                written.push(character);
                Place::Value
            }
            (Place::Value, '"') => {
                asks = asks || (tag == "form method=" && value == "get");
                written.push_str(&address(&tag, &value, locale));
                tag.push('"');
                written.push(character);
                Place::Tag
            }
            (Place::Value, other) => {
                value.push(other);
                Place::Value
            }
            (Place::Tag, other) => {
                tag.push(other);
                written.push(other);
                Place::Tag
            }
            (Place::Text, other) => {
                written.push(other);
                Place::Text
            }
        };
    }
    written
}

fn field(locale: Locale) -> String {
    format!(
        "<input type=\"hidden\" name=\"locale\" value=\"{}\">",
        locale.tag()
    )
}

/// The value of an attribute, with the language if it is an address of the portal without one.
fn address(tag: &str, value: &str, locale: Locale) -> String {
    let leads = [" href=", " action=", " formaction="];
    let leads = leads.iter().any(|name| tag.ends_with(name));
    let (path, fragment) = match value.split_once('#') {
        Some((path, fragment)) => (path, format!("#{fragment}")),
        None => (value, String::new()),
    };
    let inside = path == "/admin" || path.starts_with("/admin/") || path.starts_with("/admin?");
    if !leads || !inside || path.contains("locale=") {
        return value.to_owned();
    }
    let joint = if path.contains('?') { "&amp;" } else { "?" };
    format!("{path}{joint}locale={}{fragment}", locale.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_within_the_portal_carry_the_language_and_others_stay() {
        let html = "<a class=\"x\" href=\"/admin/drafts/7?file=a#text\">href=\"/admin\"</a>\
                    <a href=\"/\">b</a><form method=\"post\" action=\"/admin/drafts/7/save\"></form>";

        assert_eq!(
            carry(html, Locale::FrCa),
            "<a class=\"x\" href=\"/admin/drafts/7?file=a&amp;locale=fr-CA#text\">href=\"/admin\"</a>\
             <a href=\"/\">b</a>\
             <form method=\"post\" action=\"/admin/drafts/7/save?locale=fr-CA\"></form>"
        );
    }

    #[test]
    fn the_switch_to_the_other_language_stays_one() {
        let html = "<a href=\"/admin?locale=en-CA\">English</a>";

        assert_eq!(carry(html, Locale::FrCa), html);
    }

    #[test]
    fn a_form_that_asks_has_the_language_as_a_field() {
        let html = "<form method=\"get\" action=\"/admin/audit\" class=\"row\"><p></p></form>";

        assert_eq!(
            carry(html, Locale::FrCa),
            "<form method=\"get\" action=\"/admin/audit?locale=fr-CA\" class=\"row\">\
             <input type=\"hidden\" name=\"locale\" value=\"fr-CA\"><p></p></form>"
        );
    }

    #[test]
    fn a_text_that_looks_like_a_link_stays_byte_for_byte() {
        let html = "<textarea name=\"text\">\na href=\"/admin\" > action=\"/admin/x\"</textarea>";

        assert_eq!(carry(html, Locale::FrCa), html);
    }
}
