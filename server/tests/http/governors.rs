//! A world, and three governance admins in it.

use tokio_util::sync::CancellationToken;

use crate::support::ask::{Answer, Ask, get};
use crate::support::canaries::{Canaries, canary, policy};
use crate::support::world::{Who, World, repository};

/// The dashboard that changes are seen on.
const SLUG: &str = "finance-overview";
/// The policy of the notes.
pub(crate) const NOTES: &str = "policies/notes.policy.yaml";
/// Its decision table.
pub(crate) const TABLE: &str = "policies/notes.test.yaml";

/// A world and the sessions of three admins.
pub(crate) struct Governors {
    pub(crate) world: World,
    pub(crate) sessions: [String; 3],
    _canaries: Canaries,
}

impl Governors {
    pub(crate) async fn open() -> Self {
        let canaries = Canaries::new();
        let people = std::fs::read_to_string(repository().join("policies/personas.yaml"));
        canaries.edit("policies/personas.yaml", &people.unwrap());
        let world = World::build(&canaries.plan()).await.unwrap();
        let mut sessions = Vec::new();
        for number in 1..=3 {
            let who = Who {
                name: format!("governor-{number}"),
                ..Who::governor()
            };
            sessions.push(world.session(&who).await);
        }
        Self {
            world,
            sessions: sessions.try_into().unwrap(),
            _canaries: canaries,
        }
    }

    /// What one of them sends from Weir's own pages.
    pub(crate) async fn ask(&self, admin: usize, ask: Ask) -> Answer {
        let ask = ask.header("sec-fetch-site", "same-origin");
        self.world.send(ask.cookie(&self.sessions[admin])).await
    }

    /// Waits until a revision is in force in this process, as the running server would.
    pub(crate) async fn in_force(&self, number: u64) {
        let stop = CancellationToken::new();
        let seen = async {
            let published = &self.world.app.state().dashboards.published;
            while published.current().policies().revision().get() != number {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        tokio::join!(self.world.app.follow_revisions(stop.clone()), seen);
    }

    /// Whether a word is in what somebody sees of the notes.
    pub(crate) async fn sees(&self, who: &Who, word: &str) -> bool {
        let list = format!("/api/v1/dashboards/{SLUG}/tiles/list/data");
        let token = self.world.token(who, SLUG);
        let answer = self.world.send(get(&list).bearer(&token)).await.ok();
        answer.text().contains(word)
    }
}

/// The policy of the notes without its forbid: everybody sees what is held.
pub(crate) fn opened() -> String {
    let policy = policy("notes");
    let open = policy.split("  - id: litigation-hold").next().unwrap();
    open.to_owned()
}

/// The policy of the notes with another forbid: nobody sees the unit's own word.
pub(crate) fn closed() -> String {
    let word = canary("auto");
    policy("notes") + &format!("  - id: not-that\n    forbid: {{ place: {{ eq: {word} }} }}\n")
}

/// A decision table that fits all of them.
pub(crate) fn table() -> &'static str {
    "policy: gold.notes\ngiven: [{ id: one, business_unit: auto }]\n\
     cases: [{ name: nobody, as: { roles: [none] }, sees: denied }]\n"
}
