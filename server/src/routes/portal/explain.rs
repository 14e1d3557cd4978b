//! `/admin/access/explain`: why somebody sees what they see of a dataset.

use std::collections::BTreeMap;

use axum::response::Response;
use weir_frontend::model::admin::{
    Claim as ClaimVm, ExplainVm, ExplainedColumn as ColumnVm, ExplainedRule as RuleVm, Section,
};
use weir_frontend::pages::admin as pages;
use weir_policy::change::Shown;
use weir_policy::words::{Vocabulary as _, Words};
use weir_policy::{
    Claim, Denied, ExplainedColumn, ExplainedRule, Explanation, Mask, Outcome, Policy, RuleId,
    WhyNot, explain as decide,
};
use weir_query::{Dataset, Locale};
use weir_registry::PublishedRevision;

use super::access::{content_of, sees, units};
use super::desk::Desk;
use super::row;
use super::rules::rule;
use super::witness::claims;
use super::words::{list, pick};
use crate::content::Content;
use crate::problem::{Problem, Slug};
use crate::service::governance::{CatalogWords, ContentOf, Question};

/// `GET /admin/access/explain?dataset=…&persona=…&content=…`
pub(super) async fn explain(desk: Desk) -> Response {
    let page = why(&desk).await;
    desk.answer(Section::Access, page).await
}

async fn why(desk: &Desk) -> Result<Response, Problem> {
    let governance = &desk.state.governance;
    let of = content_of(desk).await?;
    let content = governance.content(of).await?;
    let asked = desk.params.chosen.iter();
    let asked = asked.filter(|(name, _)| name != "content" && name != row::KEY);
    let asked = asked.map(|(name, value)| (name.as_str(), value.as_str()));
    let not_found = || Problem::new(Slug::NotFound);
    let question = Question::read(asked, &content).map_err(|_| not_found())?;
    let dataset = content.catalog().dataset(&question.dataset);
    let dataset = dataset.ok_or_else(not_found)?;
    let cell = governance
        .access_to(of, (&question.subject, dataset), &desk.doer())
        .await?;
    let explanation = decide(content.policies(), &question.subject, dataset.schema());
    let since = match of {
        ContentOf::Revision(number) => {
            governance
                .rules_since(number, &content, dataset.name())
                .await?
        }
        ContentOf::Draft(_) => BTreeMap::new(),
    };
    let teller = Teller {
        desk,
        content: &content,
        dataset,
        since,
    };
    // A draft's rules decide about nobody yet, and a closed dataset shows no row whatever it holds.
    let open = matches!(of, ContentOf::Revision(_)) && explanation.outcome.grant().is_some();
    let row = if open {
        row::question(desk, &content, dataset).await?
    } else {
        None
    };
    let known = claims(&question.subject, Some(dataset), desk.locale);
    Ok(desk.page(pages::explain(&ExplainVm {
        subject: teller.somebody(&question),
        dataset: dataset.label().get(desk.locale).to_owned(),
        dataset_name: dataset.name().to_string(),
        content: teller.under(of),
        sees: sees(desk, cell, 0),
        sentence: teller.sentence(&explanation),
        rules: teller.rules(&explanation),
        claims: known
            .into_iter()
            .map(|(name, value)| ClaimVm { name, value })
            .collect(),
        columns: teller.columns(&explanation.columns),
        row,
        view_as_href: question.persona.as_ref().map(|persona| {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("persona", persona.name().as_str())
                .append_pair("content", &of.to_string())
                .finish();
            format!("/admin/view-as?{query}")
        }),
        frame: desk.frame(Section::Access).await?,
    })))
}

/// Words an explanation.
struct Teller<'a> {
    desk: &'a Desk,
    content: &'a Content,
    dataset: &'a Dataset,
    since: BTreeMap<RuleId, PublishedRevision>,
}

