//! An answer as bytes, packed. Reading is strict: what is not exactly what was written is no answer.

mod read;
mod write;

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use self::read::Reader;
use crate::service::query_cache::Entry;

/// The first byte of an answer. Another release may write another form.
const FORM: u8 = 1;

/// Bytes of an answer before it is packed.
const MOST: usize = 64 << 20;

/// What kind of cell follows.
mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INTEGER: u8 = 3;
    pub(super) const DOUBLE: u8 = 4;
    pub(super) const DECIMAL: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const DATE: u8 = 7;
    pub(super) const TIMESTAMP: u8 = 8;
}

/// What type of column follows.
mod kind {
    pub(super) const BOOLEAN: u8 = 0;
    pub(super) const INTEGER: u8 = 1;
    pub(super) const DOUBLE: u8 = 2;
    pub(super) const DECIMAL: u8 = 3;
    pub(super) const TEXT: u8 = 4;
    pub(super) const DATE: u8 = 5;
    pub(super) const TIMESTAMP: u8 = 6;
}

/// The answer as bytes; `None` when there are too many.
pub(super) fn packed(entry: &Entry) -> Option<Vec<u8>> {
    let plain = write::entry(entry)?;
    if plain.len() > MOST {
        return None;
    }
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&plain).ok()?;
    packer.finish().ok()
}

/// The answer that [`packed`] made these bytes of; `None` when it did not.
pub(super) fn unpacked(packed: &[u8]) -> Option<Entry> {
    let mut plain = Vec::new();
    let limit = u64::try_from(MOST).ok()?.checked_add(1)?;
    let mut unpacker = DeflateDecoder::new(packed).take(limit);
    unpacker.read_to_end(&mut plain).ok()?;
    if plain.len() > MOST {
        return None;
    }
    Reader::new(&plain).entry()
}

#[cfg(test)]
mod tests;
