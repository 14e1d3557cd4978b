//! Who could see what, when: an auditor's question, answered from the revisions that were in force.
//!
//! Each revision is asked with its own policies, datasets, claim mapping and sample people; equal
//! answers of revisions that followed each other are told as one period. Nobody is left out: see
//! [`weir_policy::who`]. What a revision can't be asked any more is said, not skipped.

mod answer;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tokio::task::JoinError;
use weir_policy::change::Shown;
use weir_policy::who::{self, Certainty, Way};
use weir_policy::words::Words;
use weir_policy::{
    BusinessUnit, ColumnName, DatasetName, Grant, Locale, Policy, Rule, RuleId, Value, ValueType,
    resolve,
};
use weir_query::Dataset;
use weir_registry::{ContentTree, Digest, InForce, RevisionError, Revisions};

pub use self::answer::{
    Answer, Answerable, InWords, Period, Required, SamplePerson, Seen, SignIn, WayIn,
};
use super::governance::CatalogWords;
use super::publisher;
use crate::content::{Content, UNIT_COLUMN};
use crate::problem::with_causes;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Of which dataset.
    pub dataset: DatasetName,
    /// How this column is shown, too.
    pub column: Option<ColumnName>,
    /// Only about rows of this unit.
    pub business_unit: Option<BusinessUnit>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, that moment included.
    pub to: DateTime<Utc>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WhoError {
    /// The registry can't say what was in force.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// The work ended early.
    #[error("the question was given up")]
    GivenUp(#[from] JoinError),
}

/// Answers from the registry.
///
/// # Errors
/// [`WhoError`] when the registry can't say what was in force.
pub async fn who_could_see(revisions: &Revisions, question: Question) -> Result<Answer, WhoError> {
    let past = revisions
        .in_force_between(question.from, question.to)
        .await?;
    let mut known: BTreeMap<Digest, Seen> = BTreeMap::new();
    let mut periods: Vec<Period> = Vec::new();
    for one in past {
        let InForce { revision, until } = one;
        let seen = match known.get(&revision.content) {
            Some(seen) => seen.clone(),
            None => look(revisions, revision.number, &question).await?,
        };
        known.insert(revision.content, seen.clone());
        let period = Period {
            from: revision.published_at,
            until,
            revisions: vec![Answerable::from(revision)],
            seen,
        };
        match periods.last_mut() {
            Some(last) if last.goes_on_in(&period) => last.extend(period),
            _ => periods.push(period),
        }
    }
    Ok(Answer {
        dataset: question.dataset,
        column: question.column,
        business_unit: question.business_unit,
        from: question.from,
        to: question.to,
        periods,
    })
}

async fn look(revisions: &Revisions, number: u64, question: &Question) -> Result<Seen, WhoError> {
    let tree = match revisions.tree(number).await {
        Ok(tree) => tree,
        Err(error @ RevisionError::Corrupt { .. }) => {
            let problem = with_causes(&error);
            return Ok(Seen::Unreadable { problem });
        }
        Err(error) => return Err(error.into()),
    };
    let question = question.clone();
    let asked = move || question.of_tree(&tree, number);
    Ok(tokio::task::spawn_blocking(asked).await?)
}

/// The rows of a unit; `None` if the dataset does not say whose its rows are.
fn rows_of(unit: &BusinessUnit, dataset: &Dataset) -> Option<(ColumnName, Value)> {
    let column = ColumnName::parse(UNIT_COLUMN).ok()?;
    let kind = dataset.schema().column(&column)?;
    let value = Value::Text(unit.as_str().to_owned());
    (kind == ValueType::Text).then_some((column, value))
}

impl Question {
    fn of_tree(&self, tree: &ContentTree, number: u64) -> Seen {
        match publisher::content(tree, number) {
            Ok(content) => self.of(&content),
            Err(error) => Seen::Unreadable {
                problem: with_causes(&error),
            },
        }
    }

    /// What one revision says.
    fn of(&self, content: &Content) -> Seen {
        let Some(dataset) = content.catalog().dataset(&self.dataset) else {
            return Seen::NoDataset;
        };
        let rows = match &self.business_unit {
            None => None,
            Some(unit) => match rows_of(unit, dataset) {
                Some(rows) => Some(rows),
                None => return Seen::NoBusinessUnits,
            },
        };
        let asked = who::Question {
            column: self.column.clone(),
            rows,
        };
        let ways = who::who_could_see(content.policies(), dataset.schema(), &asked);
        Seen::Answered {
            ways: ways
                .into_iter()
                .map(|way| way_in(way, content, dataset))
                .collect(),
            sample_people: self.sample_people(content, dataset, asked.rows.as_ref()),
        }
    }

    fn sample_people(
        &self,
        content: &Content,
        dataset: &Dataset,
        rows: Option<&(ColumnName, Value)>,
    ) -> Vec<SamplePerson> {
        let seeing = content.personas().iter().filter_map(|persona| {
            let grant = resolve(content.policies(), persona.subject(), dataset.schema()).ok()?;
            let may_see =
                |(column, value): &(ColumnName, Value)| grant.rows().may_admit(column, value);
            let label = |locale| persona.label(locale).to_owned();
            rows.is_none_or(may_see).then(|| SamplePerson {
                name: persona.name().to_string(),
                label: InWords::of(label),
                shown: self.column.as_ref().map(|c| Shown::of(Some(&grant), c)),
                rules: permits(content, dataset, &grant),
            })
        });
        seeing.collect()
    }
}

/// The permits of a grant: what else matched took something away.
fn permits(content: &Content, dataset: &Dataset, grant: &Grant) -> Vec<RuleId> {
    let policy = content.policies().policy(dataset.name());
    let rules = policy.into_iter().flat_map(Policy::rules);
    let permits = rules.filter(|rule| rule.kind() == "permit").map(Rule::id);
    let matched = permits.filter(|id| grant.matched_rules().contains(id));
    matched.cloned().collect()
}

fn way_in(way: Way, content: &Content, dataset: &Dataset) -> WayIn {
    let mapping = content.mapping();
    let requires: Vec<Required> = way
        .requires
        .into_iter()
        .map(|required| {
            let mut providers = mapping.provider_claims(&required).into_iter();
            Required {
                provider: providers.next(),
                others: providers.collect(),
                required,
            }
        })
        .collect();
    let all: Vec<_> = requires.iter().map(|one| &one.required).collect();
    let possible = mapping.can_meet(&all);
    let (proven, example) = match way.certainty {
        Certainty::Proven { subject, row } => (true, Some(answer::Example { subject, row })),
        Certainty::Possible => (false, None),
    };
    let made = example
        .as_ref()
        .is_some_and(|it| mapping.can_make(&it.subject));
    let rules = content.policies().policy(dataset.name());
    let rule = rules.and_then(|policy| policy.rules().iter().find(|rule| *rule.id() == way.rule));
    let say = |locale: Locale| {
        let words = CatalogWords::new(Some(dataset), locale);
        rule.map(|rule| Words::new(locale, &words).rule(rule))
            .unwrap_or_default()
    };
    WayIn {
        sentence: InWords::of(say),
        rule: way.rule,
        requires,
        sign_in: match (possible, made) {
            (false, _) => SignIn::Nobody,
            (true, true) => SignIn::Somebody,
            (true, false) => SignIn::Perhaps,
        },
        column: way.column,
        proven,
        example,
    }
}
