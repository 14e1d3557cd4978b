//! Rows become view-models: the last place that sees a row, and the first that speaks a language.
//!
//! A [`Presenter`] writes one language; [`Presenters`] holds both and is built once, because the
//! ICU formatters inside are costly to make and free to use. What it returns is final: labels from
//! the catalog, numbers and dates as text, positions for geometry, every sentence a reader may
//! need. It decides nothing about access: hidden measures have left the question before it comes
//! here, masked values arrive masked. No number is computed across tiles; within one, only what
//! can be added up is (`Other`, a donut's total), exactly, in decimals.
//!
//! Texts from the data are passed on as they are; escaping them is the view's work.

mod answer;
mod date;
mod filter;
mod hue;
mod kpi;
mod moment;
mod money;
mod number;
mod parts;
mod preview;
mod series;
mod speed;
mod table;
mod text;
mod trust;

use chrono::{DateTime, Utc};
use weir_frontend::model::{Span, TableVm, TileBody, TileFrame, TileKind, TileVm};
use weir_query::dashboard::{ChartKind, Tile};
use weir_query::{Locale, Period, ResultSet, TileQuery};

pub(crate) use hue::Hues;
pub(crate) use trust::Scope;

use answer::Answer;
use date::Dates;
use number::Numbers;

/// A table with more rows than this is three rows of the grid high.
const SHORT_TABLE: u32 = 6;

/// Both languages.
#[derive(Debug)]
pub struct Presenters {
    english: Presenter,
    french: Presenter,
}

impl Presenters {
    /// Builds the formatters of both languages.
    ///
    /// # Errors
    /// [`PresentError`] when the locale data compiled in lacks one of them.
    pub(crate) fn new() -> Result<Self, PresentError> {
        Ok(Self {
            english: Presenter::new(Locale::EnCa)?,
            french: Presenter::new(Locale::FrCa)?,
        })
    }

    /// The presenter for readers of `locale`.
    pub(crate) fn get(&self, locale: Locale) -> &Presenter {
        match locale {
            Locale::EnCa => &self.english,
            Locale::FrCa => &self.french,
        }
    }
}

/// Turns answers into what readers of one language see.
#[derive(Debug)]
pub struct Presenter {
    locale: Locale,
    numbers: Numbers,
    dates: Dates,
}

/// Why a presenter could not be built.
#[derive(Debug, thiserror::Error)]
pub enum PresentError {
    /// The tag is not one that ICU can read.
    #[error("`{0}` is no locale that dates and numbers can be written in")]
    Tag(Locale),
    /// No number format.
    #[error("the number format of `{0}` is missing")]
    Numbers(Locale),
    /// No date format.
    #[error("a date format is missing")]
    Dates(#[from] icu_datetime::DateTimeFormatterLoadError),
}

/// A tile and its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TileData<'a> {
    /// The tile as the dashboard declares it.
    pub(crate) tile: &'a Tile,
    /// What the grant left of its question.
    pub(crate) question: &'a TileQuery,
    /// The answer.
    pub(crate) rows: &'a ResultSet,
    /// A KPI's way there: what the grant left of the trend question, and its answer.
    pub(crate) trend: Option<(&'a TileQuery, &'a ResultSet)>,
    /// The page's period ([`weir_query::Bound::period`]): where a time axis begins and ends.
    pub(crate) period: Option<Period>,
}

/// Where a tile's numbers come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Provenance<'a> {
    /// When the data was committed.
    pub(crate) data_time: DateTime<Utc>,
    /// The present.
    pub(crate) now: DateTime<Utc>,
    /// Whether the data is older than promised.
    pub(crate) stale: bool,
    /// Whose rows: [`Scope::brief`].
    pub(crate) scope: &'a str,
    /// [`Presenter::why`].
    pub(crate) why: &'a [String],
}

/// A chart, its table twin and the sentence that says what it shows.
struct Drawn<T> {
    body: T,
    table: Option<TableVm>,
    description: String,
}

impl<T> Drawn<T> {
    fn map<U>(self, body: impl FnOnce(T) -> U) -> Drawn<U> {
        Drawn {
            body: body(self.body),
            table: self.table,
            description: self.description,
        }
    }
}

impl Presenter {
    /// Builds the formatters of one language.
    ///
    /// # Errors
    /// [`PresentError`] when the locale data compiled in lacks it.
    pub(crate) fn new(locale: Locale) -> Result<Self, PresentError> {
        Ok(Self {
            locale,
            numbers: Numbers::new(locale)?,
            dates: Dates::new(locale)?,
        })
    }

