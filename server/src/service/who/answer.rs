//! The answer: periods, and who came in by which way.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use weir_identity::mapping::ProviderClaim;
use weir_policy::change::{Shown, WitnessSubject};
use weir_policy::who::{Requirement, ShownBy};
use weir_policy::{BusinessUnit, ColumnName, DatasetName, Locale, RuleId, Value};
use weir_registry::{Actor, PublishedRevision};

/// Who could see, period by period.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// The dataset asked about.
    pub dataset: DatasetName,
    /// The column asked about.
    pub column: Option<ColumnName>,
    /// The unit whose rows were asked about.
    pub business_unit: Option<BusinessUnit>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, that moment included.
    pub to: DateTime<Utc>,
    /// Oldest first, without gaps from the first publication on. A period may begin before the
    /// time asked about and end after it: it says when what was so began and ended.
    pub periods: Vec<Period>,
}

/// A time in which the answer was the same.
#[derive(Debug, Clone, Serialize)]
pub struct Period {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; nothing if it still is so.
    pub until: Option<DateTime<Utc>>,
    /// The revisions that said so, and who answers for them.
    pub revisions: Vec<Answerable>,
    /// What they said.
    #[serde(flatten)]
    pub seen: Seen,
}

/// A revision and who answers for it.
#[derive(Debug, Clone, Serialize)]
pub struct Answerable {
    /// Its number.
    pub number: u64,
    /// The hash of its files.
    pub content: String,
    /// Since when it was in force.
    pub published_at: DateTime<Utc>,
    /// What it was about.
    pub title: String,
    /// Who wrote it.
    pub author: Actor,
    /// Who approved it.
    pub approvers: Vec<Actor>,
    /// Who put it in force.
    pub publisher: Actor,
}

/// What a revision says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Seen {
    /// These, and nobody else.
    Answered {
        /// By which ways people come in; none if nobody could see.
        ways: Vec<WayIn>,
        /// The sample people of the revision who could see.
        sample_people: Vec<SamplePerson>,
    },
    /// It does not declare the dataset: nobody could see it.
    NoDataset,
    /// The dataset has no column that says whose a row is: there are no rows of a unit.
    NoBusinessUnits,
    /// It can't be read by this version: nobody can say, so anybody may have.
    Unreadable {
        /// Why.
        problem: String,
    },
}

/// One way in, and the people at the identity provider who have it.
#[derive(Debug, Clone, Serialize)]
pub struct WayIn {
    /// The permit.
    pub rule: RuleId,
    /// The permit in words.
    pub sentence: InWords,
    /// What somebody must hold, all of it.
    pub requires: Vec<Required>,
    /// Whether people who sign in can hold all of it. The viewers of an embed client can as far
    /// as its registration lets it say so; registrations have no revisions.
    pub sign_in: SignIn,
    /// How the column asked about is shown.
    pub column: Option<ShownBy>,
    /// Whether the resolver lets somebody in this way; if not, nobody can say that there is nobody.
    pub proven: bool,
    /// Somebody whom it lets in.
    pub example: Option<Example>,
}

/// Something that must be held, and where the identity provider says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Required {
    /// What.
    #[serde(flatten)]
    pub required: Requirement,
    /// The provider's claim; nothing if nobody who signs in can hold it.
    pub provider: Option<ProviderClaim>,
    /// The same at other providers, where members sign in at several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<ProviderClaim>,
}

/// Whether people who sign in come in by a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// The example can sign in as it is.
    Somebody,
    /// Each thing that is required can be held; whether all together is not proven.
    Perhaps,
    /// The claim mapping lets nobody hold what is required.
    Nobody,
}

/// Somebody whom the resolver lets in.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    /// These claims and no others.
    pub subject: WitnessSubject,
    /// The cells of a row that matter, empty for NULL.
    #[serde(serialize_with = "cells")]
    pub row: BTreeMap<ColumnName, Option<Value>>,
}

/// A sample person who could see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SamplePerson {
    /// Their name.
    pub name: String,
    /// What people call them.
    pub label: InWords,
    /// How the column asked about is shown to them.
    pub shown: Option<Shown>,
    /// The permits that let them in.
    pub rules: Vec<RuleId>,
}

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InWords {
    /// In English.
    pub en: String,
    /// In French.
    pub fr: String,
}

impl InWords {
    pub(super) fn of(say: impl Fn(Locale) -> String) -> Self {
        Self {
            en: say(Locale::EnCa),
            fr: say(Locale::FrCa),
        }
    }
}

impl Period {
    /// Whether `next` follows at once and says the same.
    pub(super) fn goes_on_in(&self, next: &Self) -> bool {
        self.until == Some(next.from) && self.seen.says_what(&next.seen)
    }

    pub(super) fn extend(&mut self, next: Self) {
        self.until = next.until;
        self.revisions.extend(next.revisions);
    }
}

impl Seen {
    fn says_what(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Answered {
                    ways,
                    sample_people,
                },
                Self::Answered {
                    ways: other_ways,
                    sample_people: other_people,
                },
            ) => {
                let mut both = ways.iter().zip(other_ways);
                ways.len() == other_ways.len()
                    && both.all(|(one, other)| one.says_what(other))
                    && sample_people == other_people
            }
            (Self::NoDataset, Self::NoDataset) | (Self::NoBusinessUnits, Self::NoBusinessUnits) => {
                true
            }
            (Self::Unreadable { problem }, Self::Unreadable { problem: other }) => problem == other,
            _ => false,
        }
    }
}

impl WayIn {
    /// Whether both say the same, whomever they name as an example.
    fn says_what(&self, other: &Self) -> bool {
        self.rule == other.rule
            && self.sentence == other.sentence
            && self.requires == other.requires
            && self.sign_in == other.sign_in
            && self.column == other.column
            && self.proven == other.proven
    }
}

impl From<PublishedRevision> for Answerable {
    fn from(revision: PublishedRevision) -> Self {
        Self {
            number: revision.number,
            content: revision.content.to_string(),
            published_at: revision.published_at,
            title: revision.title,
            author: revision.author,
            approvers: revision.approvers,
            publisher: revision.publisher,
        }
    }
}

fn cells<S: Serializer>(
    row: &BTreeMap<ColumnName, Option<Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let cells = row.iter().map(|(column, value)| {
        let text = value.as_ref().map(|value| match value {
            Value::Text(text) => text.clone(),
            other => other.to_string(),
        });
        (column, text)
    });
    serializer.collect_map(cells)
}
