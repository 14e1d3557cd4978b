//! The people who ask: each has a dashboard in front of them, and a frame with a key and a token.

mod seat;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{Method, Request};
use http_body_util::Full;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use self::seat::Seat;
use super::action::Ask;
use super::frame::FrameKey;
use super::line::Line;
use super::plan::Staff;
use super::tally::Tally;
use crate::number::float;
use crate::progress::Progress;

/// How many are let in at the same time.
const AT_ONCE: usize = 4;

/// Everybody, and the line they ask through.
#[derive(Debug)]
pub struct Crew {
    pub(super) line: Line,
    sessions: Vec<Arc<Session>>,
}

/// Somebody in front of a dashboard.
#[derive(Debug, Clone)]
pub struct Session {
    seat: Arc<Seat>,
    key: FrameKey,
    token: String,
    /// A launch token that is not bound: pages are opened with it.
    spare: String,
}

impl Crew {
    /// Lets everybody in. The first of each kind opens a page that nobody opened before; how long
    /// that takes goes into `cold`.
    ///
    /// # Errors
    /// Somebody is not let in, or sees no figures at all.
    pub async fn enlist(
        weir: &str,
        staff: &Staff,
        cold: &mut Tally,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        ensure!(
            staff.people > 0 && !staff.units.is_empty() && !staff.dashboards.is_empty(),
            "nobody asks, or nobody is asked about anything"
        );
        let line = Line::new();
        let mut sights = BTreeMap::new();
        let mut seats = Vec::new();
        for (number, (units, dashboard)) in places(staff).into_iter().enumerate() {
            let sight = (units.clone(), dashboard.clone());
            let mut seat = Seat {
                weir: weir.to_owned(),
                sub: format!("load-{number}"),
                units,
                locale: if number % 3 == 0 { "en-CA" } else { "fr-CA" },
                dashboard,
                sight: Arc::default(),
            };
            if !sights.contains_key(&sight) {
                progress.now(&format!(
                    "{} of {} for the first time",
                    sight.1,
                    sight.0.join(", ")
                ));
                let seen = seat.look(&line.for_the_first_time(), cold).await;
                let seen = seen.with_context(|| format!("opening {} as {:?}", sight.1, sight.0))?;
                sights.insert(sight.clone(), Arc::new(seen));
            }
            seat.sight = sights.get(&sight).map(Arc::clone).unwrap_or_default();
            seats.push(Arc::new(seat));
        }
        let sessions = sit(seats, &line).await?;
        Ok(Self { line, sessions })
    }

    /// New tokens for everybody: they live five minutes, and rounds may follow each other for longer.
    ///
    /// # Errors
    /// Somebody is not let in.
    pub async fn renew(&mut self) -> anyhow::Result<()> {
        let seats = self
            .sessions
            .iter()
            .map(|session| Arc::clone(&session.seat));
        self.sessions = sit(seats.collect(), &self.line).await?;
        Ok(())
    }

    /// The first tile as JSON, for the person whose turn it is: a request to be sent at a time since
    /// 1970.
    #[must_use]
    pub fn tile_of(&self, turn: u64, at: Duration) -> Option<Request<Full<Bytes>>> {
        let place = turn % (self.sessions.len().max(1) as u64);
        let session = self.sessions.get(usize::try_from(place).ok()?)?;
        let tile = session.seat.sight.tiles.first()?;
        Some(session.signed(&session.seat.data(tile), at))
    }

    /// Where that tile is.
    #[must_use]
    pub fn tile_path(&self) -> Option<String> {
        let seat = &self.sessions.first()?.seat;
        Some(seat.data(seat.sight.tiles.first()?))
    }

    /// The first person's launch of the page, and its body as text.
    #[must_use]
    pub fn first_page(&self) -> Option<(Request<Full<Bytes>>, String)> {
        let session = self.sessions.first()?;
        Some((session.open_again(), session.seat.form(&session.spare)))
    }

    /// Somebody.
    pub(super) fn anybody(&self, chance: &mut StdRng) -> Option<&Arc<Session>> {
        let place = chance.random_range(0..self.sessions.len().max(1));
        self.sessions.get(place)
    }

    /// How many there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.sessions.len()
    }
}

/// Who works for which units, and which dashboard each has open.
fn places(staff: &Staff) -> Vec<(Vec<String>, String)> {
    let mut chance = StdRng::seed_from_u64(7);
    let units = |number: usize| -> Vec<String> {
        let count = match number {
            _ if number % 16 == 15 => staff.units.len(),
            _ if number % 8 == 7 => 2,
            _ => 1,
        };
        let from = staff.units.iter().cycle().skip(number % staff.units.len());
        let mut units: Vec<_> = from.take(count.min(staff.units.len())).cloned().collect();
        units.sort();
        units
    };
    (0..staff.people)
        .filter_map(|number| Some((units(number), liked(staff, &mut chance)?)))
        .collect()
}