impl Teller<'_> {
    fn locale(&self) -> Locale {
        self.desk.locale
    }

    fn words(&self) -> CatalogWords<'_> {
        CatalogWords::new(Some(self.dataset), self.locale())
    }

    fn somebody(&self, question: &Question) -> String {
        let units = units(self.content, &question.subject, self.locale());
        let person = question.persona.as_ref();
        person.map_or(units, |persona| persona.label(self.locale()).to_owned())
    }

    fn under(&self, of: ContentOf) -> String {
        match (of, self.locale()) {
            (ContentOf::Revision(number), Locale::EnCa) => format!("revision {number}"),
            (ContentOf::Revision(number), Locale::FrCa) => format!("la révision {number}"),
            (ContentOf::Draft(id), Locale::EnCa) => format!("draft {id}"),
            (ContentOf::Draft(id), Locale::FrCa) => format!("l’ébauche {id}"),
        }
    }

    fn sentence(&self, explanation: &Explanation) -> String {
        let words = self.words();
        match &explanation.outcome {
            Outcome::Granted(grant) => {
                let said = Words::new(self.locale(), &words).grant(grant);
                said.into_iter().next().unwrap_or_default()
            }
            Outcome::Denied(denied) => self.denied(denied),
        }
    }

    fn denied(&self, denied: &Denied) -> String {
        let (en, fr) = match denied {
            Denied::NoPolicy { .. } => (
                "No policy speaks about this dataset, so nobody sees anything of it.",
                "Aucune politique ne porte sur ce jeu de données\u{a0}: personne n’en voit rien.",
            ),
            Denied::NoPermit { .. } => (
                "No rule shows them any row.",
                "Aucune règle ne leur montre de ligne.",
            ),
            Denied::NoBusinessUnit { .. } => (
                "Rows are shown by business unit, and they have none.",
                "Les lignes sont montrées par unité d’affaires, et ces personnes n’en ont aucune.",
            ),
            Denied::MissingAttribute { .. } => (
                "A rule needs a claim that they do not carry.",
                "Une règle exige un attribut que ces personnes n’ont pas.",
            ),
            Denied::NoRows { .. } => (
                "The rules that apply leave them no row at all.",
                "Les règles qui s’appliquent ne leur laissent aucune ligne.",
            ),
            Denied::Unevaluable { .. } => (
                "A rule that may withhold something can’t be evaluated, so everything is closed.",
                "Une règle qui peut retenir des lignes ne peut être évaluée\u{a0}: tout est fermé.",
            ),
        };
        pick(self.locale(), en, fr).to_owned()
    }

    /// Those that applied first.
    fn rules(&self, explanation: &Explanation) -> Vec<RuleVm> {
        let policy = self.content.policies().policy(self.dataset.name());
        let written = policy.map_or(&[][..], Policy::rules);
        let mut rules: Vec<_> = written
            .iter()
            .zip(&explanation.rules)
            .map(|(one, explained)| RuleVm {
                rule: rule(one, Some(self.dataset), self.locale()),
                applied: explained.applied(),
                why: self.why(explained),
                source: self.source(&explained.id),
            })
            .collect();
        rules.sort_by_key(|rule| !rule.applied);
        rules
    }

    fn why(&self, rule: &ExplainedRule) -> String {
        let locale = self.locale();
        match &rule.why_not {
            None if rule.claims.is_empty() => pick(
                locale,
                "Applies to everybody.",
                "S’applique à tout le monde.",
            )
            .to_owned(),
            None => {
                let held = rule.claims.iter().map(|(claim, held)| {
                    let values: Vec<String> = held.iter().cloned().collect();
                    let values = if values.is_empty() {
                        pick(locale, "none", "aucun").to_owned()
                    } else {
                        values.join(", ")
                    };
                    match locale {
                        Locale::EnCa => format!("{}: {values}", claim_name(claim, locale)),
                        Locale::FrCa => format!("{}\u{a0}: {values}", claim_name(claim, locale)),
                    }
                });
                let held = list(held.collect(), locale);
                match locale {
                    Locale::EnCa => format!("Because of what they hold ({held})."),
                    Locale::FrCa => format!("À cause de leurs attributs ({held})."),
                }
            }
            Some(WhyNot::Condition) => pick(
                locale,
                "It speaks of other people.",
                "Elle parle d’autres personnes.",
            )
            .to_owned(),
            Some(WhyNot::Missing(claim)) => match locale {
                Locale::EnCa => format!(
                    "It needs a value of {}, and they have none.",
                    claim_name(claim, locale)
                ),
                Locale::FrCa => format!(
                    "Elle exige une valeur de {}, et ces personnes n’en ont aucune.",
                    claim_name(claim, locale)
                ),
            },
            Some(WhyNot::NotOfType { claim, .. }) => match locale {
                Locale::EnCa => format!(
                    "A value of {} is of the wrong type.",
                    claim_name(claim, locale)
                ),
                Locale::FrCa => format!(
                    "Une valeur de {} est du mauvais type.",
                    claim_name(claim, locale)
                ),
            },
            Some(WhyNot::ColumnGone(_) | WhyNot::ColumnChanged { .. }) => pick(
                locale,
                "A column that it looks at is gone or of another type.",
                "Une colonne qu’elle consulte a disparu ou changé de type.",
            )
            .to_owned(),
        }
    }

    /// "Since revision 9 of 3 Oct 2026, by Jonas Weber, approved by Amélie Tremblay".
    fn source(&self, id: &RuleId) -> String {
        let Some(revision) = self.since.get(id) else {
            return String::new();
        };
        let locale = self.locale();
        let (number, author) = (revision.number, &revision.author.name);
        let time = self.desk.presenter().when(revision.published_at).text;
        let approvers = revision.approvers.iter().map(|one| one.name.clone());
        let approvers = list(approvers.collect(), locale);
        let approved = match (approvers.is_empty(), locale) {
            (true, _) => String::new(),
            (false, Locale::EnCa) => format!(", approved by {approvers}"),
            (false, Locale::FrCa) => format!(", approuvée par {approvers}"),
        };
        match locale {
            Locale::EnCa => format!("Since revision {number} of {time}, by {author}{approved}"),
            Locale::FrCa => {
                format!("Depuis la révision {number} du {time}, par {author}{approved}")
            }
        }
    }

    fn columns(&self, columns: &[ExplainedColumn]) -> Vec<ColumnVm> {
        let words = self.words();
        let column = |one: &ExplainedColumn| ColumnVm {
            label: words.column(&one.column).unwrap_or_default().to_owned(),
            name: one.column.to_string(),
            shown: shown(&one.shown, self.locale()).to_owned(),
            restricted: one.shown != Shown::Visible,
            rule: one
                .rule
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        };
        columns.iter().map(column).collect()
    }
}

fn claim_name(claim: &Claim, locale: Locale) -> String {
    match (claim, locale) {
        (Claim::Roles, Locale::EnCa) => "role".to_owned(),
        (Claim::Roles, Locale::FrCa) => "rôle".to_owned(),
        (Claim::BusinessUnits, Locale::EnCa) => "business unit".to_owned(),
        (Claim::BusinessUnits, Locale::FrCa) => "unité d’affaires".to_owned(),
        (Claim::Attribute(name), Locale::EnCa) => format!("the attribute {name}"),
        (Claim::Attribute(name), Locale::FrCa) => format!("l’attribut {name}"),
    }
}

const fn shown(shown: &Shown, locale: Locale) -> &'static str {
    let (en, fr) = match shown {
        Shown::Visible => ("shown", "montrée"),
        Shown::Hidden => ("hidden", "cachée"),
        Shown::Masked(Mask::Null) => ("empty", "vide"),
        Shown::Masked(Mask::Hash) => ("as a hash", "en empreinte"),
        Shown::Masked(Mask::Partial) => ("in part", "en partie"),
        Shown::Masked(Mask::Bucket(_)) => ("rounded", "arrondie"),
    };
    pick(locale, en, fr)
}
