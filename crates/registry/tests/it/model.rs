//! The life of drafts against a small model of it: random people do random things in random
//! order; states, versions, revisions and refusals must be those of the model.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use weir_registry::{
    Draft, DraftError, DraftId, DraftState, NewDraft, Origin, Registry, Save, Step, Verdict,
};

use crate::support::{Database, World, assert_intact, at, folder, person, policy, request};

const PEOPLE: [&str; 4] = ["ada", "bob", "eve", "sam"];
const TEXTS: [&str; 3] = ["one", "two", "three"];

/// What somebody does.
#[derive(Debug, Clone)]
struct Deed {
    what: What,
    by: usize,
    /// To which draft, counted from the newest.
    draft: usize,
    /// Whether they saw its current version.
    stale: bool,
}

#[derive(Debug, Clone)]
enum What {
    Adopt(usize),
    Open {
        text: usize,
        behind: u64,
        origin: u8,
    },
    Save {
        text: usize,
        behind: u64,
    },
    Submit {
        widening: bool,
        asked: u8,
    },
    Approve,
    SendBack,
    Withdraw,
    Schedule {
        after: i64,
    },
    Unschedule,
    Publish,
    /// What may well come next, so that changes get somewhere.
    Next {
        choice: u8,
    },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let text = 0..TEXTS.len();
    let behind = prop_oneof![4 => Just(0_u64), 1 => 1..3_u64];
    let what = prop_oneof![
        1 => text.clone().prop_map(What::Adopt),
        4 => (text.clone(), behind.clone(), 0..4_u8)
            .prop_map(|(text, behind, origin)| What::Open { text, behind, origin }),
        3 => (text, behind).prop_map(|(text, behind)| What::Save { text, behind }),
        3 => (prop::bool::weighted(0.3), 0..3_u8)
            .prop_map(|(widening, asked)| What::Submit { widening, asked }),
        4 => Just(What::Approve),
        1 => Just(What::SendBack),
        1 => Just(What::Withdraw),
        2 => (-2..6_i64).prop_map(|after| What::Schedule { after }),
        1 => Just(What::Unschedule),
        4 => Just(What::Publish),
        40 => any::<u8>().prop_map(|choice| What::Next { choice }),
    ];
    let draft = prop_oneof![6 => Just(0_usize), 2 => 1..3_usize];
    let deed = (what, 0..PEOPLE.len(), draft, prop::bool::weighted(0.08)).prop_map(
        |(what, by, draft, stale)| Deed {
            what,
            by,
            draft,
            stale,
        },
    );
    prop::collection::vec(deed, 20..60)
}

/// What the model knows of a draft.
#[derive(Debug, Clone)]
struct Change {
    version: u64,
    state: DraftState,
    text: usize,
    base: u64,
    origin: Origin,
    editors: BTreeSet<usize>,
    approvals: BTreeSet<usize>,
    need: usize,
    from: Option<i64>,
}

#[derive(Debug, Default)]
struct Model {
    /// The texts in force, one after the other, and whether each came from a folder.
    revisions: Vec<(usize, bool)>,
    drafts: Vec<Change>,
}

/// What can be seen of the outcome.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Draft {
        version: u64,
        state: DraftState,
        content: usize,
        base: u64,
        origin: Origin,
        editors: usize,
        approvals: usize,
        scheduled: bool,
    },
    Published(u64),
    InForceAnyway(u64),
    Refused(&'static str),
}

impl Model {
    fn latest(&self) -> u64 {
        u64::try_from(self.revisions.len()).unwrap()
    }

    fn in_force(&self) -> Option<usize> {
        self.revisions.last().map(|(text, _)| *text)
    }

    fn knows(&self, base: u64) -> bool {
        base <= self.latest() && (base > 0 || self.latest() == 0)
    }

    fn adopt(&mut self, text: usize) -> Outcome {
        let last_folder = self.revisions.iter().rev().find(|(_, folder)| *folder);
        let same =
            self.in_force() == Some(text) || last_folder.map(|(text, _)| *text) == Some(text);
        if same {
            return Outcome::InForceAnyway(self.latest());
        }
        self.revisions.push((text, true));
        Outcome::Published(self.latest())
    }

