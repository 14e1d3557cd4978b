//! A lake that gets newer snapshots while somebody looks: its catalog, with the same tables behind it.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

/// What the name of a table's metadata ends with.
const METADATA: &[u8] = b".metadata.json";

/// Where an `SQLite` file counts its changes, and says for which of them its size holds: readers that
/// find another number forget the pages they know (<https://sqlite.org/fileformat.html>, 1.3).
const COUNTERS: [usize; 2] = [24, 92];

/// A copy of a lake's catalog. The tables stay where they are.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) dir: PathBuf,
}

impl Catalog {
    /// Copies the catalog of `lake` into `dir`.
    pub(super) fn copy(lake: &Path, dir: PathBuf) -> anyhow::Result<Self> {
        for file in ["catalog.db", "lake.json"] {
            fs::copy(lake.join(file), dir.join(file))
                .with_context(|| format!("copying {file} of {}", lake.display()))?;
        }
        Ok(Self { dir })
    }

    /// Makes each table's last snapshot but one its newest, or the other way about, as a job's commit
    /// does: in one write, and so that readers notice.
    pub(super) fn turn(&self) -> anyhow::Result<()> {
        let path = self.dir.join("catalog.db");
        let mut bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let turned = turn(&mut bytes);
        ensure!(
            turned > 0,
            "no table of {} has two snapshots",
            path.display()
        );
        // The same file: Weir has it open.
        let mut file = fs::OpenOptions::new().write(true).open(&path)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&bytes)
            .with_context(|| format!("writing {}", path.display()))
    }
}

/// Exchanges the newest and the previous metadata in every row of the catalog; how many rows there are.
fn turn(bytes: &mut [u8]) -> usize {
    let mut turned = 0;
    let mut from = 0;
    while let Some(end) = find(bytes, METADATA, from) {
        from = end;
        let Some(start) = begin(bytes, end) else {
            continue;
        };
        // A row has both names one behind the other, and both are as long: a number of five digits
        // and a UUID differ.
        let both = start..end + (end - start);
        let Some(pair) = bytes.get_mut(both.clone()) else {
            continue;
        };
        let (newest, previous) = pair.split_at_mut(end - start);
        if previous.ends_with(METADATA) && newest != previous {
            newest.swap_with_slice(previous);
            turned += 1;
            from = both.end;
        }
    }
    for place in COUNTERS {
        if let Some(counter) = bytes.get_mut(place..place + 4)
            && let Ok(number) = <[u8; 4]>::try_from(&*counter)
        {
            counter.copy_from_slice(&u32::from_be_bytes(number).wrapping_add(1).to_be_bytes());
        }
    }
    turned
}

/// The place behind the first `wanted` at or after `from`.
fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = rest.windows(wanted.len()).position(|some| some == wanted)?;
    Some(from + found + wanted.len())
}

/// Where the path that ends at `end` begins: a path is what stands as often as the next one does.
fn begin(bytes: &[u8], end: usize) -> Option<usize> {
    let next = find(bytes, METADATA, end)?;
    end.checked_sub(next - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_newest_snapshots_of_every_table_change_places_and_readers_notice() {
        let row = |table: &str, first: &str, second: &str| {
            format!(
                "weirgold{table}/l/{table}/{first}.metadata.json/l/{table}/{second}.metadata.jsonTABLE"
            )
        };
        let header = [0_u8; 100];
        let file = |first: &str, second: &str| {
            let rows = row("statements", first, second) + "\0\0" + &row("risk", first, second);
            [&header[..], rows.as_bytes()].concat()
        };
        let mut bytes = file("00003-b", "00002-a");

        let turned = turn(&mut bytes);

        assert_eq!(turned, 2);
        assert_eq!(bytes[100..], file("00002-a", "00003-b")[100..]);
        assert_eq!((bytes[27], bytes[95]), (1, 1));
        turn(&mut bytes);
        assert_eq!(bytes[100..], file("00003-b", "00002-a")[100..]);
    }
}
