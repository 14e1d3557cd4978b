//! Where in a text something stands.

use serde_saphyr::granit_parser::Marker;

use super::{Kind, Node, error, read};

/// A place in a text: line and column, both counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    /// Where a text begins.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

impl From<&Marker> for Place {
    fn from(marker: &Marker) -> Self {
        Self {
            line: marker.line(),
            column: marker.col() + 1,
        }
    }
}

/// Where in a YAML text the value at `path` stands, such as `tiles[2].measures`: for readers that
/// know the path of a mistake and not its line. A path that leads nowhere ends at the last value
/// on its way. `None` where the text is no YAML that Weir reads.
#[must_use]
pub fn place_of(text: &str, path: &str) -> Option<Place> {
    let root = read("", text).ok()?;
    let mut nearest = root.place;
    look(&root, "", path, &mut nearest);
    Some(nearest)
}

/// Goes down towards `wanted` and keeps the last place on the way.
fn look(node: &Node, at: &str, wanted: &str, nearest: &mut Place) {
    match &node.kind {
        Kind::Scalar { .. } => {}
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                step(item, &error::item(at, index), wanted, item.place, nearest);
            }
        }
        Kind::Map(entries) => {
            for (key, value) in entries {
                // A block below its key starts a line later; the key is what people look for.
                let same_line = key.place.line == value.place.line;
                let place = if same_line { value.place } else { key.place };
                step(value, &error::field(at, &key.text), wanted, place, nearest);
            }
        }
    }
}

fn step(node: &Node, path: &str, wanted: &str, place: Place, nearest: &mut Place) {
    let Some(rest) = wanted.strip_prefix(path) else {
        return;
    };
    if rest.is_empty() || rest.starts_with(['.', '[']) {
        *nearest = place;
        look(node, path, wanted, nearest);
    }
}
