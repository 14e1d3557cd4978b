//! Form fields: label, help, control, and what was wrong with it, tied together.

use super::parts::area_text;
use crate::model::Locale;
use crate::model::admin::{Choice, FieldError};
use crate::text::PortalText as T;
use leptos::prelude::*;

/// What kind of control a field is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Control<'a> {
    /// `<input>` of this type with this value.
    Input(&'static str, &'a str),
    /// `<textarea>` with this text and number of lines.
    Area(&'a str, usize),
    /// `<select>`.
    Select(&'a [Choice]),
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'a str,
    pub(super) help: &'a str,
    pub(super) control: Control<'a>,
    pub(super) required: bool,
    pub(super) errors: &'a [FieldError],
}

impl Field<'_> {
    pub(super) fn view(&self) -> AnyView {
        let id = format!("f-{}", self.name);
        let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
        let error = self.errors.iter().find(|error| error.field == self.name);
        let mut described = Vec::new();
        if !self.help.is_empty() {
            described.push(help_id.clone());
        }
        if error.is_some() {
            described.push(error_id.clone());
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        let help = (!self.help.is_empty())
            .then(|| view! { <p class="help" id=help_id>{self.help.to_owned()}</p> });
        let message =
            error.map(|error| view! { <p class="wrong" id=error_id>{error.message.clone()}</p> });
        let control = self.control(&id, described, error.is_some());
        let label = self.label.to_owned();
        view! { <div class="field"><label for=id>{label}</label>{help}{message}{control}</div> }
            .into_any()
    }

    fn control(&self, id: &str, described: Option<String>, wrong: bool) -> AnyView {
        let (id, name) = (id.to_owned(), self.name);
        let invalid = wrong.then_some("true");
        let required = self.required;
        match self.control {
            Control::Input(kind, value) => view! {
                <input id=id name=name type=kind value=value.to_owned() required=required
                    aria-describedby=described aria-invalid=invalid/>
            }
            .into_any(),
            Control::Area(text, rows) => view! {
                <textarea id=id name=name rows=rows required=required aria-describedby=described
                    aria-invalid=invalid spellcheck="false" inner_html=area_text(text)></textarea>
            }
            .into_any(),
            Control::Select(choices) => view! {
                <select id=id name=name aria-describedby=described aria-invalid=invalid>
                    {options(choices)}
                </select>
            }
            .into_any(),
        }
    }
}

fn options(choices: &[Choice]) -> Vec<AnyView> {
    let option = |choice: &Choice| {
        let Choice {
            value,
            label,
            chosen,
        } = choice.clone();
        view! { <option value=value selected=chosen>{label}</option> }.into_any()
    };
    choices.iter().map(option).collect()
}

/// What was wrong, at the top of the page, each with a link to its field.
pub(super) fn summary(errors: &[FieldError], locale: Locale) -> Option<AnyView> {
    if errors.is_empty() {
        return None;
    }
    let items: Vec<_> = errors
        .iter()
        .map(|error| {
            let href = format!("#f-{}", error.field);
            view! { <li><a href=href>{error.message.clone()}</a></li> }
        })
        .collect();
    Some(
        view! {
            <div class="callout bad" role="alert">
                <p><b>{T::CheckFields.of(locale)}</b></p>
                <ul class="links">{items}</ul>
            </div>
        }
        .into_any(),
    )
}
