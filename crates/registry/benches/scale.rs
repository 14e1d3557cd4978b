//! What publishing costs a large organisation: `cargo bench -p weir-registry --bench scale`.
//!
//! 1,901 files with 10,000 rules for 500 datasets and 1,000 business units: from the last step of a
//! draft to its revision, on `SQLite`, and how long a process takes to have the files of it.

use std::io::Write;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use weir_registry::{
    Actor, AdoptFolder, ContentPath, ContentTree, DraftId, NewDraft, Origin, Registry, RequestId,
    Step, Verdict,
};

#[path = "../../query/benches/scale/organisation.rs"]
mod organisation;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How many changes are published.
const ROUNDS: usize = 20;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/weir.db", folder.path().display());
    let registry = Registry::open(&url).await?;
    let adopted = AdoptFolder {
        tree: tree(0)?,
        title: "The folder".to_owned(),
        by: actor("author"),
        at: now(),
        request: RequestId::parse("bench")?,
        widens_nothing_since: None,
    };
    let start = Instant::now();
    registry.revisions().adopt(adopted).await?;
    let first = start.elapsed();
    let (mut published, mut loaded) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let draft = approved(&registry, round).await?;
        let start = Instant::now();
        registry.drafts().publish(step(draft, "author")?).await?;
        published.push(start.elapsed());
        let start = Instant::now();
        registry.revisions().tree(u64::try_from(round)? + 1).await?;
        loaded.push(start.elapsed());
    }
    let mut out = std::io::stdout();
    writeln!(out, "the first revision kept          {first:>10.1?}")?;
    report("a changed draft published", published)?;
    report("the files of a revision read", loaded)?;
    registry.close().await?;
    Ok(())
}

fn report(name: &str, mut took: Vec<Duration>) -> Result<(), Failure> {
    took.sort_unstable();
    let middle = took.get(took.len() / 2).copied().unwrap_or_default();
    let most = took.last().copied().unwrap_or_default();
    let mut out = std::io::stdout();
    writeln!(out, "{name:<32} median {middle:>8.1?}  most {most:>8.1?}")?;
    Ok(())
}

/// A draft that changes one policy, ready to be published.
async fn approved(registry: &Registry, round: usize) -> Result<DraftId, Failure> {
    let drafts = registry.drafts();
    let draft = drafts
        .open(NewDraft {
            title: format!("Change {round}"),
            base: u64::try_from(round)?,
            tree: tree(round)?,
            origin: Origin::Draft,
            by: actor("author"),
            at: now(),
            request: RequestId::parse("bench")?,
        })
        .await?;
    let verdict = Verdict {
        widening: false,
        approvals_needed: 1,
        findings: "{}".to_owned(),
    };
    drafts.submit(step(draft.id, "author")?, verdict).await?;
    drafts.approve(step(draft.id, "approver")?).await?;
    Ok(draft.id)
}

fn step(draft: DraftId, by: &str) -> Result<Step, Failure> {
    Ok(Step {
        draft,
        version: 1,
        by: actor(by),
        at: now(),
        request: RequestId::parse("bench")?,
    })
}

fn tree(round: usize) -> Result<ContentTree, Failure> {
    let mut files = Vec::new();
    for (path, mut text) in organisation::files() {
        // A content has at most 2,000 files.
        if path.starts_with("dashboards/board-4") {
            continue;
        }
        if path.ends_with("table_007.policy.yaml") {
            text.push_str(&"# changed\n".repeat(round));
        }
        files.push((ContentPath::parse(path)?, text));
    }
    Ok(ContentTree::new(files)?)
}

fn actor(name: &str) -> Actor {
    Actor {
        issuer: "https://idp.example".to_owned(),
        sub: name.to_owned(),
        name: name.to_owned(),
    }
}

/// Publications are in the order of their times.
fn now() -> DateTime<Utc> {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    DateTime::from_timestamp_millis(i64::try_from(since.as_millis()).unwrap_or_default())
        .unwrap_or_default()
}
