//! Which colour an entity has, on every tile of a dashboard.

use std::collections::BTreeMap;

use weir_frontend::model::Hue;
use weir_policy::{ColumnName, DatasetName};
use weir_query::{Dashboard, MeasureName};

/// How many hues the palette has.
const PALETTE: u8 = 8;

/// The colours of one dashboard: by column and value, and by measure.
#[derive(Debug, Default)]
pub(crate) struct Hues {
    values: BTreeMap<ColumnName, BTreeMap<String, usize>>,
    measures: BTreeMap<(DatasetName, MeasureName), usize>,
}

impl Hues {
    /// Measures in reading order; values in the order of the catalog, whichever of them a reader
    /// may see: a colour must not tell which others there are.
    pub(crate) fn for_dashboard(dashboard: &Dashboard) -> Self {
        let mut hues = Self::default();
        for tile in dashboard.tiles() {
            for measure in &tile.measures {
                let next = hues.measures.len();
                let key = (tile.dataset.name().clone(), measure.name.clone());
                hues.measures.entry(key).or_insert(next);
            }
            for dimension in &tile.dimensions {
                let Some(column) = tile.dataset.column(&dimension.column) else {
                    continue;
                };
                let known = hues.values.entry(dimension.column.clone()).or_default();
                for value in column.values.keys() {
                    let next = known.len();
                    known.entry(value.clone()).or_insert(next);
                }
            }
        }
        hues
    }

    /// The colour of a measure.
    pub(super) fn measure(&self, dataset: &DatasetName, name: &MeasureName) -> Hue {
        let index = self
            .measures
            .get(&(dataset.clone(), name.clone()))
            .copied()
            .unwrap_or(0);
        Hue::Categorical(in_palette(index))
    }

    /// The colours of values that stand side by side on one chart. The first eight of the catalog
    /// keep theirs everywhere; any other moves to the next free hue where its own is taken. `None`
    /// (NULL) is grey.
    pub(super) fn values(&self, column: &ColumnName, values: &[Option<&str>]) -> Vec<Hue> {
        let known = self.values.get(column);
        let wanted = |value: &str| known.and_then(|known| known.get(value)).copied();
        let mut given: BTreeMap<&str, u8> = BTreeMap::new();
        let mut taken = 0_u8;
        let mut later = std::collections::BTreeSet::new();
        for value in values.iter().copied().flatten() {
            match wanted(value) {
                Some(index) if index < usize::from(PALETTE) => {
                    given.insert(value, in_palette(index));
                    taken |= 1 << in_palette(index);
                }
                index => {
                    later.insert((index.map_or_else(|| digest(value), in_palette), value));
                }
            }
        }
        for (own, value) in later {
            let free = (0..PALETTE)
                .map(|step| (own + step) % PALETTE)
                .find(|hue| taken & (1 << hue) == 0);
            let hue = free.unwrap_or(own);
            taken |= 1 << hue;
            given.insert(value, hue);
        }
        let hue = |value: Option<&str>| value.and_then(|value| given.get(value)).copied();
        let hues = values
            .iter()
            .map(|value| hue(*value).map_or(Hue::Other, Hue::Categorical));
        hues.collect()
    }
}

fn in_palette(index: usize) -> u8 {
    u8::try_from(index % usize::from(PALETTE)).unwrap_or(0)
}

/// FNV-1a folded to a hue: the same on every machine and in every release.
fn digest(value: &str) -> u8 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = value.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    u8::try_from((hash ^ (hash >> 32)) % u64::from(PALETTE)).unwrap_or(0)
}
