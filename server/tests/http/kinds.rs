//! What page views have in common is worked out once and kept (`service/kinds.rs`), and nobody can tell:
//! every answer and every record is the same as where nothing is kept (invariants 5, 10, 13).
//!
//! Two worlds over one lake are asked the same at the same times, one with the memory and one without.
//! Askers with the same claims and other names, askers with others, both languages, filters, clocks that
//! move on so that ages change, tables that change and rules that are published come at random. Made
//! equal before comparing is only what belongs to one request: its id, its nonce, its token.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use http::StatusCode;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use weir_identity::{EmbedGrant, Right};
use weir_policy::Revision;
use weir_registry::{Fact, Label};
use weir_server::content::{Content, folders};
use weir_server::service::kinds::KindsSnapshot;

use crate::support::ask::{Answer, Ask, framed, get, post, with_query};
use crate::support::canaries::{Canaries, canary, policy, row};
use crate::support::world::{HOST, UNITS, Who, World};

const SLUG: &str = "finance-overview";

/// One world that keeps kinds and one that does not, over the same lake and at the same time.
struct Twins {
    canaries: Canaries,
    kept: World,
    bare: World,
    revision: u64,
    files: usize,
}

impl Twins {
    async fn new() -> Self {
        let canaries = Canaries::new();
        let plan = canaries.plan();
        let kept = World::build(&plan).await.unwrap();
        let nothing = |text: &mut String, _: &tempfile::TempDir| {
            text.push_str("\n[cache]\npages_max_bytes = 0\n");
        };
        let bare = World::build_changed(&plan, nothing).await.unwrap();
        Self {
            canaries,
            kept,
            bare,
            revision: 1,
            files: 0,
        }
    }

    fn both(&self) -> [&World; 2] {
        [&self.kept, &self.bare]
    }

    fn advance(&self, by: TimeDelta) {
        for world in self.both() {
            world.clock.advance(by);
        }
    }

    /// Another row in both tables' units: a new set of snapshots, which both know.
    async fn change_the_tables(&mut self) {
        self.files += 1;
        let cents = 1_000 * i128::try_from(self.files).unwrap();
        let rows = UNITS.map(|unit| row(unit, &canary(unit), cents, Some(false), 11));
        let file = format!("more-{}", self.files);
        for table in ["notes", "visits"] {
            self.canaries.add(table, &file, &rows);
        }
        for world in self.both() {
            world.app.state().lake.look().await.unwrap();
        }
    }

    /// Other rules for the notes, or the first ones again, in force in both.
    fn publish(&mut self) {
        self.revision += 1;
        let rules = if self.revision.is_multiple_of(2) {
            policy("notes").replace(
                "forbid: { legal_hold: { eq: true } }",
                "forbid: { any: [{ legal_hold: { eq: true } }, { place: { eq: everywhere } }] }",
            )
        } else {
            policy("notes")
        };
        self.canaries.change_policy(&rules);
        let (policies, dashboards) = (
            self.canaries.path("policies"),
            self.canaries.path("dashboards"),
        );
        let files = folders(&policies, &dashboards).unwrap();
        for world in self.both() {
            let files = files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str()));
            let content = Content::read(files, Revision::new(self.revision)).unwrap();
            world.app.state().dashboards.published.replace(content);
        }
    }

    /// Asks both the same, and says what both answer.
    async fn ask(&self, what: &str, asked: &Asked) -> String {
        let mut told = Vec::new();
        for world in self.both() {
            told.push(asked.of(world).await);
        }
        let (bare, kept) = (told.pop().unwrap(), told.pop().unwrap());
        assert_eq!(kept, bare, "{what}: {asked:?} is answered in another way");
        for unit in asked.who.foreign() {
            assert!(
                !kept.2.contains(&canary(unit)),
                "{what}: {asked:?} shows {unit}"
            );
        }
        kept.2
    }

    fn counted(&self) -> [KindsSnapshot; 2] {
        self.both()
            .map(|world| world.app.state().dashboards.kinds.snapshot())
    }

    /// What both have on record, request by request, is the same.
    async fn records_are_the_same(&self) {
        let (kept, bare) = (records(&self.kept).await, records(&self.bare).await);
        assert_eq!(kept.len(), bare.len(), "one has more on record");
        for (number, (kept, bare)) in kept.iter().zip(&bare).enumerate() {
            assert_eq!(kept, bare, "the records of request {number} differ");
        }
        for world in self.both() {
            world.assert_chain().await;
        }
    }
}

