//! Reading YAML into a small tree that remembers lines and quotes.
//!
//! Not through serde: a policy needs to know whether a scalar was quoted, and decimals must not
//! pass through a float. Aliases, anchors, tags and second documents are refused, and size and
//! depth are bounded, so a document can never grow beyond what its author wrote.

mod cursor;
mod error;
mod mistakes;
mod place;

use std::collections::BTreeSet;

use serde_saphyr::granit_parser::{Event, Options, Parser, ScalarStyle, StrInput};

pub(crate) use self::cursor::{At, Fields, unknown_key};
pub use self::error::DocumentError;
pub(crate) use self::mistakes::{Mistakes, first};
pub use self::place::{Place, place_of};
use crate::value::Scalar;

/// The largest document, in bytes.
const MOST_BYTES: usize = 512 * 1024;
/// The deepest nesting of lists and maps.
const MOST_DEPTH: usize = 32;

/// One value of a document.
#[derive(Debug)]
pub(crate) struct Node {
    place: Place,
    kind: Kind,
}

/// A key of a map, and where it stands.
#[derive(Debug)]
struct Key {
    text: String,
    place: Place,
}

#[derive(Debug)]
enum Kind {
    Scalar { text: String, quoted: bool },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

impl Node {
    fn scalar(&self) -> Option<Scalar<'_>> {
        match &self.kind {
            Kind::Scalar { text, quoted: true } => Some(Scalar::Quoted(text)),
            Kind::Scalar {
                text,
                quoted: false,
            } => Some(Scalar::Plain(text)),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }
}

/// Reads exactly one document.
pub(crate) fn read(file: &str, text: &str) -> Result<Node, DocumentError> {
    if text.len() > MOST_BYTES {
        let problem = format!(
            "the file has {} bytes, {MOST_BYTES} are allowed",
            text.len()
        );
        return Err(DocumentError::new(file, Place::START, "", problem));
    }
    let mut options = Options::default();
    options.flow_nesting_limit = MOST_DEPTH;
    options.block_nesting_limit = MOST_DEPTH;
    options.disallow_directives = true;
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str_with_options(text, options);
    let mut tree = Tree::new(file);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            DocumentError::new(file, error.marker().into(), tree.path(), error.info())
        })?;
        tree.place = (&span.start).into();
        tree.take(event)?;
    }
    tree.root
        .ok_or_else(|| DocumentError::new(file, Place::START, "", "the document is empty"))
}

/// A tree in the making.
struct Tree<'f> {
    file: &'f str,
    place: Place,
    documents: usize,
    open: Vec<Open>,
    root: Option<Node>,
}

/// A list or map whose end was not seen yet.
enum Open {
    List {
        place: Place,
        items: Vec<Node>,
    },
    Map {
        place: Place,
        entries: Vec<(Key, Node)>,
        seen: BTreeSet<String>,
        key: Option<Key>,
    },
}

impl<'f> Tree<'f> {
    fn new(file: &'f str) -> Self {
        Self {
            file,
            place: Place::START,
            documents: 0,
            open: Vec::new(),
            root: None,
        }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), DocumentError> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.error("a file holds one document, here a second one starts"));
                }
                Ok(())
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                Err(self.error("aliases are not allowed; write the value out"))
            }
            Event::Scalar(_, _, anchor, ref tag)
            | Event::SequenceStart(_, anchor, ref tag)
            | Event::MappingStart(_, anchor, ref tag)
                if anchor != 0 || tag.is_some() =>
            {
                Err(self.error("anchors and tags are not allowed; write the value out"))
            }
            Event::Scalar(text, style, ..) => self.scalar(text.into_owned(), style),
            Event::SequenceStart(..) => self.start(Open::List {
                place: self.place,
                items: Vec::new(),
            }),
            Event::MappingStart(..) => self.start(Open::Map {
                place: self.place,
                entries: Vec::new(),
                seen: BTreeSet::new(),
                key: None,
            }),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle) -> Result<(), DocumentError> {
        let place = self.place;
        if let Some(Open::Map {
            seen,
            key: key @ None,
            ..
        }) = self.open.last_mut()
        {
            let fresh = seen.insert(text.clone());
            *key = Some(Key { text, place });
            return if fresh {
                Ok(())
            } else {
                Err(self.error("the key is there twice"))
            };
        }
        let kind = Kind::Scalar {
            text,
            quoted: style != ScalarStyle::Plain,
        };
        self.put(Node { place, kind });
        Ok(())
    }

    fn start(&mut self, open: Open) -> Result<(), DocumentError> {
        if matches!(self.open.last(), Some(Open::Map { key: None, .. })) {
            return Err(self.error("a key must be a single word"));
        }
        if self.open.len() >= MOST_DEPTH {
            return Err(self.error(format!("nested more than {MOST_DEPTH} levels deep")));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) -> Result<(), DocumentError> {
        let node = match self.open.pop() {
            Some(Open::List { place, items }) => Node {
                place,
                kind: Kind::List(items),
            },
            Some(Open::Map { place, entries, .. }) => Node {
                place,
                kind: Kind::Map(entries),
            },
            None => return Err(self.error("something ends here that never started")),
        };
        self.put(node);
        Ok(())
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => {
                entries.extend(key.take().map(|key| (key, node)));
            }
            None => self.root = Some(node),
        }
    }

    fn error(&self, problem: impl Into<String>) -> DocumentError {
        DocumentError::new(self.file, self.place, self.path(), problem)
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for open in &self.open {
            match open {
                Open::List { items, .. } => path = error::item(&path, items.len()),
                Open::Map { key: Some(key), .. } => path = error::field(&path, &key.text),
                Open::Map { key: None, .. } => {}
            }
        }
        path
    }
}