    fn open(&mut self, by: usize, text: usize, base: u64, origin: Origin) -> Outcome {
        if !self.knows(base) {
            return Outcome::Refused("unknown revision");
        }
        match origin {
            Origin::Folder => return Outcome::Refused("folder"),
            Origin::Draft | Origin::Push => {}
            Origin::Rollback { of } => {
                let older = usize::try_from(of).unwrap().checked_sub(1);
                match older.and_then(|older| self.revisions.get(older)) {
                    None => return Outcome::Refused("unknown revision"),
                    Some((older, _)) if *older != text => return Outcome::Refused("other content"),
                    Some(_) => {}
                }
            }
        }
        if origin != Origin::Draft && self.in_force() == Some(text) {
            return Outcome::Refused("unchanged");
        }
        let change = Change {
            version: 1,
            state: DraftState::Editing,
            text,
            base,
            origin,
            editors: BTreeSet::from([by]),
            approvals: BTreeSet::new(),
            need: 1,
            from: None,
        };
        let outcome = change.outcome();
        self.drafts.push(change);
        outcome
    }

    fn step(&mut self, at: usize, version: u64, what: &What, by: usize, now: i64) -> Outcome {
        use DraftState::{InReview, Published, Scheduled, Withdrawn};
        let Some(known) = self.drafts.get(at) else {
            return Outcome::Refused("unknown draft");
        };
        if let Some(why) = self.refusal(known, version, what, by, now) {
            return Outcome::Refused(why);
        }
        let latest = self.latest();
        let draft = &mut self.drafts[at];
        match what {
            What::Save { text, behind } => {
                if *text != draft.text && matches!(draft.origin, Origin::Rollback { .. }) {
                    draft.origin = Origin::Draft;
                }
                draft.version += 1;
                (draft.text, draft.base) = (*text, latest.wrapping_sub(*behind));
                draft.editors.insert(by);
                draft.reopen();
            }
            What::Submit { widening, asked } => {
                draft.state = InReview;
                draft.need = usize::from(*asked).max(if *widening { 2 } else { 1 });
            }
            What::Approve => {
                draft.approvals.insert(by);
            }
            What::SendBack => draft.reopen(),
            What::Withdraw => (draft.state, draft.from) = (Withdrawn, None),
            What::Unschedule => (draft.state, draft.from) = (InReview, None),
            What::Schedule { after } => {
                (draft.state, draft.from) = (Scheduled, Some(now + after));
            }
            What::Publish => {
                draft.state = Published;
                let text = draft.text;
                self.revisions.push((text, false));
                return Outcome::Published(self.latest());
            }
            What::Adopt(_) | What::Open { .. } | What::Next { .. } => {
                unreachable!("not done to a draft")
            }
        }
        draft.outcome()
    }

    /// Why this cannot be done to a draft.
    fn refusal(
        &self,
        draft: &Change,
        version: u64,
        what: &What,
        by: usize,
        now: i64,
    ) -> Option<&'static str> {
        let latest = self.latest();
        if draft.version != version {
            return Some("conflict");
        }
        if !what.fits(draft.state) {
            return Some("wrong state");
        }
        match what {
            What::Save { behind, .. } if !self.knows(latest.wrapping_sub(*behind)) => {
                Some("unknown revision")
            }
            What::Submit { .. } if draft.base != latest => Some("outdated"),
            What::Submit { .. } if self.in_force() == Some(draft.text) => Some("unchanged"),
            What::Approve if draft.editors.contains(&by) => Some("own work"),
            What::Publish if draft.from.is_some_and(|from| now < from) => Some("not yet"),
            What::Schedule { .. } | What::Publish if draft.approvals.len() < draft.need => {
                Some("needs approval")
            }
            What::Schedule { .. } | What::Publish if draft.base != latest => Some("outdated"),
            _ => None,
        }
    }
}

impl What {
    /// Whether this can be done to a draft in this state.
    fn fits(&self, state: DraftState) -> bool {
        use DraftState::{Editing, InReview, Published, Scheduled, Withdrawn};
        match self {
            Self::Submit { .. } => state == Editing,
            Self::Approve | Self::Schedule { .. } => state == InReview,
            Self::Unschedule => state == Scheduled,
            Self::SendBack | Self::Publish => matches!(state, InReview | Scheduled),
            _ => !matches!(state, Published | Withdrawn),
        }
    }
}

impl Change {
    fn reopen(&mut self) {
        self.state = DraftState::Editing;
        self.approvals.clear();
        self.need = 1;
        self.from = None;
    }

