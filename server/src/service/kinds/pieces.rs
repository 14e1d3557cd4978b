//! Parts of pages as they were drawn. A piece is found again only when it would come out the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::NaiveDate;
use moka::future::Cache;
use weir_query::Locale;

use super::same::Same;
use crate::service::query_cache::Entry;

/// How long a piece is kept that nobody looks at: ages are written in it, and change.
const IDLE: Duration = Duration::from_mins(10);

/// What a piece takes beside its text.
const BESIDE: usize = 256;

/// Which part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// Its title, and whose rows of when.
    Heading,
    /// The filter bar: in a frame or not, on what day.
    Bar(bool, NaiveDate),
    /// A tile.
    Tile {
        /// Its place in the dashboard.
        index: usize,
        /// The age that it tells.
        age: String,
        /// Whether it offers its rows as a file: a right of the reader's, which their kind does not say.
        with_file: bool,
    },
}

/// Everything that a piece hangs on but the rows in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Piece {
    /// [`Known::id`](super::Known::id): content, dashboard, claims, period, filters and snapshots.
    pub kind: u64,
    /// Which part.
    pub place: Place,
    /// In which language.
    pub locale: Locale,
    /// Whether newer snapshots are known than those shown.
    pub stale: bool,
}

/// A piece, and the rows it shows.
#[derive(Debug, Clone)]
pub struct Drawn {
    html: Arc<str>,
    /// What stands in it that a page's script is told too.
    names: Arc<[String]>,
    rows: Vec<Option<Same<Entry>>>,
}

impl Drawn {
    /// A piece that shows the rows of these answers, in this order.
    #[must_use]
    pub fn new(html: String, names: Vec<String>, rows: &[Option<&Arc<Entry>>]) -> Self {
        let rows = rows.iter().map(|entry| entry.map(Same::of));
        Self {
            html: html.into(),
            names: names.into(),
            rows: rows.collect(),
        }
    }

    /// Its HTML.
    #[must_use]
    pub fn html(&self) -> &Arc<str> {
        &self.html
    }

    /// The names in it.
    #[must_use]
    pub fn names(&self) -> &Arc<[String]> {
        &self.names
    }

    fn shows(&self, rows: &[Option<&Arc<Entry>>]) -> bool {
        let all = self.rows.len() == rows.len();
        all && self.rows.iter().zip(rows).all(|both| match both {
            (Some(one), Some(other)) => one.is(other),
            (None, None) => true,
            _ => false,
        })
    }

    fn weight(&self, piece: &Piece) -> u32 {
        let age = match &piece.place {
            Place::Tile { age, .. } => age.len(),
            Place::Heading | Place::Bar(..) => 0,
        };
        let names: usize = self.names.iter().map(|name| name.len() + 24).sum();
        let bytes = self.html.len() + names + age + BESIDE;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// Pieces by what they hang on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pieces {
    /// `None` where nothing is kept.
    drawn: Option<Cache<Piece, Drawn>>,
    counters: Arc<(AtomicU64, AtomicU64)>,
}

impl Pieces {
    pub(super) fn new(max_bytes: u64) -> Self {
        let weigh = |piece: &Piece, drawn: &Drawn| drawn.weight(piece);
        let drawn = (max_bytes > 0).then(|| {
            Cache::builder()
                .max_capacity(max_bytes)
                .weigher(weigh)
                .time_to_idle(IDLE)
                .build()
        });
        Self {
            drawn,
            counters: Arc::default(),
        }
    }

    /// The piece with exactly these rows, as it was drawn before or as `draw` does now.
    pub async fn get(
        &self,
        piece: Piece,
        rows: &[Option<&Arc<Entry>>],
        draw: impl FnOnce() -> (String, Vec<String>),
    ) -> Drawn {
        let (kept, made) = &*self.counters;
        if let Some(cache) = &self.drawn
            && let Some(drawn) = cache.get(&piece).await
            && drawn.shows(rows)
        {
            kept.fetch_add(1, Ordering::Relaxed);
            return drawn;
        }
        made.fetch_add(1, Ordering::Relaxed);
        let (html, names) = draw();
        let drawn = Drawn::new(html, names, rows);
        if let Some(cache) = &self.drawn {
            cache.insert(piece, drawn.clone()).await;
        }
        drawn
    }

    /// How many were there, and how many had to be drawn.
    pub(super) fn counted(&self) -> (u64, u64) {
        let (kept, made) = &*self.counters;
        (kept.load(Ordering::Relaxed), made.load(Ordering::Relaxed))
    }
}
