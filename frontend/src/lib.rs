//! What people look at: pages, charts and islands.
//!
//! The server decides, formats and governs; this crate places. It takes view-models ([`model`]),
//! whose every text is final, and gives back HTML. Charts are SVG inside that HTML, so a reader
//! without JavaScript or WebAssembly sees the same numbers; one island, the filter bar, saves
//! those with both from reloading the page.
//!
//! ```
//! use weir_frontend::chart::scale::nice_ticks;
//!
//! // The server labels these; the first and the last become the axis' domain.
//! assert_eq!(nice_ticks(0.0, 3_310_000.0, 5), [0.0, 1e6, 2e6, 3e6, 4e6]);
//! ```
//!
//! Where things run: [`model`], [`chart`] (geometry), [`text`] and [`islands`] on both sides; the
//! drawing and the documents (`pages`) on the server only (feature `ssr`); `browser` and the entry
//! point in WebAssembly only (feature `hydrate`).
//!
//! What holds:
//!
//! 1. Whatever stands in the data is text. Names and values reach the document through one
//!    escaping writer, never as markup (failure F69).
//! 2. Every inline script and style carries the page's nonce, and there is no `style` attribute:
//!    the strictest content security policy passes (F68).
//! 3. Every box has its size before its data: nothing moves when a late tile arrives.
//! 4. A late tile replaces its skeleton by being parsed (a slot of a declarative shadow root);
//!    no script takes part.
//! 5. Both languages have every text.
//!
//! The governance portal ([`model::admin`], `pages::admin`) is links and plain forms in one frame,
//! without any script, in a style sheet of its own: a dashboard carries none of it. Besides the
//! above, it links no address but paths of this server, and shows characters that would deceive a
//! reader (direction controls, characters without width) as their code.
//!
//! What it does not do: read rows, policies, the clock or the request; format numbers; decide who
//! may see what. Hiding something here would not be enforcement (Invariant 11), so nothing is
//! hidden here: what must not be seen never reaches a view-model.

pub mod chart;
pub mod islands;
pub mod model;
pub mod text;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
#[expect(unreachable_pub, reason = "the component macro makes its items public")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties"
)]
mod view;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "browser/absent.rs"]
mod browser;

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!("build `weir-frontend` for the server or for the browser, not both at once");

/// Prepares the islands found in the document; the page's script then wakes each.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