    fn outcome(&self) -> Outcome {
        Outcome::Draft {
            version: self.version,
            state: self.state,
            content: self.text,
            base: self.base,
            origin: self.origin,
            editors: self.editors.len(),
            approvals: self.approvals.len(),
            scheduled: self.from.is_some(),
        }
    }
}

fn seen(draft: &Draft) -> Outcome {
    let content = TEXTS
        .iter()
        .position(|text| policy(text).hash() == draft.content);
    Outcome::Draft {
        version: draft.version,
        state: draft.state,
        content: content.unwrap(),
        base: draft.base,
        origin: draft.origin,
        editors: draft.editors.len(),
        approvals: draft.approvals.len(),
        scheduled: draft.effective_from.is_some(),
    }
}

fn refused(error: &DraftError) -> Outcome {
    Outcome::Refused(match error {
        DraftError::Unknown(_) => "unknown draft",
        DraftError::Conflict(_) => "conflict",
        DraftError::Outdated { .. } => "outdated",
        DraftError::UnknownRevision(_) => "unknown revision",
        DraftError::Unchanged { .. } => "unchanged",
        DraftError::WrongState { .. } => "wrong state",
        DraftError::OwnWork(_) => "own work",
        DraftError::NeedsApproval { .. } => "needs approval",
        DraftError::NotYet { .. } => "not yet",
        DraftError::FolderIsNoDraft => "folder",
        DraftError::NotThatRevision(_) => "other content",
        other => panic!("{other:?}"),
    })
}

async fn really(registry: &Registry, what: &What, step: Step, latest: u64) -> Outcome {
    let drafts = registry.drafts();
    let now = step.at;
    let done = match what {
        What::Save { text, behind } => {
            let save = Save {
                step,
                base: latest.wrapping_sub(*behind),
                title: "Another".to_owned(),
                tree: policy(TEXTS[*text]),
            };
            drafts.save(save).await
        }
        What::Submit { widening, asked } => {
            let verdict = Verdict {
                widening: *widening,
                approvals_needed: *asked,
                findings: "[]".to_owned(),
            };
            drafts.submit(step, verdict).await
        }
        What::Approve => drafts.approve(step).await,
        What::SendBack => drafts.send_back(step, "no".to_owned()).await,
        What::Withdraw => drafts.withdraw(step).await,
        What::Schedule { after } => {
            let from = now + chrono::TimeDelta::seconds(*after);
            drafts.schedule(step, from).await
        }
        What::Unschedule => drafts.unschedule(step).await,
        What::Publish => {
            return match drafts.publish(step).await {
                Ok(revision) => Outcome::Published(revision.number),
                Err(error) => refused(&error),
            };
        }
        What::Adopt(_) | What::Open { .. } | What::Next { .. } => {
            unreachable!("not done to a draft")
        }
    };
    done.map_or_else(|error| refused(&error), |draft| seen(&draft))
}

/// What may well come next for a draft.
fn next(model: &Model, index: usize, choice: u8) -> What {
    let Some(draft) = model.drafts.get(index) else {
        return What::Open {
            text: usize::from(choice) % TEXTS.len(),
            behind: 0,
            origin: 2,
        };
    };
    let text = (draft.text + 1 + usize::from(choice % 2)) % TEXTS.len();
    // Mostly they notice that theirs is outdated.
    let outdated = draft.base != model.latest() || model.in_force() == Some(draft.text);
    let noticed = outdated && !choice.is_multiple_of(3);
    match draft.state {
        DraftState::Editing | DraftState::InReview if noticed => What::Save { text, behind: 0 },
        DraftState::Editing => What::Submit {
            widening: choice.is_multiple_of(3),
            asked: 0,
        },
        DraftState::InReview if draft.approvals.len() < draft.need => What::Approve,
        DraftState::InReview if choice.is_multiple_of(4) => What::Schedule {
            after: i64::from(choice % 7),
        },
        DraftState::Scheduled if choice.is_multiple_of(4) => What::Unschedule,
        DraftState::InReview | DraftState::Scheduled => What::Publish,
        DraftState::Published | DraftState::Withdrawn => What::Open {
            text: (model.in_force().unwrap_or(0) + 1) % TEXTS.len(),
            behind: 0,
            origin: choice % 4,
        },
    }
}

