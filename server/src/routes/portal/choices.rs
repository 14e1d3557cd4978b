//! What the form of a preview offers: personas, dashboards, revisions and drafts.

use weir_frontend::model::admin::Choice;
use weir_policy::persona::Persona;
use weir_query::Locale;
use weir_registry::{Draft, DraftState, Rules};

use super::answers::{Answers, content};
use super::desk::Desk;
use super::words::pick;
use crate::content::Content;
use crate::problem::Problem;

/// How many past revisions are offered unasked.
const REVISIONS: usize = 20;

/// A content's value and label.
pub(super) type Offer = (String, String);

fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen,
    }
}

/// The sample people, and claims of one's own. Who answered neither is offered the first person.
pub(super) fn personas(known: &Content, answers: &Answers, locale: Locale) -> Vec<Choice> {
    let wanted = answers.get("persona");
    let own = wanted.is_empty() && (answers.has_claims() || known.personas().is_empty());
    let persona = |(place, one): (usize, &Persona)| {
        let name = one.name().as_str();
        let first = place == 0 && wanted.is_empty() && !own;
        choice(name, one.label(locale), first || name == wanted)
    };
    let claims = pick(
        locale,
        "Claims of my own, below",
        "Mes propres attributs, ci-dessous",
    );
    let personas = known.personas().iter().enumerate().map(persona);
    personas.chain([choice("", claims, own)]).collect()
}

/// The dashboards in force.
pub(super) fn dashboards(known: &Content, answers: &Answers, locale: Locale) -> Vec<Choice> {
    let wanted = answers.get("dashboard");
    let dashboards = known.dashboards().map(|dashboard| {
        let slug = dashboard.slug().as_str();
        choice(slug, dashboard.title().get(locale), slug == wanted)
    });
    dashboards.collect()
}

/// `offers` as a select.
pub(super) fn among(offers: &[Offer], wanted: &str) -> Vec<Choice> {
    let offers = offers.iter();
    offers
        .map(|(value, label)| choice(value, label, value == wanted))
        .collect()
}

/// `offers` as a select that can be left empty.
pub(super) fn beside(offers: &[Offer], answers: &Answers, locale: Locale) -> Vec<Choice> {
    let wanted = answers.get("compare");
    let nothing = pick(locale, "Nothing", "Rien d’autre");
    let mut choices = vec![choice("", nothing, wanted.is_empty())];
    choices.extend(among(offers, wanted));
    choices
}

/// What can be looked under: what is in force, drafts, and what was in force, however long ago where
/// it is asked for.
///
/// # Errors
/// When the registry can't say.
pub(super) async fn contents(desk: &Desk, answers: &Answers) -> Result<Vec<Offer>, Problem> {
    let published = desk.state.dashboards.published.current();
    let in_force = published.policies().revision().get();
    let (value, label) = offer(desk, in_force, None);
    let label = format!("{label}, {}", pick(desk.locale, "in force", "en vigueur"));
    let mut offers = vec![(value, label)];
    let drafts = desk.state.governance.drafts().await?;
    let is_open =
        |draft: &&Draft| !matches!(draft.state, DraftState::Published | DraftState::Withdrawn);
    offers.extend(drafts.iter().filter(is_open).map(|draft| {
        let (value, name) = offer(desk, draft.base, Some(draft.id.get()));
        (value, format!("{name} · {}", draft.title))
    }));
    let past = (1..in_force).rev().map(|number| offer(desk, number, None));
    let asked = [answers.get("content"), answers.get("compare")];
    let offered = past
        .enumerate()
        .filter(|(age, (value, _))| *age < REVISIONS || asked.contains(&value.as_str()));
    offers.extend(offered.map(|(_, offer)| offer));
    Ok(offers)
}

fn offer(desk: &Desk, revision: u64, draft: Option<u64>) -> Offer {
    let rules = Rules {
        revision,
        draft,
        version: None,
    };
    (content(rules), desk.presenter().rules_name(rules))
}