/// One dashboard, by Zipf's law: the n-th is liked 1/n^s as much as the first.
fn liked(staff: &Staff, chance: &mut StdRng) -> Option<String> {
    let ranks = 1..=staff.dashboards.len() as u64;
    let weights: Vec<f64> = ranks.map(|rank| float(rank).powf(-staff.zipf)).collect();
    let mut left = chance.random::<f64>() * weights.iter().sum::<f64>();
    for (dashboard, weight) in staff.dashboards.iter().zip(weights) {
        left -= weight;
        if left <= 0.0 {
            return Some(dashboard.clone());
        }
    }
    staff.dashboards.last().cloned()
}

async fn sit(seats: Vec<Arc<Seat>>, line: &Line) -> anyhow::Result<Vec<Arc<Session>>> {
    let sessions = seats.into_iter().map(|seat| session(seat, line));
    stream::iter(sessions).buffered(AT_ONCE).try_collect().await
}

impl Session {
    pub(super) fn mint(&self) -> Ask {
        self.seat.mint()
    }

    pub(super) fn open(&self, token: &str) -> Ask {
        self.seat.open(token)
    }

    pub(super) fn bind(&self, key: &FrameKey, launch: &str) -> Ask {
        self.seat.bind(key, launch)
    }

    /// The page with the spare token.
    pub(super) fn open_again(&self) -> Ask {
        self.seat.open(&self.spare)
    }

    /// One tile as JSON.
    pub(super) fn data(&self, chance: &mut StdRng, at: Duration) -> Option<Ask> {
        let tile = one_of(&self.seat.sight.tiles, chance)?;
        Some(self.signed(&self.seat.data(tile), at))
    }

    /// All tiles under one value of one filter; without filters, as they are.
    pub(super) fn filter(&self, chance: &mut StdRng, at: Duration) -> Vec<Ask> {
        let sight = &self.seat.sight;
        let choice = one_of(&sight.choices, chance)
            .and_then(|(filter, values)| Some((filter.as_str(), one_of(values, chance)?.as_str())));
        let choice = choice.unwrap_or(("theme", "auto"));
        let tiles = sight.tiles.iter();
        tiles
            .map(|tile| self.signed(&self.seat.tile(tile, choice), at))
            .collect()
    }

    /// What a filter offers.
    pub(super) fn values(&self, chance: &mut StdRng, at: Duration) -> Option<Ask> {
        let (filter, _) = one_of(&self.seat.sight.choices, chance)?;
        Some(self.signed(&self.seat.values(filter), at))
    }

    /// All rows of one tile as CSV.
    pub(super) fn export(&self, chance: &mut StdRng, at: Duration) -> Option<Ask> {
        let tile = one_of(&self.seat.sight.tiles, chance)?;
        Some(self.signed(&self.seat.export(tile), at))
    }

    pub(super) fn health(&self) -> Ask {
        self.seat.ask(Method::GET, "/healthz", &[], String::new())
    }

    fn signed(&self, target: &str, at: Duration) -> Ask {
        self.seat.signed(&self.key, &self.token, target, at)
    }
}

/// Two tokens, one of them bound to a fresh key.
async fn session(seat: Arc<Seat>, line: &Line) -> anyhow::Result<Arc<Session>> {
    let spare = seat.minted(line).await?;
    let launch = seat.minted(line).await?;
    let (key, token) = seat.bound(&launch, line).await?;
    Ok(Arc::new(Session {
        seat,
        key,
        token,
        spare,
    }))
}

fn one_of<'a, T>(all: &'a [T], chance: &mut StdRng) -> Option<&'a T> {
    all.get(chance.random_range(0..all.len().max(1)))
}

#[cfg(test)]
impl Crew {
    /// Somebody without tokens, who can ask whether Weir is there and nothing else.
    pub(super) fn alone(weir: &str) -> Self {
        let seat = Seat {
            weir: weir.to_owned(),
            sub: "load-0".to_owned(),
            units: Vec::new(),
            locale: "en-CA",
            dashboard: "finance-overview".to_owned(),
            sight: Arc::default(),
        };
        let session = Session {
            seat: Arc::new(seat),
            key: FrameKey::new(),
            token: String::new(),
            spare: String::new(),
        };
        Self {
            line: Line::new(),
            sessions: vec![Arc::new(session)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_place_and_the_first_dashboard_is_liked_most() {
        let staff = Staff::default();

        let places = places(&staff);

        assert_eq!(places.len(), staff.people);
        let likes = |slug: &str| places.iter().filter(|(_, liked)| liked == slug).count();
        assert!(likes(&staff.dashboards[0]) > likes(&staff.dashboards[3]));
        for unit in &staff.units {
            let alone = places
                .iter()
                .filter(|(units, _)| units == std::slice::from_ref(unit));
            assert!(alone.count() > 0, "nobody works for {unit} alone");
        }
        assert!(places.iter().any(|(units, _)| units.len() == 7));
        assert!(places.iter().any(|(units, _)| units.len() == 2));
    }
}
