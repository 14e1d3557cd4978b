//! `GET /api/v1/explain?dataset=…`: what somebody may see of a dataset, and through which rules.
//!
//! Somebody is a sample person (`persona=analyst-auto`) or a set of claims (`role=analyst`,
//! `business_unit=auto`, `attribute.clearance=confidential`, each as often as needed).

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use weir_policy::words::Words;
use weir_policy::{
    AttributeName, BusinessUnit, DatasetName, Explanation, RoleName, Subject, explain as decide,
};

use super::policies::Sentence;
use crate::content::Content;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::CatalogWords;
use crate::state::AppState;

/// The issuer of people who are only claims.
const NOBODY: &str = "urn:weir:claims";

/// An explanation, and the rows in words.
#[derive(Debug, Serialize)]
pub(super) struct ExplainAnswer {
    #[serde(flatten)]
    explanation: Explanation,
    rows: Option<Sentence>,
    rules_in_words: Vec<RuleInWords>,
}

/// One rule in words.
#[derive(Debug, Serialize)]
struct RuleInWords {
    id: String,
    applied: bool,
    sentence: Sentence,
}

/// What a subject may see, under the policies in force.
///
/// # Errors
/// An unknown parameter, dataset or sample person, or a name that is none.
pub(super) async fn explain(
    State(state): State<AppState>,
    _: Admin,
    RawQuery(query): RawQuery,
) -> Result<Json<ExplainAnswer>, Problem> {
    let content = state.dashboards.published.current();
    let asked = Asked::read(query.as_deref().unwrap_or_default(), &content)?;
    let dataset = content.catalog().dataset(&asked.dataset);
    let dataset = dataset.ok_or_else(|| invalid("dataset"))?;
    let explanation = decide(content.policies(), &asked.subject, dataset.schema());
    let policy = content.policies().policy(dataset.name());
    let vocabulary = |locale| CatalogWords::new(Some(dataset), locale);
    let rows = explanation.outcome.grant().map(|grant| {
        Sentence::of(|locale| Words::new(locale, &vocabulary(locale)).predicate(grant.rows()))
    });
    let rules = policy.into_iter().flat_map(weir_policy::Policy::rules);
    let in_words = rules
        .zip(&explanation.rules)
        .map(|(rule, explained)| RuleInWords {
            id: rule.id().to_string(),
            applied: explained.applied(),
            sentence: Sentence::of(|locale| Words::new(locale, &vocabulary(locale)).rule(rule)),
        });
    Ok(Json(ExplainAnswer {
        rows,
        rules_in_words: in_words.collect(),
        explanation,
    }))
}

/// Who and what is asked about.
struct Asked {
    dataset: DatasetName,
    subject: Subject,
}

impl Asked {
    fn read(query: &str, content: &Content) -> Result<Self, Problem> {
        let mut dataset = None;
        let mut subject = Subject::new(NOBODY, "claims");
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let (name, value) = (name.as_ref(), value.into_owned());
            subject = match name {
                "dataset" => {
                    dataset = Some(DatasetName::parse(value).map_err(|_| invalid(name))?);
                    subject
                }
                "persona" => persona(content, &value)?,
                "role" => {
                    let role = RoleName::parse(value).map_err(|_| invalid(name))?;
                    subject.with_roles([role])
                }
                "business_unit" => {
                    let unit = BusinessUnit::parse(value).map_err(|_| invalid(name))?;
                    subject.with_business_units([unit])
                }
                other => {
                    let attribute = other.strip_prefix("attribute.");
                    let attribute = attribute.ok_or_else(|| invalid(other))?;
                    let attribute = AttributeName::parse(attribute).map_err(|_| invalid(other))?;
                    subject.with_attribute(attribute, [value])
                }
            };
        }
        let dataset = dataset.ok_or_else(|| invalid("dataset"))?;
        Ok(Self { dataset, subject })
    }
}

fn persona(content: &Content, name: &str) -> Result<Subject, Problem> {
    let mut personas = content.personas().iter();
    let found = personas.find(|persona| persona.name().as_str() == name);
    let found = found.ok_or_else(|| invalid("persona"))?;
    Ok(found.subject().clone())
}

fn invalid(parameter: &str) -> Problem {
    let pointer = format!("/{}", parameter.chars().take(40).collect::<String>());
    Problem::new(Slug::InvalidParameter).at(pointer, "unknown, missing or not a name")
}
