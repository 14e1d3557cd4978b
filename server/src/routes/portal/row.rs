//! The question about one row on the page that explains access: is it seen, and by which comparison?

use std::sync::Arc;

use weir_frontend::model::admin::{RowAnswer, RowQuestion};
use weir_policy::words::{Vocabulary as _, Words};
use weir_policy::{RowClause, Truth};
use weir_query::{Dataset, Locale};

use super::desk::Desk;
use super::draft::wrong;
use super::words::{list, pick};
use crate::content::Content;
use crate::problem::Problem;
use crate::service::governance::{CatalogWords, Question, RowWish};
use crate::service::row_question::ExplainedRow;

/// The parameter with the values of the key, in its order, between commas.
pub(super) const KEY: &str = "key";

/// The form, and the answer if something was asked. Nothing where rows have no key.
///
/// # Errors
/// When the row can't be read or put on record.
pub(super) async fn question(
    desk: &Desk,
    content: &Arc<Content>,
    dataset: &Arc<Dataset>,
) -> Result<Option<RowQuestion>, Problem> {
    let in_force = desk.state.dashboards.published.current();
    // Rows of another table than today's are not there to be asked about.
    if dataset.key().is_empty() || !content.has_datasets_of(&in_force) {
        return Ok(None);
    }
    let kept = desk.params.chosen.iter();
    let kept = kept.filter(|(name, _)| name != KEY).cloned();
    let mut question = RowQuestion {
        action: "/admin/access/explain".to_owned(),
        carry: kept.collect(),
        key_label: key_label(dataset, desk.locale),
        key: desk.asked(KEY).unwrap_or_default().trim().to_owned(),
        answer: None,
        errors: Vec::new(),
    };
    if question.key.is_empty() {
        return Ok(Some(question));
    }
    let Some(wish) = wish(&question, content, dataset) else {
        question.errors = vec![wrong(
            KEY,
            desk.locale,
            "Enter a value for each of these columns, with commas between them.",
            "Entrez une valeur pour chacune de ces colonnes, séparées par des virgules.",
        )];
        return Ok(Some(question));
    };
    let asker = &desk.admin.0.person.subject;
    let governance = &desk.state.governance;
    let found = governance.explain_row(&wish, asker, &desk.doer()).await?;
    match found.first() {
        Some(row) => question.answer = Some(answer(row, dataset, desk.locale)),
        None => {
            question.errors = vec![wrong(
                KEY,
                desk.locale,
                "There is no row with this key, or it is not yours to ask about.",
                "Aucune ligne n’a cette clé, ou elle ne vous regarde pas.",
            )];
        }
    }
    Ok(Some(question))
}

/// "Statement date, Customer".
fn key_label(dataset: &Dataset, locale: Locale) -> String {
    let words = CatalogWords::new(Some(dataset), locale);
    let label = |column| words.column(column).map(str::to_owned);
    let labels = dataset.key().iter();
    let labels = labels.map(|column| label(column).unwrap_or_else(|| column.to_string()));
    labels.collect::<Vec<_>>().join(", ")
}

fn wish(question: &RowQuestion, content: &Arc<Content>, dataset: &Arc<Dataset>) -> Option<RowWish> {
    let values: Vec<&str> = question.key.split(',').map(str::trim).collect();
    if values.len() != dataset.key().len() {
        return None;
    }
    let columns = dataset.key().iter().zip(values);
    let named: Vec<_> = columns
        .map(|(column, value)| (format!("key.{column}"), value))
        .collect();
    let carried = question.carry.iter();
    let carried = carried.filter(|(name, _)| name != "content");
    let carried = carried.map(|(name, value)| (name.as_str(), value.as_str()));
    let named = named.iter().map(|(name, value)| (name.as_str(), *value));
    let asked = Question::read(carried.chain(named), content).ok()?;
    Some(RowWish {
        content: Arc::clone(content),
        dataset: Arc::clone(dataset),
        key: asked.key(dataset).ok()?,
        is_sample: asked.persona.is_some(),
        subject: asked.subject,
    })
}

fn answer(row: &ExplainedRow, dataset: &Dataset, locale: Locale) -> RowAnswer {
    let explanation = &row.explanation;
    let words = CatalogWords::new(Some(dataset), locale);
    let clause = |clause: &RowClause| {
        let said = Words::new(locale, &words).predicate(&clause.leaf);
        let truth = match clause.truth {
            Truth::True => pick(locale, "yes", "oui"),
            Truth::False => pick(locale, "no", "non"),
            Truth::Unknown => pick(locale, "nobody knows", "nul ne le sait"),
        };
        match locale {
            Locale::EnCa => format!("{said}: {truth}"),
            Locale::FrCa => format!("{said}\u{a0}: {truth}"),
        }
    };
    let clauses: Vec<String> = explanation.clauses().iter().map(clause).collect();
    let verdict = explanation.verdict();
    let nobody = pick(locale, "no rule", "aucune règle");
    RowAnswer {
        visible: explanation.is_seen(),
        clause: list(clauses, locale),
        rule: verdict
            .rule()
            .map_or_else(|| nobody.to_owned(), ToString::to_string),
    }
}
