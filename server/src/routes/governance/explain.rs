//! `GET /api/v1/explain?dataset=…`: what somebody may see of a dataset, through which rules, and
//! which comparison shows or hides one row.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;
use weir_policy::words::Words;
use weir_policy::{RowClause, RowVerdict, Truth};
use weir_query::Dataset;
use weir_registry::RequestId;

use super::drafts::doer;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::{
    CatalogWords, Explained, Question, RowWish, Sentence, WrongParameter,
};
use crate::service::row_question::ExplainedRow;
use crate::state::AppState;

/// An explanation, and the row with the key that was asked about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplainAnswer {
    #[serde(flatten)]
    explained: Explained,
    /// The rows with the key that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    keyed: Option<Vec<KeyedRow>>,
}

/// What became of a row.
#[derive(Debug, Serialize, ToSchema)]
struct KeyedRow {
    /// How many rows have this key and this explanation.
    rows: u64,
    /// Whether the subject sees it.
    seen: bool,
    /// `permitted`, `forbidden`, `withheld` (something is NULL) or `not_permitted`.
    verdict: &'static str,
    /// The rule that decided; none if no permit covers the row.
    rule: Option<String>,
    /// The comparisons that decided.
    clauses: Vec<Clause>,
}

/// A comparison of a rule.
#[derive(Debug, Serialize, ToSchema)]
struct Clause {
    rule: String,
    column: String,
    /// The comparison in words.
    sentence: Sentence,
    /// What it comes to for the row: `true`, `false` or `unknown`.
    #[schema(value_type = String)]
    truth: Truth,
    /// What the row holds, for whoever may see that themselves.
    value: Option<String>,
}

/// What a subject may see, under the policies in force.
///
/// # Errors
/// An unknown parameter, dataset or sample person, or a name that is none.
#[utoipa::path(
    get, path = "/api/v1/explain", tag = "policies", summary = "What somebody may see, and by which rules",
    params(
        ("dataset" = String, Query, description = "The dataset."),
        ("persona" = Option<String>, Query, description = "A sample person; or claims:"),
        ("role" = Option<Vec<String>>, Query, description = "A role."),
        ("business_unit" = Option<Vec<String>>, Query, description = "A business unit."),
        ("attributes" = Option<Object>, Query, style = Form, explode,
            description = "Values of attributes, each as `attribute.NAME`."),
        ("key" = Option<Object>, Query, style = Form, explode,
            description = "The values of a row's key, each as `key.NAME`: why that row is seen or not."),
    ),
    responses((status = 200, body = ExplainAnswer)),
)]
pub(super) async fn explain(
    State(state): State<AppState>,
    admin: Admin,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Json<ExplainAnswer>, Problem> {
    let content = state.dashboards.published.current();
    let query = query.unwrap_or_default();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()));
    let asked = Question::read(pairs, &content)?;
    let explained = Explained::of(&asked, &content)?;
    let dataset = content.catalog().dataset(&asked.dataset);
    let dataset = dataset.ok_or_else(|| WrongParameter("dataset".to_owned()))?;
    let key = asked.key(dataset)?;
    let keyed = if explained.is_closed() || key.is_empty() {
        None
    } else {
        let wish = RowWish {
            content: Arc::clone(&content),
            dataset: Arc::clone(dataset),
            is_sample: asked.persona.is_some(),
            subject: asked.subject,
            key,
        };
        Some(keyed(&state, &admin, request, &wish).await?)
    };
    Ok(Json(ExplainAnswer { explained, keyed }))
}

async fn keyed(
    state: &AppState,
    admin: &Admin,
    request: RequestId,
    wish: &RowWish,
) -> Result<Vec<KeyedRow>, Problem> {
    let (asker, doer) = (&admin.0.person.subject, doer(admin, request));
    let found = state.governance.explain_row(wish, asker, &doer).await?;
    Ok(found
        .iter()
        .map(|row| KeyedRow::of(row, &wish.dataset))
        .collect())
}

impl KeyedRow {
    fn of(row: &ExplainedRow, dataset: &Arc<Dataset>) -> Self {
        let explanation = &row.explanation;
        let verdict = explanation.verdict();
        let clause = |clause: &RowClause| Clause {
            rule: clause.rule.to_string(),
            column: clause.column.to_string(),
            sentence: Sentence::of(|locale| {
                let vocabulary = CatalogWords::new(Some(dataset), locale);
                Words::new(locale, &vocabulary).predicate(&clause.leaf)
            }),
            truth: clause.truth,
            value: row.open.contains(&clause.column).then(|| {
                let value = clause.value.as_ref();
                value.map_or_else(|| "NULL".to_owned(), ToString::to_string)
            }),
        };
        Self {
            rows: row.rows,
            seen: explanation.is_seen(),
            verdict: match verdict {
                RowVerdict::Permitted(_) => "permitted",
                RowVerdict::Forbidden(_) => "forbidden",
                RowVerdict::Withheld(_) => "withheld",
                RowVerdict::NotPermitted => "not_permitted",
            },
            rule: verdict.rule().map(ToString::to_string),
            clauses: explanation.clauses().iter().map(clause).collect(),
        }
    }
}

impl From<WrongParameter> for Problem {
    fn from(WrongParameter(parameter): WrongParameter) -> Self {
        let pointer = format!("/{}", parameter.chars().take(40).collect::<String>());
        Self::new(Slug::InvalidParameter).at(pointer, "unknown, missing or not a name")
    }
}
