//! A question nobody was granted does not compile to SQL.

use weir_query::{Dialect, Snapshot, TileQuery, compile};

fn leak(question: &TileQuery, snapshot: &Snapshot) {
    let _ = compile(question, Dialect::DataFusion, snapshot);
}

fn main() {}
