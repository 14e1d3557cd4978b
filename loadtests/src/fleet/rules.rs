//! Policy changes as people make them: one drafts, others approve, one publishes. A rule that closes
//! one unit's rows comes into force and goes again.

use anyhow::{Context as _, ensure};
use http::Method;
use http::header::{ETAG, IF_MATCH};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::surroundings::{Answer, Member};

/// Who may see that the rules change: an analyst of this unit.
pub(super) const UNIT: &str = "wealth";

/// The file that changes, and what is added to it. No case of the decision tables is about this unit.
const FILE: &str = "policies/statements.policy.yaml";
const RULE: &str =
    "\n  - id: load-test-closes-wealth\n    forbid: { business_unit: { eq: wealth } }\n";

/// The author, and those who approve: what widens needs two of them.
const AUTHOR: &str = "governor-1";
const APPROVERS: [&str; 2] = ["governor-2", "governor-3"];

/// Two revisions that take turns, and the people who let them.
#[derive(Debug)]
pub(super) struct Rules {
    author: Member,
    approvers: Vec<Member>,
    open: u64,
    closed: u64,
}

impl Rules {
    /// Signs everybody in at one replica, and publishes the rule: the unit is closed from then on.
    pub(super) async fn closed(replica: &str, public: &str) -> anyhow::Result<Self> {
        let author = Member::sign_in(replica, public, AUTHOR).await?;
        let mut approvers = Vec::new();
        for name in APPROVERS {
            approvers.push(Member::sign_in(replica, public, name).await?);
        }
        let open = in_force(&author).await?;
        let mut rules = Self {
            author,
            approvers,
            open,
            closed: open,
        };
        let found = get(&rules.author, &format!("/api/v1/policies/revisions/{open}")).await?;
        let mut files = found.get("files").cloned().context("files")?;
        let file = files
            .get_mut(FILE)
            .context("the policy of the statements")?;
        let text = file.as_str().context("a file's text")?;
        *file = Value::from(format!("{}{RULE}", text.trim_end()));
        let wish = json!({ "title": "A load test closes a unit", "base": open, "files": files });
        let draft = rules.author.request("/api/v1/policies/drafts");
        rules.publish(draft, &wish).await?;
        rules.closed = in_force(&rules.author).await?;
        ensure!(rules.closed > open, "the rule is not in force");
        Ok(rules)
    }

    /// Publishes one or the other again.
    pub(super) async fn turn(&self, closed: bool) -> anyhow::Result<()> {
        let number = if closed { self.closed } else { self.open };
        let path = format!("/api/v1/policies/revisions/{number}/rollback");
        self.publish(self.author.request(&path), &Value::Null).await
    }

    /// What a request opens is handed in, approved and published.
    async fn publish(&self, draft: http::request::Builder, wish: &Value) -> anyhow::Result<()> {
        let draft = draft.method(Method::POST);
        let draft = draft.header("content-type", "application/json");
        let draft = draft.body(Full::from(wish.to_string()))?;
        let mut seen = self.author.send(draft).await?;
        seen = step(&self.author, "submit", &seen).await?;
        let needed = told(&seen, "approvals_required")?;
        for approver in self.approvers.iter().take(usize::try_from(needed)?) {
            seen = step(approver, "approve", &seen).await?;
        }
        step(&self.author, "publish", &seen).await?;
        Ok(())
    }
}

/// One step with the draft that was seen.
async fn step(who: &Member, step: &str, seen: &Answer) -> anyhow::Result<Answer> {
    let tag = seen.headers.get(ETAG).context("a draft without an ETag")?;
    let path = format!("/api/v1/policies/drafts/{}/{step}", told(seen, "id")?);
    let request = who
        .request(&path)
        .method(Method::POST)
        .header(IF_MATCH, tag);
    who.send(request.body(Full::default())?).await
}

/// The number of the revision that was published last.
async fn in_force(who: &Member) -> anyhow::Result<u64> {
    let page = get(who, "/api/v1/policies/revisions?limit=1").await?;
    let number = page.pointer("/revisions/0/number");
    number.and_then(Value::as_u64).context("no revision at all")
}

async fn get(who: &Member, path: &str) -> anyhow::Result<Value> {
    let answer = who.send(who.request(path).body(Full::default())?).await?;
    Ok(serde_json::from_slice(&answer.body)?)
}

/// A number in a draft.
fn told(draft: &Answer, name: &str) -> anyhow::Result<u64> {
    let draft: Value = serde_json::from_slice(&draft.body)?;
    let number = draft.get(name).and_then(Value::as_u64);
    number.with_context(|| format!("a draft without `{name}`"))
}
