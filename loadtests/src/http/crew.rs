//! The people who ask: each has a dashboard in front of them, and a frame with a key and a token.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{Method, Request};
use http_body_util::Full;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use super::action::{Ask, Kind, check};
use super::frame::{self, FrameKey};
use super::line::{Line, Reply};
use super::plan::Staff;
use super::tally::Tally;
use crate::number::float;
use crate::progress::Progress;
use crate::surroundings::CLIENT;

/// How many are let in at the same time.
const AT_ONCE: usize = 4;
/// How many values of a filter are used.
const CHOICES: usize = 4;

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

/// Who sits there, and what they see.
#[derive(Debug)]
struct Seat {
    weir: String,
    sub: String,
    units: Vec<String>,
    locale: &'static str,
    dashboard: String,
    sight: Arc<Sight>,
}

/// What people of the same units see of one dashboard.
#[derive(Debug, Default)]
struct Sight {
    /// Tiles with figures.
    tiles: Vec<String>,
    /// Filters with the values they offer.
    choices: Vec<(String, Vec<String>)>,
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
                let seen = seat.look(&line, cold).await;
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
    let sessions = seats.into_iter().map(|seat| seat.sit(line));
    stream::iter(sessions).buffered(AT_ONCE).try_collect().await
}

impl Seat {
    /// Two tokens, one of them bound to a fresh key.
    async fn sit(self: Arc<Self>, line: &Line) -> anyhow::Result<Arc<Session>> {
        let spare = self.minted(line).await?;
        let launch = self.minted(line).await?;
        let (key, token) = self.bound(&launch, line).await?;
        Ok(Arc::new(Session {
            seat: self,
            key,
            token,
            spare,
        }))
    }

    /// Opens the page for the first time, and finds out what is on it.
    async fn look(&self, line: &Line, cold: &mut Tally) -> anyhow::Result<Sight> {
        let token = self.minted(line).await?;
        let began = std::time::Instant::now();
        let page = self.answered(Kind::Open, self.open(&token), line).await?;
        cold.record(Kind::Open, began.elapsed(), Ok(page.body.len() as u64));
        let page = String::from_utf8_lossy(&page.body).into_owned();
        let (key, token) = self.bound(&token, line).await?;
        let mut sight = Sight::default();
        for tile in attributes(&page, "data-tile=\"") {
            let ask = self.signed(&key, &token, &self.data(&tile), frame::now());
            if let Ok(reply) = line.send(ask).await
                && check(Kind::Tile, &reply).is_ok()
            {
                sight.tiles.push(tile);
            }
        }
        ensure!(!sight.tiles.is_empty(), "not one tile has figures");
        for filter in filters(&page)? {
            let ask = self.signed(&key, &token, &self.values(&filter), frame::now());
            let reply = self.answered(Kind::Values, ask, line).await?;
            sight.choices.push((filter, choices(&reply.json())));
        }
        sight.choices.retain(|(_, values)| !values.is_empty());
        Ok(sight)
    }

    async fn minted(&self, line: &Line) -> anyhow::Result<String> {
        let reply = self.answered(Kind::Mint, self.mint(), line).await?;
        reply.text("token").context("the answer has no token")
    }

    async fn bound(&self, launch: &str, line: &Line) -> anyhow::Result<(FrameKey, String)> {
        let key = FrameKey::new();
        let ask = self.bind(&key, launch);
        let reply = self.answered(Kind::Bind, ask, line).await?;
        let token = reply.text("token").context("the answer has no token")?;
        Ok((key, token))
    }

    async fn answered(&self, kind: Kind, ask: Ask, line: &Line) -> anyhow::Result<Reply> {
        let reply = match line.send(ask).await {
            Ok(reply) => reply,
            Err(failure) => bail!("{kind}: {failure}"),
        };
        if let Err(failure) = check(kind, &reply) {
            let said: String = String::from_utf8_lossy(&reply.body)
                .chars()
                .take(500)
                .collect();
            bail!("{kind}: {failure}: {said}");
        }
        Ok(reply)
    }

    fn mint(&self) -> Ask {
        let (id, secret, origin) = CLIENT;
        let wish = json!({
            "dashboard": self.dashboard, "subject": { "sub": self.sub },
            "business_units": self.units, "locale": self.locale, "origin": origin,
        });
        let credential = STANDARD.encode(format!("{id}:{secret}"));
        let authorization = format!("Basic {credential}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ];
        self.ask(
            Method::POST,
            "/api/v1/embed-tokens",
            &headers,
            wish.to_string(),
        )
    }

    /// What a browser sends when the SDK's form opens the dashboard in its frame.
    fn open(&self, token: &str) -> Ask {
        let form = self.form(token);
        let (_, _, origin) = CLIENT;
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin),
            ("accept", "text/html"),
            ("sec-fetch-dest", "iframe"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-site", "cross-site"),
        ];
        self.ask(
            Method::POST,
            &format!("/embed/{}", self.dashboard),
            &headers,
            form,
        )
    }

