//! The tile around every answer.

use super::bar::BarChart;
use super::donut::DonutChart;
use super::kpi::Kpi;
use super::line::LineChart;
use super::menu::Menu;
use super::note::{Empty, Failed, Unaffordable, Withheld};
use super::stacked::StackedBarChart;
use super::table::Table;
use crate::model::{Locale, Span, TileBody, TileFrame, TileKind, TileVm, TrustVm};
use crate::text::Text;
use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;

/// One tile with its answer. Its `slot` puts it where its skeleton stood.
#[component]
pub(crate) fn Tile(tile: TileVm, locale: Locale) -> impl IntoView {
    let TileVm {
        frame,
        body,
        description,
        table,
        trust,
        why,
        file,
    } = tile;
    let state = state_of(&body);
    let (name, place) = (frame.title.clone(), slot_of(&frame));
    let heading = format!("t-{}", frame.id);
    let menu = view! { <Menu table why file title=name.clone() locale/> };
    let inside = draw(body, name.clone(), description, locale);
    let subtitle =
        (!frame.subtitle.is_empty()).then(|| view! { <p class="sub">{frame.subtitle.clone()}</p> });
    let trust = trust.map(|trust| view! { <Trust trust locale/> });
    view! {
        <section
            class=class_of(&frame)
            data-tile=frame.id.clone()
            data-state=state
            aria-labelledby=heading.clone()
        >
            <header>
                <h2 id=heading.clone() title=name.clone()>{name.clone()}</h2>
                {subtitle}
                {menu}
            </header>
            <div class="body">{inside}</div>
            {trust}
        </section>
    }
    // The macro reads `slot=` as its own; said this way it is the attribute.
    .add_any_attr(custom_attribute("slot", place))
}

/// The box of a tile that is on its way, at its final size.
#[component]
pub(crate) fn Skeleton(frame: TileFrame, locale: Locale) -> impl IntoView {
    view! {
        <div class=class_of(&frame) data-tile=frame.id.clone() data-state="pending" role="status">
            <header>
                <h2>{frame.title.clone()}</h2>
                {(!frame.subtitle.is_empty()).then(|| view! { <p class="sub">{frame.subtitle.clone()}</p> })}
            </header>
            <div class="bone" aria-label=Text::Loading.of(locale)></div>
        </div>
    }
}

/// Where the numbers come from, in one line.
#[component]
fn Trust(trust: TrustVm, locale: Locale) -> impl IntoView {
    let class = if trust.stale { "trust stale" } else { "trust" };
    let whole = format!("{} {}", Text::DataOf.of(locale), trust.data_time);
    let warning = trust
        .stale
        .then(|| view! { <b>{Text::Stale.of(locale)}</b> });
    let age = (!trust.age.is_empty()).then(|| view! { <span>{trust.age}</span> });
    let scope =
        (!trust.scope.is_empty()).then(|| view! { <span class="scope">{trust.scope}</span> });
    view! {
        <p class=class title=whole>
            <span>
                {warning}
                <time datetime=trust.data_time_iso>{trust.data_time}</time>
                {age}
            </span>
            {scope}
        </p>
    }
}

fn draw(body: TileBody, name: String, description: String, locale: Locale) -> AnyView {
    match body {
        TileBody::Kpi(kpi) => view! { <Kpi kpi locale description/> }.into_any(),
        TileBody::Line(chart) => view! { <LineChart chart name description/> }.into_any(),
        TileBody::Bar(chart) => view! { <BarChart chart name description/> }.into_any(),
        TileBody::StackedBar(chart) => {
            view! { <StackedBarChart chart name description/> }.into_any()
        }
        TileBody::Donut(chart) => view! { <DonutChart chart name description/> }.into_any(),
        TileBody::Table(table) => view! { <Table table name/> }.into_any(),
        TileBody::Empty { sentence, cause } => view! { <Empty sentence cause/> }.into_any(),
        TileBody::Withheld { reason, contact } => {
            view! { <Withheld reason contact locale/> }.into_any()
        }
        TileBody::Unaffordable { reason, contact } => {
            view! { <Unaffordable reason contact locale/> }.into_any()
        }
        TileBody::Error {
            sentence,
            request_id,
        } => view! { <Failed sentence request_id locale/> }.into_any(),
    }
}

const fn state_of(body: &TileBody) -> &'static str {
    match body {
        TileBody::Withheld { .. } => "withheld",
        TileBody::Error { .. } | TileBody::Unaffordable { .. } => "error",
        _ => "ready",
    }
}

/// The slot's name, the same in the skeleton's template and on the tile.
pub(crate) fn slot_of(frame: &TileFrame) -> String {
    format!("tile-{}", frame.id)
}

fn class_of(frame: &TileFrame) -> String {
    let Span { columns, rows } = frame.span;
    let kind = match frame.kind {
        TileKind::Kpi => "kpi",
        TileKind::Donut => "share",
        TileKind::Table => "list",
        TileKind::Bar => "bars",
        TileKind::Line | TileKind::StackedBar => "over",
    };
    format!(
        "tile {kind} c{} r{}",
        columns.clamp(2, 12),
        rows.clamp(1, 4)
    )
}
