//! What can't be seen is made visible, and what must not be followed is not linked.

/// Where in a document the writer stands.
enum Place {
    Text,
    Tag,
    Value,
}

/// Writes each character that only changes how others are read as its code, everywhere but in
/// text areas and `value` attributes: those go back to the server and must stay what they are.
pub(super) fn reveal(html: &str) -> String {
    let mut shown = String::with_capacity(html.len());
    let mut tag = String::new();
    let mut place = Place::Text;
    for character in html.chars() {
        let exact = match place {
            Place::Text => tag.starts_with("textarea"),
            Place::Tag => false,
            Place::Value => tag.ends_with(" value="),
        };
        if !exact && is_deceiving(character) {
            shown.extend(["[U+", &format!("{:04X}", u32::from(character)), "]"]);
            continue;
        }
        shown.push(character);
        place = match (place, character) {
            (Place::Text, '<') => {
                tag.clear();
                Place::Tag
            }
            (Place::Tag, '>') => Place::Text,
            (Place::Tag, '"') => Place::Value,
            (Place::Value, '"') => {
                tag.push('"');
                Place::Tag
            }
            (Place::Tag, other) => {
                tag.push(other);
                Place::Tag
            }
            (same, _) => same,
        };
    }
    shown
}

/// Controls, marks of direction, and characters without width.
const fn is_deceiving(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}'
            | '\u{b}'..='\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The address if it is a path of this server, and nothing otherwise.
pub(super) fn local(href: &str) -> Option<String> {
    let inside = href.starts_with('/')
        && !href.starts_with("//")
        && !href.contains(['\\', '\t', '\n', '\r']);
    inside.then(|| href.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_text_shows_what_turns_it() {
        assert_eq!(
            reveal("<p title=\"a\u{202e}b\">x\u{2066}y\u{200b}</p>"),
            "<p title=\"a[U+202E]b\">x[U+2066]y[U+200B]</p>"
        );
    }

    #[test]
    fn what_goes_back_to_the_server_stays_what_it_is() {
        let form = "<input name=\"a\" value=\"\u{202e}\"><textarea name=\"t\">\u{202e}</textarea>";

        assert_eq!(reveal(form), form);
        assert_eq!(
            reveal("<textarea></textarea>\u{202e}"),
            "<textarea></textarea>[U+202E]"
        );
    }

    #[test]
    fn french_keeps_its_spaces() {
        assert_eq!(
            reveal("<p>1\u{a0}234\u{202f}%</p>"),
            "<p>1\u{a0}234\u{202f}%</p>"
        );
    }

    #[test]
    fn only_paths_of_this_server_are_linked() {
        assert_eq!(
            local("/admin/drafts/7?file=a"),
            Some("/admin/drafts/7?file=a".to_owned())
        );
        for elsewhere in [
            "javascript:alert(1)",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "",
        ] {
            assert_eq!(local(elsewhere), None, "{elsewhere}");
        }
    }
}
