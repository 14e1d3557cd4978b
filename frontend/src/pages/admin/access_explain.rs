//! Why somebody sees what they see of a dataset.

use super::access::words;
use super::field::{Control, Field, summary};
use super::frame::page;
use super::icon::Icon;
use super::parts::{button_link, heading_with, section};
use super::reveal::local;
use super::rules::sentence;
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{
    Claim, ExplainVm, ExplainedColumn, ExplainedRule, RowAnswer, RowQuestion, Sees,
};
use crate::text::{PortalText as T, RecordText as R};
use leptos::prelude::*;

/// `/admin/access/explain`: the answer, the rules that led to it, the columns, and one row.
#[must_use]
pub fn explain(vm: &ExplainVm) -> String {
    let locale = vm.frame.locale;
    let title = format!("{} · {}", vm.subject, vm.dataset);
    page(&vm.frame, &title, || {
        let tools = vm.view_as_href.as_deref();
        let tools = tools.and_then(|href| button_link(href, R::LookAs.of(locale)));
        let (name, content) = (vm.dataset_name.clone(), vm.content.clone());
        let errors = vm.row.as_ref().and_then(|row| summary(&row.errors, locale));
        let row = vm
            .row
            .as_ref()
            .map(|row| section("row", R::RowTitle.of(locale), question(row, locale)));
        let facts = view! {
            <p class="sub dots"><code>{name}</code> <span>{R::Under.of(locale)} " " {content}</span></p>
        };
        view! {
            {heading_with(&title, facts.into_any(), tools)}
            {errors}
            {answer(vm)}
            {section("why", R::RulesWhy.of(locale), rules(&vm.rules, locale))}
            {row}
            {section("claims", R::Claims.of(locale), claims(&vm.claims, locale))}
            {section("columns", R::ColumnsTitle.of(locale), columns(&vm.columns, locale))}
        }
        .into_any()
    })
}

fn answer(vm: &ExplainVm) -> AnyView {
    let locale = vm.frame.locale;
    let class = if vm.sees == Sees::Nothing {
        "fact wide nothing"
    } else {
        "fact wide"
    };
    let sentence = vm.sentence.clone();
    view! {
        <section class=class aria-labelledby="answer">
            <h2 id="answer">{R::Answer.of(locale)}</h2>
            <p class="hero">{words(&vm.sees, locale)}</p>
            <p>{sentence}</p>
        </section>
    }
    .into_any()
}

fn rules(rules: &[ExplainedRule], locale: Locale) -> AnyView {
    let items: Vec<_> = rules.iter().map(|rule| explained(rule, locale)).collect();
    view! { <ol class="rules why">{items}</ol> }.into_any()
}

fn explained(rule: &ExplainedRule, locale: Locale) -> AnyView {
    let (class, tag, icon, word) = if rule.applied {
        ("", "tag good", Icon::Check, R::Applied)
    } else {
        ("idle", "tag", Icon::Minus, R::NotApplied)
    };
    let ExplainedRule { why, source, .. } = rule.clone();
    view! {
        <li class=class>
            {sentence(&rule.rule, locale)}
            <div class="because">
                <p class="line"><span class=tag>{icon.view()} {word.of(locale)}</span> <span>{why}</span></p>
                <p class="mild">{source}</p>
            </div>
        </li>
    }
    .into_any()
}

fn claims(claims: &[Claim], locale: Locale) -> AnyView {
    let items: Vec<_> = claims
        .iter()
        .map(|claim| {
            let Claim { name, value } = claim.clone();
            let value = if value.is_empty() {
                view! { <span class="mild">{R::ClaimNone.of(locale)}</span> }.into_any()
            } else {
                value.into_any()
            };
            view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
        })
        .collect();
    view! { <dl class="people">{items}</dl> }.into_any()
}

fn columns(columns: &[ExplainedColumn], locale: Locale) -> AnyView {
    let heads = [
        (R::Column.of(locale), Kind::Words),
        (R::How.of(locale), Kind::Words),
        (R::ByRule.of(locale), Kind::Words),
    ];
    let rows = columns.iter().map(|column| {
        let ExplainedColumn {
            label,
            name,
            shown,
            restricted,
            rule,
        } = column.clone();
        let (class, icon) = if restricted {
            ("tag amber", Icon::EyeOff)
        } else {
            ("tag", Icon::Eye)
        };
        let rule = if rule.is_empty() {
            view! { <span class="mild">"–"</span> }.into_any()
        } else {
            view! { <code>{rule}</code> }.into_any()
        };
        vec![
            view! { <span>{label}</span> " " <code>{name}</code> }.into_any(),
            view! { <span class=class>{icon.view()} {shown}</span> }.into_any(),
            rule,
        ]
    });
    let list = table(R::ColumnsTitle.of(locale), &heads, rows.collect());
    view! { <div class="sheet">{list}</div> }.into_any()
}

/// The form that asks about one row, and its answer.
fn question(row: &RowQuestion, locale: Locale) -> AnyView {
    let carried: Vec<_> = row
        .carry
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=name.clone() value=value.clone()/> })
        .collect();
    let field = Field {
        name: "key",
        label: &row.key_label,
        help: "",
        control: Control::Input("text", &row.key),
        required: true,
        errors: &row.errors,
    };
    view! {
        <form method="get" action=local(&row.action) class="row">
            {carried} {field.view()}
            <button class="btn" type="submit">{R::Ask.of(locale)}</button>
        </form>
        {row.answer.as_ref().map(|answer| verdict(answer, locale))}
    }
    .into_any()
}

fn verdict(answer: &RowAnswer, locale: Locale) -> AnyView {
    let (class, icon, word) = if answer.visible {
        ("chain good", Icon::Check, R::RowVisible)
    } else {
        ("chain bad", Icon::Cross, R::RowHidden)
    };
    let RowAnswer { clause, rule, .. } = answer.clone();
    view! {
        <p class=class role="status">{icon.view()} <b>{word.of(locale)}</b> <span>{clause}</span>
            <span class="mild">{T::By.of(locale)} " " <code>{rule}</code></span></p>
    }
    .into_any()
}
