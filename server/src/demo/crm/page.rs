//! The customer page, filled in for one view.

use super::Crm;
use super::view::{DASHBOARDS, TABS, THEMES, View};
use super::words;
use crate::demo::html::{Html, Language};
use crate::demo::persona::PERSONAS;

pub(super) fn render(crm: &Crm, view: &View) -> Html {
    Html::fill(include_str!("page.html"), |slot| shell(crm, view, slot))
}

fn shell(crm: &Crm, view: &View, slot: &str) -> Option<Html> {
    Some(match slot {
        "locale" => Html::markup(view.language.locale()),
        "theme" => Html::markup(view.theme),
        "persona" => Html::markup(view.persona.sub),
        "persona_name" => Html::markup(view.persona.name),
        "persona_job" => Html::markup(view.persona.job(view.language)),
        "persona_initials" => Html::text(&view.persona.initials()),
        "persona_scope" => Html::text(&view.persona.scope(view.language)),
        "dashboard" => Html::markup(view.dashboard),
        "tab" => Html::markup(view.tab),
        "weir" => Html::text(&crm.weir),
        "own" => Html::text(&crm.own),
        "people" => people(view),
        "languages" => languages(view),
        "themes" => themes(view),
        "tabs" => tabs(view),
        "dashboards" => dashboards(view),
        "record" => Html::fill(record(view.language), |slot| shell(crm, view, slot)),
        "analytics" => Html::fill(include_str!("analytics.html"), |slot| {
            shell(crm, view, slot)
        }),
        _ => return link_or_word(view, slot),
    })
}

/// `to_policies` is the address of that tab, `off_policies` hides a panel that is not shown, and
/// everything else is a word.
fn link_or_word(view: &View, slot: &str) -> Option<Html> {
    let tab = |name: &str| TABS.iter().map(|(tab, _, _)| *tab).find(|tab| *tab == name);
    if let Some(tab) = slot.strip_prefix("to_").and_then(tab) {
        return Some(Html::text(&View { tab, ..*view }.address()));
    }
    if let Some(tab) = slot.strip_prefix("off_").and_then(tab) {
        return Some(Html::markup(if tab == view.tab { "" } else { "hidden" }));
    }
    words::find(slot, view.language).map(Html::markup)
}

fn record(language: Language) -> &'static str {
    language.pick(
        include_str!("record.fr.html"),
        include_str!("record.en.html"),
    )
}

fn people(view: &View) -> Html {
    let option = "<option value=\"{{sub}}\" {{chosen}}>{{name}} – {{scope}}</option>";
    PERSONAS
        .iter()
        .filter(|persona| !persona.is_governor())
        .map(|persona| {
            Html::fill(option, |slot| {
                Some(match slot {
                    "sub" => Html::text(persona.sub),
                    "chosen" if persona.sub == view.persona.sub => Html::markup("selected"),
                    "chosen" => Html::default(),
                    "name" => Html::text(persona.name),
                    "scope" => Html::text(&persona.scope(view.language)),
                    _ => return None,
                })
            })
        })
        .collect()
}

fn languages(view: &View) -> Html {
    [(Language::French, "fr", "FR", "Français"), (Language::English, "en", "EN", "English")]
        .into_iter()
        .map(|(language, tag, short, name)| {
            let to = View { language, ..*view }.address();
            let link = "<a href=\"{{to}}\" lang=\"{{tag}}\" hreflang=\"{{tag}}\" title=\"{{name}}\" {{current}}>{{short}}</a>";
            Html::fill(link, |slot| {
                Some(match slot {
                    "to" => Html::text(&to),
                    "tag" => Html::markup(tag),
                    "short" => Html::markup(short),
                    "name" => Html::markup(name),
                    "current" => current(language == view.language),
                    _ => return None,
                })
            })
        })
        .collect()
}

fn themes(view: &View) -> Html {
    let link = "<a href=\"{{to}}\" data-theme-link=\"{{name}}\" title=\"{{label}}\" {{current}}>\
                <svg aria-hidden=\"true\"><use href=\"#i-{{name}}\"/></svg><span class=\"quiet\">{{label}}</span></a>";
    linked(&THEMES, view, link, |name| {
        (
            View {
                theme: name,
                ..*view
            },
            name == view.theme,
        )
    })
}

fn tabs(view: &View) -> Html {
    let link = "<a href=\"{{to}}\" role=\"tab\" id=\"tab-{{name}}\" aria-controls=\"panel-{{name}}\" \
                data-tab=\"{{name}}\" {{selected}}>{{label}}</a>";
    linked(&TABS, view, link, |name| {
        (View { tab: name, ..*view }, name == view.tab)
    })
}

fn dashboards(view: &View) -> Html {
    let link = "<a href=\"{{to}}\" data-dashboard=\"{{name}}\" {{current}}>{{label}}</a>";
    linked(&DASHBOARDS, view, link, |name| {
        (
            View {
                dashboard: name,
                ..*view
            },
            name == view.dashboard,
        )
    })
}

/// One link per choice, to the same page with that choice made.
fn linked(
    choices: &'static [(&'static str, &'static str, &'static str)],
    view: &View,
    template: &'static str,
    target: impl Fn(&'static str) -> (View, bool),
) -> Html {
    let link = |&(name, french, english): &'static (&'static str, &'static str, &'static str)| {
        let (to, chosen) = target(name);
        Html::fill(template, |slot| {
            Some(match slot {
                "to" => Html::text(&to.address()),
                "name" => Html::markup(name),
                "label" => Html::markup(view.language.pick(french, english)),
                "current" => current(chosen),
                "selected" if chosen => Html::markup("aria-selected=\"true\""),
                "selected" => Html::markup("aria-selected=\"false\" tabindex=\"-1\""),
                _ => return None,
            })
        })
    };
    choices.iter().map(link).collect()
}

fn current(chosen: bool) -> Html {
    Html::markup(if chosen { "aria-current=\"true\"" } else { "" })
}
