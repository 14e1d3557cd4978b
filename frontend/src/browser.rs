//! What the islands ask of the browser: fetch tiles and values, swap elements, keep the address.

use crate::model::{ChoiceOption, RefreshRealm};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Document, Element, FormData, HtmlFormElement, HtmlTemplateElement,
    RequestInit, Response, UrlSearchParams,
};

/// Why tiles or values could not be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A newer request took over.
    Outdated,
    /// The token or the session no longer holds.
    Ended,
    /// Anything else.
    Unreachable,
}

/// One refresh under way; aborting it leaves the page as it is.
#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    controller: Option<AbortController>,
}

impl Refresh {
    /// Starts counting: whatever this fetches can be aborted together.
    pub(crate) fn begin() -> Self {
        Self {
            controller: AbortController::new().ok(),
        }
    }

    /// A newer change wins.
    pub(crate) fn abort(&self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }

    /// Fetches every tile of the page for what the form says now, and swaps each in place.
    pub(crate) async fn tiles(
        &self,
        tiles_url: &str,
        realm: RefreshRealm,
        locale: &str,
    ) -> Result<(), Failure> {
        let document = document().ok_or(Failure::Unreachable)?;
        let query = form_query(&document).ok_or(Failure::Unreachable)?;
        let mut under_way = Vec::new();
        for id in tile_ids(&document) {
            let url = format!("{tiles_url}/{id}?{query}&locale={locale}");
            // All requests leave now; awaiting them one by one below only orders the swaps.
            under_way.push((id, self.send(&url, realm)));
        }
        let mut outcome = Ok(());
        for (id, sent) in under_way {
            let swapped = match sent {
                Ok(promise) => self.receive(&document, &id, promise).await,
                Err(failure) => Err(failure),
            };
            outcome = outcome.and(swapped);
        }
        if outcome.is_ok() && realm == RefreshRealm::Member {
            keep_address(&query);
        }
        outcome
    }

    async fn receive(
        &self,
        document: &Document,
        id: &str,
        promise: Promise,
    ) -> Result<(), Failure> {
        let html = text_of(promise).await;
        if self
            .controller
            .as_ref()
            .is_some_and(|controller| controller.signal().aborted())
        {
            return Err(Failure::Outdated);
        }
        swap(document, id, &html?).ok_or(Failure::Unreachable)
    }

    fn send(&self, url: &str, realm: RefreshRealm) -> Result<Promise, Failure> {
        let init = RequestInit::new();
        init.set_signal(
            self.controller
                .as_ref()
                .map(AbortController::signal)
                .as_ref(),
        );
        send(url, realm, &init)
    }
}

/// Loads the values that a filter offers.
pub(crate) async fn values(url: &str, realm: RefreshRealm) -> Result<Vec<ChoiceOption>, Failure> {
    let text = text_of(send(url, realm, &RequestInit::new())?).await?;
    let bare = serde_json::from_str(&text);
    bare.or_else(|_| serde_json::from_str::<Wrapped>(&text).map(|wrapped| wrapped.values))
        .map_err(|_| Failure::Unreachable)
}

/// Values with something else around them.
#[derive(serde::Deserialize)]
struct Wrapped {
    values: Vec<ChoiceOption>,
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn send(url: &str, realm: RefreshRealm, init: &RequestInit) -> Result<Promise, Failure> {
    match realm {
        RefreshRealm::Embed => signed(url, init).ok_or(Failure::Unreachable),
        RefreshRealm::Member => {
            let window = web_sys::window().ok_or(Failure::Unreachable)?;
            Ok(window.fetch_with_str_and_init(url, init))
        }
    }
}

/// The frame's script holds token and key: it adds both to the call, and nobody else has a copy.
fn signed(url: &str, init: &RequestInit) -> Option<Promise> {
    let window: JsValue = web_sys::window()?.into();
    let weir = Reflect::get(&window, &JsValue::from_str("__weir")).ok()?;
    let fetch = Reflect::get(&weir, &JsValue::from_str("fetch")).ok()?;
    let fetch: Function = fetch.dyn_into().ok()?;
    let answer = fetch.call2(&weir, &JsValue::from_str(url), init).ok()?;
    answer.dyn_into().ok()
}

async fn text_of(promise: Promise) -> Result<String, Failure> {
    let response: Response = JsFuture::from(promise)
        .await
        .ok()
        .and_then(|value| value.dyn_into().ok())
        .ok_or(Failure::Unreachable)?;
    match response.status() {
        200 => {}
        // A token or session that is over, or a preview.
        401 | 410 => return Err(Failure::Ended),
        _ => return Err(Failure::Unreachable),
    }
    let text = response.text().map_err(|_| Failure::Unreachable)?;
    JsFuture::from(text)
        .await
        .ok()
        .and_then(|text| text.as_string())
        .ok_or(Failure::Unreachable)
}

fn tile_ids(document: &Document) -> Vec<String> {
    let Ok(tiles) = document.query_selector_all("[data-tile]") else {
        return Vec::new();
    };
    (0..tiles.length())
        .filter_map(|index| {
            tiles
                .item(index)?
                .dyn_into::<Element>()
                .ok()?
                .get_attribute("data-tile")
        })
        .collect()
}

/// What the form says, as the tile routes want it: without the token, the period as two days.
fn form_query(document: &Document) -> Option<String> {
    let form: HtmlFormElement = document
        .get_element_by_id("weir-filters")?
        .dyn_into()
        .ok()?;
    let data = FormData::new_with_form(&form).ok()?;
    let query = UrlSearchParams::new_with_str("").ok()?;
    for entry in js_sys::try_iter(&data).ok()?? {
        let pair = js_sys::Array::from(&entry.ok()?);
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        match (name.as_str(), value.split_once("..")) {
            ("token" | "locale", _) => {}
            ("period", Some((from, to))) => {
                query.append("from", from);
                query.append("to", to);
            }
            _ => query.append(&name, &value),
        }
    }
    query.to_string().as_string()
}

fn swap(document: &Document, id: &str, html: &str) -> Option<()> {
    let template: HtmlTemplateElement =
        document.create_element("template").ok()?.dyn_into().ok()?;
    template.set_inner_html(html);
    let fresh = template.content().first_element_child()?;
    // Only the tile that was asked for: an error page must not end up inside a dashboard.
    if fresh.get_attribute("data-tile").as_deref() != Some(id) {
        return None;
    }
    let old = document
        .query_selector(&format!("[data-tile=\"{id}\"]"))
        .ok()??;
    old.replace_with_with_node_1(&fresh).ok()
}

/// A member's address says what is shown, so that reloading and sharing keep it.
fn keep_address(query: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // A browser may refuse (too many changes at once); the page itself is right either way.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("?{query}")));
    }
}