/// Does one thing in both worlds.
async fn both(registry: &Registry, model: &mut Model, deed: &Deed, now: i64) -> (Outcome, Outcome) {
    let by = person(PEOPLE[deed.by]);
    let latest = model.latest();
    let index = model.drafts.len().wrapping_sub(1 + deed.draft);
    let what = match deed.what {
        What::Next { choice } => next(model, index, choice),
        ref what => what.clone(),
    };
    match &what {
        What::Adopt(text) => {
            let adopted = registry.revisions().adopt(folder(TEXTS[*text], now)).await;
            let real = match adopted.unwrap() {
                weir_registry::Adopted::Published(revision) => Outcome::Published(revision.number),
                weir_registry::Adopted::Unchanged(revision) => {
                    Outcome::InForceAnyway(revision.number)
                }
            };
            (real, model.adopt(*text))
        }
        What::Open {
            text,
            behind,
            origin,
        } => {
            let base = latest.wrapping_sub(*behind);
            let origin = match origin {
                0 => Origin::Push,
                1 => Origin::Rollback {
                    of: latest.saturating_sub(1),
                },
                _ => Origin::Draft,
            };
            let new = NewDraft {
                title: "A change".to_owned(),
                base,
                tree: policy(TEXTS[*text]),
                origin,
                by,
                at: at(now),
                request: request(3),
            };
            let opened = registry.drafts().open(new).await;
            let real = opened.map_or_else(|error| refused(&error), |draft| seen(&draft));
            (real, model.open(deed.by, *text, base, origin))
        }
        what => {
            let current = model.drafts.get(index).map_or(1, |draft| draft.version);
            let version = current - u64::from(deed.stale);
            let step = Step {
                draft: DraftId::new(u64::try_from(index.wrapping_add(1)).unwrap()),
                version,
                by,
                at: at(now),
                request: request(4),
            };
            let expected = model.step(index, version, what, deed.by, now);
            (really(registry, what, step, latest).await, expected)
        }
    }
}

/// How often each outcome was met.
type Met = BTreeMap<String, usize>;

async fn the_same_comes_of_it(database: Database, deeds: Vec<Deed>, met: &mut Met) {
    let world = World::new(database).await;
    let registry = &world.registry;
    let mut model = Model::default();
    for (now, deed) in (10..).zip(&deeds) {
        let (real, expected) = both(registry, &mut model, deed, now).await;
        assert_eq!(real, expected, "{deed:?}");
        let name = match real {
            Outcome::Draft { state, .. } => format!("{state:?}"),
            Outcome::Published(_) => "published".to_owned(),
            Outcome::InForceAnyway(_) => "in force anyway".to_owned(),
            Outcome::Refused(why) => why.to_owned(),
        };
        *met.entry(name).or_default() += 1;
    }
    // Nothing happened besides: every draft and every revision is what the model says.
    for (id, expected) in (1..).zip(&model.drafts) {
        let stored = registry.drafts().get(DraftId::new(id)).await.unwrap();
        assert_eq!(seen(&stored.unwrap()), expected.outcome());
    }
    for (number, (text, _)) in (1..).zip(&model.revisions) {
        let stored = registry.revisions().tree(number).await.unwrap();
        assert_eq!(stored, policy(TEXTS[*text]), "revision {number}");
    }
    let latest = registry.revisions().latest().await.unwrap();
    assert_eq!(latest.map_or(0, |latest| latest.number), model.latest());
    assert_intact(registry).await;
    registry.close().await.unwrap();
}

fn random_deeds(database: Database, cases: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Default::default()
    };
    let met = RefCell::new(Met::new());
    TestRunner::new(config)
        .run(&deeds(), |deeds| {
            runtime.block_on(the_same_comes_of_it(database, deeds, &mut met.borrow_mut()));
            Ok(())
        })
        .unwrap();
    // A run that never got that far would prove nothing.
    let met = met.into_inner();
    for name in [
        "published",
        "own work",
        "conflict",
        "outdated",
        "needs approval",
        "Scheduled",
    ] {
        assert!(met.contains_key(name), "{name} was never met: {met:?}");
    }
}

/// Rows P4 to P7 at random.
#[test]
fn drafts_do_what_the_model_does_on_sqlite() {
    random_deeds(Database::Sqlite, 60);
}

#[test]
fn drafts_do_what_the_model_does_on_postgres() {
    random_deeds(Database::Postgres, 20);
}
