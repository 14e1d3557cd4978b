//! Whole documents and tile fragments, as strings.
//!
//! A dashboard goes out in three parts, so that late tiles can follow in the same response:
//! [`head_and_shell`], then [`tile`] for each late tile in any order, then [`tail`].

pub mod admin;
mod dashboard;
mod document;
#[expect(unreachable_pub, reason = "the component macro makes its items public")]
mod member;
mod notice;
mod style;

pub use dashboard::{
    dashboard, filter_bar, head_and_shell, head_and_shell_with, heading, tail, tile,
};
pub use member::home;
pub use notice::{embed_notice, problem, sign_in, signed_out};

use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use std::sync::Arc;

/// Renders a view to HTML. Islands inside it mark themselves; everything else stays inert.
fn render<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| view().into_view().to_html());
    owner.cleanup();
    html
}
