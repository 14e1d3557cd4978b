//! `weir policy who-could-see`: an auditor's question, answered from the registry.

use std::fmt::Write as _;

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use weir_identity::mapping::ProviderClaim;
use weir_policy::who::{Holds, Requirement};
use weir_policy::{BusinessUnit, Claim, ColumnName, DatasetName};
use weir_registry::Actor;
use weir_server::service::who::{
    Answer, Answerable, Period, Required, SamplePerson, Seen, SignIn, WayIn, who_could_see,
};

use crate::cli::Outcome;
use crate::cli::store::Store;
use crate::cli::when;

/// More names than this are counted, not listed.
const MOST_NAMES: usize = 12;

/// Who could see a dataset at some time.
#[derive(Debug, Args)]
pub(in crate::cli) struct WhoCouldSee {
    #[command(flatten)]
    store: Store,
    /// The dataset, such as `gold.statements`.
    #[arg(long, value_parser = dataset)]
    dataset: DatasetName,
    /// How this column was shown, too.
    #[arg(long, value_parser = column)]
    column: Option<ColumnName>,
    /// Only about rows of this business unit.
    #[arg(long, value_parser = unit)]
    business_unit: Option<BusinessUnit>,
    /// From when until when, both included: moments such as `2026-03-01T09:30:00Z`, or days in UTC.
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], required = true)]
    between: Vec<String>,
    /// Says the answer as JSON.
    #[arg(long)]
    json: bool,
}

fn dataset(text: &str) -> Result<DatasetName, String> {
    DatasetName::parse(text).map_err(|error| error.to_string())
}

fn column(text: &str) -> Result<ColumnName, String> {
    ColumnName::parse(text).map_err(|error| error.to_string())
}

fn unit(text: &str) -> Result<BusinessUnit, String> {
    BusinessUnit::parse(text).map_err(|error| error.to_string())
}

impl WhoCouldSee {
    pub(in crate::cli) async fn run(self) -> anyhow::Result<Outcome> {
        let (from, to) = self.between()?;
        let question = weir_server::service::who::Question {
            dataset: self.dataset,
            column: self.column,
            business_unit: self.business_unit,
            from,
            to,
        };
        let registry = self.store.open().await?;
        let answer = who_could_see(registry.revisions(), question).await;
        registry.close().await?;
        let answer = answer?;
        if self.json {
            println!("{}", serde_json::to_string(&answer)?);
        } else {
            print!("{}", told(&answer));
        }
        Ok(Outcome::Fine)
    }

    fn between(&self) -> anyhow::Result<(DateTime<Utc>, DateTime<Utc>)> {
        let [from, to] = self.between.as_slice() else {
            bail!("`--between` takes two moments");
        };
        let read = (when::start(from), when::end(to));
        let (from, to) = match read {
            (Ok(from), Ok(to)) => (from, to),
            (Err(problem), _) | (_, Err(problem)) => bail!("`--between`: {problem}"),
        };
        if from > to {
            bail!("`--between`: the second moment is before the first");
        }
        Ok((from, to))
    }
}

/// The answer for people.
fn told(answer: &Answer) -> String {
    let mut text = format!("Who could see {}", answer.dataset);
    if let Some(column) = &answer.column {
        let _ = write!(text, ", column {column}");
    }
    if let Some(unit) = &answer.business_unit {
        let _ = write!(text, ", rows of {unit}");
    }
    let _ = writeln!(text, ", from {} to {}", at(answer.from), at(answer.to));
    if answer.periods.is_empty() {
        text.push_str("\nNobody: no revision was in force then.\n");
    }
    for period in &answer.periods {
        tell_period(&mut text, period);
    }
    text
}

fn tell_period(text: &mut String, period: &Period) {
    let until = period.until.map_or("now".to_owned(), at);
    let _ = writeln!(text, "\n{} until {until}", at(period.from));
    for revision in &period.revisions {
        tell_revision(text, revision);
    }
    match &period.seen {
        Seen::NoDataset => text.push_str("  Nobody: there was no such dataset.\n"),
        Seen::NoBusinessUnits => {
            text.push_str("  Nobody: the dataset does not say whose its rows are.\n");
        }
        Seen::Unreadable { problem } => {
            let _ = writeln!(
                text,
                "  Possibly anybody: the revision can't be read ({problem})."
            );
        }
        Seen::Answered {
            ways,
            sample_people,
        } => tell_answer(text, ways, sample_people),
    }
}