    fn form(&self, token: &str) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("locale", self.locale)
            .finish()
    }

    fn bind(&self, key: &FrameKey, launch: &str) -> Ask {
        let path = format!("/embed/{}/bind", self.dashboard);
        let address = format!("{}{path}", self.weir);
        let proof = key.proof("POST", &address, launch, frame::now());
        let authorization = format!("Bearer {launch}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("dpop", proof.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.ask(Method::POST, &path, &headers, String::new())
    }

    fn data(&self, tile: &str) -> String {
        format!("/api/v1/dashboards/{}/tiles/{tile}/data", self.dashboard)
    }

    fn values(&self, filter: &str) -> String {
        format!(
            "/api/v1/dashboards/{}/filters/{filter}/values",
            self.dashboard
        )
    }

    fn tile(&self, tile: &str, (filter, value): (&str, &str)) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(filter, value)
            .append_pair("locale", self.locale)
            .finish();
        format!("/embed/{}/tiles/{tile}?{query}", self.dashboard)
    }

    /// A `GET` with the frame's token, and a proof that is good at `at`.
    fn signed(&self, key: &FrameKey, token: &str, target: &str, at: Duration) -> Ask {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let proof = key.proof("GET", &format!("{}{path}", self.weir), token, at);
        let authorization = format!("DPoP {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("dpop", proof.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.ask(Method::GET, target, &headers, String::new())
    }

    /// Everything here is made of what is fit for a request; what is not would ask for nothing and
    /// be seen as a failure.
    fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)], body: String) -> Ask {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.weir));
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        request
            .body(Full::from(Bytes::from(body)))
            .unwrap_or_default()
    }
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

    pub(super) fn health(&self) -> Ask {
        self.seat.ask(Method::GET, "/healthz", &[], String::new())
    }

    fn signed(&self, target: &str, at: Duration) -> Ask {
        self.seat.signed(&self.key, &self.token, target, at)
    }
}

fn one_of<'a, T>(all: &'a [T], chance: &mut StdRng) -> Option<&'a T> {
    all.get(chance.random_range(0..all.len().max(1)))
}

/// The values of an attribute in a page, each once, in their order.
fn attributes(page: &str, start: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for rest in page.split(start).skip(1) {
        if let Some((value, _)) = rest.split_once('"')
            && !found.iter().any(|known| known == value)
        {
            found.push(value.to_owned());
        }
    }
    found
}

/// The filters that the page tells its script about. The period has no values to ask for.
fn filters(page: &str) -> anyhow::Result<Vec<String>> {
    let (_, rest) = page
        .split_once("id=\"weir-frame\"")
        .context("the page has nothing for the frame's script")?;
    let facts = rest
        .split_once('>')
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(facts, _)| facts)
        .context("what the page has for the frame's script has no end")?;
    let facts: Value = serde_json::from_str(facts)?;
    let names = facts.get("filters").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    Ok(names
        .filter(|name| *name != "period")
        .map(str::to_owned)
        .collect())
}

fn choices(answer: &Value) -> Vec<String> {
    let values = answer.get("values").and_then(Value::as_array);
    let values = values.into_iter().flatten();
    values
        .filter_map(|option| option.get("value")?.as_str())
        .take(CHOICES)
        .map(str::to_owned)
        .collect()
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
            let alone = places.iter().filter(|(units, _)| units == &[unit.clone()]);
            assert!(alone.count() > 0, "nobody works for {unit} alone");
        }
        assert!(places.iter().any(|(units, _)| units.len() == 7));
        assert!(places.iter().any(|(units, _)| units.len() == 2));
    }

    #[test]
    fn tiles_and_filters_are_read_from_the_page() {
        let page = "<section data-tile=\"a\" data-state=\"ready\"></section><p data-tile=\"b\">\
                    <script type=\"application/json\" id=\"weir-frame\" nonce=\"x\">\
                    {\"filters\":[\"period\",\"region\"]}</script><i data-tile=\"a\">";

        assert_eq!(attributes(page, "data-tile=\""), ["a", "b"]);
        assert_eq!(filters(page).unwrap(), ["region"]);
    }
}