/// Something that somebody asks.
#[derive(Debug)]
struct Asked {
    who: Who,
    /// Their token lets them take files along: a right, and no claim that a kind hangs on.
    may_export: bool,
    way: Way,
    pairs: Vec<(&'static str, &'static str)>,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Launch,
    Page,
    FrameTile(&'static str),
    PageTile(&'static str),
    Data(&'static str),
    Values,
}

type Told = (StatusCode, Vec<(String, String)>, String);

impl Asked {
    fn at_random(random: &mut StdRng) -> Self {
        let tile = *["total", "by-place", "list"].choose(random).unwrap();
        let ways = [
            Way::Launch,
            Way::Launch,
            Way::Page,
            Way::FrameTile(tile),
            Way::PageTile(tile),
            Way::Data(tile),
            Way::Values,
        ];
        let chosen: [&[_]; 4] = [
            &[],
            &[],
            &[("place", "everywhere")],
            &[("from", "2026-10-01"), ("to", "2026-10-07")],
        ];
        let mut pairs = chosen.choose(random).unwrap().to_vec();
        if random.random_bool(0.4) {
            pairs.push(("locale", "fr-CA"));
        }
        Self {
            who: anybody(random),
            may_export: random.random_bool(0.3),
            way: *ways.choose(random).unwrap(),
            pairs,
        }
    }

    async fn of(&self, world: &World) -> Told {
        let rights = if self.may_export {
            &Right::ALL[..]
        } else {
            &[]
        };
        let token = world.mint(EmbedGrant {
            rights: rights.iter().copied().collect(),
            ..World::grant(&self.who, SLUG)
        });
        let cookie = world.session(&self.who).await;
        let path = |start: &str| with_query(start, &self.pairs);
        let ask: Ask = match self.way {
            Way::Launch => {
                let mut form = vec![("token", token.as_str())];
                form.extend(&self.pairs);
                open(&form)
            }
            Way::Page => get(&path(&format!("/d/{SLUG}"))).cookie(&cookie).page(),
            Way::FrameTile(tile) => {
                get(&path(&format!("/embed/{SLUG}/tiles/{tile}"))).bearer(&token)
            }
            Way::PageTile(tile) => get(&path(&format!("/d/{SLUG}/tiles/{tile}"))).cookie(&cookie),
            Way::Data(tile) => {
                let data = format!("/api/v1/dashboards/{SLUG}/tiles/{tile}/data");
                get(&path(&data)).bearer(&token)
            }
            Way::Values => {
                let values = format!("/api/v1/dashboards/{SLUG}/filters/place/values");
                get(&path(&values)).bearer(&token)
            }
        };
        told(&world.send(ask).await, &token)
    }
}

/// What a browser sends when a host page's form opens a dashboard.
fn open(form: &[(&str, &str)]) -> Ask {
    let ask = framed(post(&format!("/embed/{SLUG}")));
    ask.header("origin", HOST).form(form)
}

impl Who {
    /// The units whose rows are not theirs.
    fn foreign(&self) -> impl Iterator<Item = &'static str> {
        let own = self.units.clone();
        UNITS.into_iter().filter(move |unit| !own.contains(unit))
    }
}

fn anybody(random: &mut StdRng) -> Who {
    let somebody = [
        Who::analyst("auto"),
        Who::analyst("auto"),
        Who::analyst("home"),
        Who::broker(),
        Who::exec(),
        Who::newcomer(),
    ];
    let who = somebody.choose(random).unwrap().clone();
    // The same claims, and another name.
    let name = format!("{}-{}", who.name, random.random_range(0..3));
    Who { name, ..who }
}

fn told(answer: &Answer, token: &str) -> Told {
    let request = answer.header("x-request-id").unwrap().to_owned();
    let policy = answer.header("content-security-policy");
    let nonce = policy.and_then(|policy| policy.split_once("'nonce-")?.1.split_once('\''));
    let nonce = nonce.map(|(nonce, _)| nonce.to_owned());
    let same = |text: &str| {
        let text = text.replace(&request, "REQUEST").replace(token, "TOKEN");
        match &nonce {
            Some(nonce) => text.replace(nonce, "NONCE"),
            None => text,
        }
    };
    let measured = |name: &str| matches!(name, "date" | "server-timing");
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !measured(name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), same(value.to_str().unwrap())));
    (answer.status, headers.collect(), same(answer.text()))
}