fn tell_answer(text: &mut String, ways: &[WayIn], sample_people: &[SamplePerson]) {
    if ways.is_empty() {
        text.push_str("  Nobody: the policy lets nobody in.\n");
    }
    for way in ways {
        tell_way(text, way);
    }
    let people = sample_people.iter().map(|person| match &person.shown {
        Some(shown) => format!("{} ({shown})", person.name),
        None => person.name.clone(),
    });
    let people: Vec<_> = people.collect();
    if !people.is_empty() {
        let _ = writeln!(text, "  Sample people: {}", people.join(", "));
    }
}

fn tell_revision(text: &mut String, revision: &Answerable) {
    let names = |people: &[Actor]| {
        let names: Vec<_> = people.iter().map(|actor| actor.name.as_str()).collect();
        names.join(", ")
    };
    let approved = if revision.approvers.is_empty() {
        "approved by nobody".to_owned()
    } else {
        format!("approved by {}", names(&revision.approvers))
    };
    let Answerable {
        number,
        title,
        author,
        ..
    } = revision;
    let _ = writeln!(
        text,
        "  Revision {number}, \"{title}\", by {}, {approved}",
        author.name
    );
}

fn tell_way(text: &mut String, way: &WayIn) {
    let shown = way.column.as_ref().map(|column| {
        let rules: Vec<_> = column.rules.iter().map(ToString::to_string).collect();
        if rules.is_empty() {
            format!(", column {}", column.shown)
        } else {
            format!(", column {} by {}", column.shown, rules.join(", "))
        }
    });
    let certain = if way.proven { "" } else { ", unproven" };
    let shown = shown.unwrap_or_default();
    let _ = writeln!(
        text,
        "  By {}{shown}{certain}: {}",
        way.rule, way.sentence.en
    );
    if way.requires.is_empty() {
        text.push_str("      whoever it is\n");
    }
    for required in &way.requires {
        let _ = writeln!(text, "      {}", required_of(required));
    }
    let sign_in = match way.sign_in {
        SignIn::Somebody => return,
        SignIn::Perhaps => "      whether anybody can sign in with all of it is not proven\n",
        SignIn::Nobody => "      nobody can sign in with it; an embed client may say it\n",
    };
    text.push_str(sign_in);
}

/// "role analyst, from claim `groups`: `CN=Analysts`".
fn required_of(required: &Required) -> String {
    let Requirement { claim, holds } = &required.required;
    let what = match claim {
        Claim::Roles => "role".to_owned(),
        Claim::BusinessUnits => "business unit".to_owned(),
        Claim::Attribute(name) => format!("attribute {name}"),
    };
    let what = match holds {
        Holds::AnyOf(texts) => format!("{what} {}", names(texts.iter(), " or ")),
        Holds::Something => format!("any {what}"),
        Holds::SomethingBut(texts) => {
            format!("any {what}, but not {}", names(texts.iter(), " or "))
        }
    };
    match &required.provider {
        None => format!("{what} (no claim of the identity provider gives it)"),
        Some(provider) => {
            let all = std::iter::once(provider).chain(&required.others);
            let claims: Vec<_> = all.map(claim_of).collect();
            format!("{what}, from {}", claims.join(" or "))
        }
    }
}

/// "claim `groups`: `CN=Analysts`", and whose, where the mapping says so.
fn claim_of(provider: &ProviderClaim) -> String {
    let values = provider.values.as_ref();
    let values = values.map(|values| format!(" {}", names(values.keys(), ", ")));
    let issuer = provider.issuer.as_ref();
    let issuer = issuer.map(|issuer| format!(" of {issuer}"));
    format!(
        "claim `{}`{}{}",
        provider.claim,
        issuer.unwrap_or_default(),
        values.unwrap_or_default()
    )
}

fn names<'t>(texts: impl ExactSizeIterator<Item = &'t String>, between: &str) -> String {
    let more = texts.len().saturating_sub(MOST_NAMES);
    let mut listed: Vec<_> = texts.take(MOST_NAMES).cloned().collect();
    if more > 0 {
        listed.push(format!("{more} more"));
    }
    listed.join(between)
}

fn at(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