    /// A tile's box: all that is known before its data.
    pub(crate) fn frame(&self, tile: &Tile) -> TileFrame {
        let (kind, rows) = match tile.chart {
            ChartKind::Kpi => (TileKind::Kpi, 1),
            ChartKind::Line => (TileKind::Line, 2),
            ChartKind::Bar => (TileKind::Bar, 2),
            ChartKind::StackedBar => (TileKind::StackedBar, 2),
            ChartKind::Donut => (TileKind::Donut, 2),
            ChartKind::Table if tile.limit.is_some_and(|limit| limit <= SHORT_TABLE) => {
                (TileKind::Table, 2)
            }
            ChartKind::Table => (TileKind::Table, 3),
        };
        let subtitle = tile
            .subtitle
            .as_ref()
            .map(|subtitle| subtitle.get(self.locale).to_owned());
        TileFrame {
            id: tile.id.to_string(),
            title: tile.title.get(self.locale).to_owned(),
            subtitle: subtitle.unwrap_or_default(),
            kind,
            span: Span {
                columns: tile.width,
                rows,
            },
        }
    }

    /// A tile whose answer is here. `narrowed_by` ([`Presenter::narrowing`]) is named where there
    /// is nothing to show.
    pub(crate) fn ready(
        &self,
        data: &TileData<'_>,
        hues: &Hues,
        provenance: &Provenance<'_>,
        narrowed_by: Option<String>,
    ) -> TileVm {
        let drawn = self
            .draw(data, hues)
            .unwrap_or_else(|| self.nothing(data, narrowed_by));
        TileVm {
            frame: self.frame(data.tile),
            body: drawn.body,
            description: drawn.description,
            table: drawn.table,
            trust: Some(self.trust(provenance)),
            why: provenance.why.to_vec(),
            file: None,
        }
    }

    /// A tile that the policy keeps from this reader; `code` is that of the denial or refusal.
    pub(crate) fn withheld(&self, tile: &Tile, code: &str) -> TileVm {
        let reason = text::withheld(code, tile.dataset.label().get(self.locale), self.locale);
        let contact = Some(text::contact(self.locale).to_owned());
        self.note(
            tile,
            TileBody::Withheld {
                reason: reason.clone(),
                contact,
            },
            reason,
        )
    }

    /// A tile whose query failed.
    pub(crate) fn failed(&self, tile: &Tile, request_id: &str) -> TileVm {
        let sentence = text::failed(self.locale).to_owned();
        let request_id = request_id.to_owned();
        self.note(
            tile,
            TileBody::Error {
                sentence: sentence.clone(),
                request_id,
            },
            sentence,
        )
    }

    /// A tile that a budget has no room for.
    pub(crate) fn over_budget(&self, tile: &Tile) -> TileVm {
        let reason = text::over_budget(self.locale).to_owned();
        let contact = Some(text::contact(self.locale).to_owned());
        self.note(
            tile,
            TileBody::Unaffordable {
                reason: reason.clone(),
                contact,
            },
            reason,
        )
    }

    fn note(&self, tile: &Tile, body: TileBody, description: String) -> TileVm {
        let frame = self.frame(tile);
        TileVm {
            frame,
            body,
            description,
            table: None,
            trust: None,
            why: Vec::new(),
            file: None,
        }
    }

    /// `None` when there is nothing to draw.
    fn draw(&self, data: &TileData<'_>, hues: &Hues) -> Option<Drawn<TileBody>> {
        let answer = Answer::new(data.question, data.rows);
        if data.tile.chart == ChartKind::Table {
            let drawn = self.table(data);
            return (!data.rows.rows().is_empty()).then(|| drawn.map(TileBody::Table));
        }
        if answer.is_empty() {
            return None;
        }
        match data.tile.chart {
            ChartKind::Kpi => self.kpi(data).map(|drawn| drawn.map(TileBody::Kpi)),
            ChartKind::Line => self.line(data, hues).map(|drawn| drawn.map(TileBody::Line)),
            ChartKind::Bar => self.bar(data, hues).map(|drawn| drawn.map(TileBody::Bar)),
            ChartKind::StackedBar => self
                .stacked(data, hues)
                .map(|drawn| drawn.map(TileBody::StackedBar)),
            ChartKind::Donut => self
                .donut(data, hues)
                .map(|drawn| drawn.map(TileBody::Donut)),
            ChartKind::Table => None,
        }
    }

    fn nothing(&self, data: &TileData<'_>, cause: Option<String>) -> Drawn<TileBody> {
        let dataset = data.tile.dataset.label().get(self.locale);
        let sentence = text::nothing(dataset, data.period.is_some(), self.locale);
        Drawn {
            description: sentence.clone(),
            body: TileBody::Empty { sentence, cause },
            table: None,
        }
    }
}

#[cfg(test)]
mod tests;
