//! Where a draft stands, and what the reader may do about it.

use super::draft::offers;
use super::drafts::progress;
use super::field::{Control, Field};
use super::icon::Icon;
use super::parts::{empty, hidden, state_name, when};
use super::reveal::local;
use crate::model::Locale;
use crate::model::admin::{Action, DraftState, DraftVm, ImpactState};
use crate::text::{DraftText as D, PortalText as T};
use leptos::prelude::*;

/// The states of a draft that comes into force, in their order.
const STEPS: [D; 5] = [
    D::StepDraft,
    D::StepChecked,
    D::StepReview,
    D::StepApproved,
    D::StepLive,
];

/// How far a draft has come; one that was given up stands nowhere.
const fn reached(state: DraftState) -> Option<usize> {
    match state {
        DraftState::Editing => Some(0),
        DraftState::Checked => Some(1),
        DraftState::InReview => Some(2),
        DraftState::Approved | DraftState::Scheduled => Some(3),
        DraftState::Live => Some(4),
        DraftState::Withdrawn => None,
    }
}

/// The states in a row, the current one marked.
pub(super) fn step_bar(state: DraftState, locale: Locale) -> AnyView {
    let Some(reached) = reached(state) else {
        return view! { <p class="over"><span class="tag">{state_name(state, locale)}</span></p> }
            .into_any();
    };
    let steps: Vec<_> = STEPS
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let here = index == reached;
            let passed = index < reached || state == DraftState::Live;
            let sign = passed.then(|| Icon::Check.view());
            let done = (passed && !here).then(|| {
                view! { <span class="unseen">" (" {D::StepDone.of(locale)} ")"</span> }
            });
            let class = if passed { "past" } else { "ahead" };
            let name = if here {
                state_name(state, locale)
            } else {
                step.of(locale)
            };
            view! {
                <li class=class aria-current=here.then_some("step")>
                    <i aria-hidden="true">{sign}</i> <span>{name}{done}</span>
                </li>
            }
        })
        .collect();
    view! { <ol class="steps" aria-label=D::Steps.of(locale)>{steps}</ol> }.into_any()
}

/// Approvals, what is allowed, and why something is not.
pub(super) fn decision(vm: &DraftVm) -> AnyView {
    let locale = vm.frame.locale;
    let steps = [
        Action::Submit,
        Action::Approve,
        Action::Publish,
        Action::Schedule,
        Action::Unschedule,
        Action::Check,
        Action::SendBack,
        Action::Withdraw,
    ];
    // Where there is an editor, it has the button that checks.
    let here = |action: &Action| {
        offers(vm, *action) && !(*action == Action::Check && offers(vm, Action::Save))
    };
    let forms: Vec<_> = steps
        .into_iter()
        .filter(here)
        .filter_map(|action| form(vm, action))
        .collect();
    let nothing =
        (forms.is_empty() && !offers(vm, Action::Save)).then(|| empty(D::NoActions.of(locale)));
    let why: Vec<_> = vm
        .why_not
        .iter()
        .map(|why| view! { <p class="mild">{why.clone()}</p> })
        .collect();
    let effective = vm.effective.as_ref().map(|effective| {
        view! { <p class="line">{Icon::Clock.view()} <span>{T::Effective.of(locale)} " " <b>{when(effective)}</b></span></p> }
    });
    view! {
        <h2 id="decide">{D::DecisionTitle.of(locale)}</h2>
        {effective} {forms} {nothing} {why}
        {approvals(vm)}
    }
    .into_any()
}

fn approvals(vm: &DraftVm) -> AnyView {
    let locale = vm.frame.locale;
    let given: Vec<_> = vm
        .approvals
        .iter()
        .map(|one| {
            let by = one.by.clone();
            view! { <li>{Icon::Check.view()} <div><b>{by}</b> <p class="mild">{when(&one.when)}</p></div></li> }
        })
        .collect();
    let list = if given.is_empty() {
        empty(D::ApprovalsNone.of(locale))
    } else {
        view! { <ul class="given">{given}</ul> }.into_any()
    };
    let count = vm.progress.map(|count| progress(count, locale));
    view! { <h3>{D::ApprovalsTitle.of(locale)} " " {count}</h3> {list} }.into_any()
}

/// The form of a step.
fn form(vm: &DraftVm, action: Action) -> Option<AnyView> {
    let locale = vm.frame.locale;
    let path = local(&format!("{}/{}", vm.href, action.slug()))?;
    let (label, class) = button(vm, action);
    let help = help(action).map(|help| view! { <p class="help">{help.of(locale)}</p> });
    let form = view! {
        <form method="post" action=path class="step">
            {hidden(&vm.frame.csrf, Some(&vm.version))}
            {field(vm, action)}
            <button class=class type="submit">{label}</button>
            {help}
        </form>
    };
    Some(form.into_any())
}

/// What the button says and how it looks. One that lets somebody see more says so.
fn button(vm: &DraftVm, action: Action) -> (String, &'static str) {
    let locale = vm.frame.locale;
    let widens = vm.widening.is_some();
    let (text, class) = match action {
        Action::Save => (D::Save, "btn main"),
        Action::Check => (D::Check, "btn"),
        Action::Submit => (D::Submit, "btn main"),
        Action::Approve if widens => (D::ApproveWiden, "btn main"),
        Action::Approve => (D::Approve, "btn main"),
        Action::SendBack => (D::SendBack, "btn"),
        Action::Schedule => (D::Schedule, "btn"),
        Action::Unschedule => (D::Unschedule, "btn"),
        Action::Withdraw => (D::Withdraw, "btn grave"),
        Action::Publish => return (publish_label(vm), "btn main"),
    };
    (text.of(locale).to_owned(), class)
}

fn publish_label(vm: &DraftVm) -> String {
    let locale = vm.frame.locale;
    let units = match &vm.impact {
        ImpactState::Counted(impact) => impact.units_widened,
        _ => 0,
    };
    match units {
        0 => D::Publish.of(locale).to_owned(),
        1 => D::PublishWidenOne.of(locale).to_owned(),
        more => D::PublishWiden.of(locale).replace("{n}", &more.to_string()),
    }
}

const fn help(action: Action) -> Option<D> {
    match action {
        Action::Check => Some(D::CheckHelp),
        Action::Submit => Some(D::SubmitHelp),
        Action::Publish => Some(D::PublishHelp),
        _ => None,
    }
}

/// What a step asks for beside the button.
fn field(vm: &DraftVm, action: Action) -> Option<AnyView> {
    let locale = vm.frame.locale;
    let zone = format!("{} {}", D::ScheduleHelp.of(locale), vm.time_zone);
    let field = match action {
        Action::SendBack => Field {
            name: "reason",
            label: D::Reason.of(locale),
            help: D::ReasonHelp.of(locale),
            control: Control::Area(&vm.reason, 3),
            required: true,
            errors: &vm.errors,
        },
        Action::Schedule => Field {
            name: "effective_from",
            label: D::ScheduleAt.of(locale),
            help: &zone,
            control: Control::Input("datetime-local", &vm.effective_from),
            required: true,
            errors: &vm.errors,
        },
        _ => return None,
    };
    Some(field.view())
}
