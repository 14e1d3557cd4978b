//! The little XML that STS and S3 speak.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

/// An element that holds text.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// An element that holds others.
pub(crate) fn nested(name: &str, inside: &str) -> String {
    format!("<{name}>{inside}</{name}>")
}

/// The texts of all elements called `name`; nothing when it is no XML.
pub(crate) fn texts(xml: &[u8], name: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_reader(xml);
    let mut found = Vec::new();
    let mut inside: Option<String> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.local_name().as_ref() == name.as_bytes() => {
                inside = Some(String::new());
            }
            Event::End(end) if end.local_name().as_ref() == name.as_bytes() => {
                found.extend(inside.take());
            }
            Event::Text(text) => {
                if let Some(inside) = &mut inside {
                    inside.push_str(&text.decode().ok()?);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(inside) = &mut inside {
                    inside.push_str(&entity(&reference.decode().ok()?)?);
                }
            }
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

fn entity(name: &str) -> Option<String> {
    let reference = format!("&{name};");
    let text = quick_xml::escape::unescape(&reference).ok()?;
    Some(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_as_they_went_in() {
        let key = "a & b <c> \"d\" é";
        let xml = format!("<Delete>{}<Quiet/></Delete>", element("Key", key));

        assert_eq!(texts(xml.as_bytes(), "Key").unwrap(), [key]);
        assert_eq!(texts(b"<a></b>", "Key"), None);
    }
}