/// What is on record, by request, in the order in which requests came. Tiles of one page are computed
/// at the same time, so their order is nobody's promise.
async fn records(world: &World) -> Vec<Vec<String>> {
    let (mut places, mut by_request) = (BTreeMap::new(), Vec::<Vec<String>>::new());
    for record in world.audit().await {
        let request = record.event().request().as_str().to_owned();
        let place = *places.entry(request).or_insert_with(|| {
            by_request.push(Vec::new());
            by_request.len() - 1
        });
        let mut fact = record.fact().clone();
        if let Fact::Launch(launch) = &mut fact {
            // Each world made a token of its own.
            launch.token_id = Label::parse("token").unwrap();
        }
        by_request[place].push(format!("{:?} {fact:?}", record.at()));
    }
    for facts in &mut by_request {
        facts.sort();
    }
    by_request
}

async fn nobody_can_tell(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut twins = Twins::new().await;
    for step in 0..200 {
        match random.random_range(0..20) {
            0 => twins.publish(),
            1 => {
                twins.change_the_tables().await;
                // Past the time in which the old set may be shown while others compute.
                twins.advance(TimeDelta::seconds(301));
            }
            2 | 3 => twins.advance(TimeDelta::seconds(random.random_range(1..200))),
            _ => {
                let asked = Asked::at_random(&mut random);
                twins
                    .ask(&format!("seed {seed}, step {step}"), &asked)
                    .await;
            }
        }
    }

    twins.records_are_the_same().await;
    let [kept, bare] = twins.counted();
    assert!(
        kept.found > 30 && kept.kept > 30,
        "little was found again: {kept:?}"
    );
    assert_eq!((bare.found, bare.made, bare.kept), (0, 0, 0), "{bare:?}");
}

#[tokio::test]
async fn invariant_5_nobody_can_tell_what_is_kept_of_a_kind_of_view_first_half() {
    nobody_can_tell(1).await;
}

#[tokio::test]
async fn invariant_5_nobody_can_tell_what_is_kept_of_a_kind_of_view_second_half() {
    nobody_can_tell(2).await;
}

/// While new answers are computed, the page says of the kept parts too that they are older.
#[tokio::test]
async fn a_page_on_superseded_snapshots_is_drawn_as_one_whatever_was_kept() {
    let mut twins = Twins::new().await;
    let opens = Asked {
        who: Who::analyst("auto"),
        may_export: false,
        way: Way::Launch,
        pairs: Vec::new(),
    };
    let fresh = twins.ask("first", &opens).await;
    let again = twins.ask("again", &opens).await;
    assert_eq!(fresh, again, "what was kept is what was drawn");
    assert!(!fresh.contains("trust stale"));

    twins.change_the_tables().await;

    let stale = twins.ask("superseded", &opens).await;
    assert!(stale.contains("trust stale"), "{stale}");
}

/// A record is made for every look, of the person who looked, although the plan and the picture are
/// those of somebody else with the same claims (invariant 10).
#[tokio::test]
async fn invariant_10_everybody_of_a_kind_is_on_record_by_themselves() {
    let twins = Twins::new().await;
    let opens = |name: &str| Asked {
        who: Who {
            name: name.to_owned(),
            ..Who::analyst("auto")
        },
        may_export: false,
        way: Way::Launch,
        pairs: Vec::new(),
    };

    twins.ask("ann", &opens("ann")).await;
    let before = twins.kept.reads().await.len();
    twins.ask("bob", &opens("bob")).await;

    let reads = twins.kept.reads().await;
    let (ann, bob) = reads.split_at(before);
    assert_eq!(ann.len(), bob.len());
    assert!(bob.iter().all(|read| read.subject != ann[0].subject));
    twins.records_are_the_same().await;
}

/// What is kept is bounded by its bytes, and far more kinds than fit change nothing.
#[tokio::test]
async fn more_kinds_than_fit_are_answered_all_the_same() {
    let canaries = Canaries::new();
    let little = |text: &mut String, _: &tempfile::TempDir| {
        text.push_str("\n[cache]\npages_max_bytes = 200000\n");
    };
    let world = World::build_changed(&canaries.plan(), little)
        .await
        .unwrap();
    for _ in 0..3 {
        for who in Who::everybody() {
            for day in ["2026-10-05", "2026-10-06", "2026-10-07"] {
                let token = world.token(&who, SLUG);
                let page = world.send(open(&[("token", &token), ("to", day)])).await;
                let page = page.ok();
                for unit in who.foreign() {
                    assert!(!page.text().contains(&canary(unit)), "{who:?} sees {unit}");
                }
            }
        }
    }
    world.assert_chain().await;
}
