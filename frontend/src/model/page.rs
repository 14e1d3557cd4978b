//! Whole documents.

use super::Locale;
use super::filter::FilterVm;
use super::tile::TileSlot;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Which colours the page takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Theme {
    /// As the reader's system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast.
    Contrast,
}

/// The browser half: paths under `/assets/`, and the script that stands in every frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Assets {
    /// The JavaScript module.
    pub app_js: String,
    /// The WebAssembly file.
    pub app_wasm: String,
    /// The text of the frame's own script. It comes with the document: whoever has the one has the
    /// other, whichever process answered.
    pub frame_script: Arc<str>,
}

impl fmt::Debug for Assets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assets")
            .field("app_js", &self.app_js)
            .field("app_wasm", &self.app_wasm)
            .finish_non_exhaustive()
    }
}

/// What the page's script starts from in the embed realm. It leaves the document when read.
#[derive(Clone, PartialEq, Eq)]
pub struct Launch {
    /// The embed token.
    pub token: String,
    /// Seconds until it expires.
    pub expires_in: u32,
    /// The only origin that may talk to the frame.
    pub host_origin: String,
    /// The release that made the page, if its script is to report how fast it was.
    pub reports: Option<String>,
}

impl fmt::Debug for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launch")
            .field("expires_in", &self.expires_in)
            .field("host_origin", &self.host_origin)
            .finish_non_exhaustive()
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkVm {
    /// What it says.
    pub label: String,
    /// Where it goes.
    pub href: String,
}

/// An entry of the member navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink {
    /// The dashboard's title.
    pub label: String,
    /// Its path.
    pub href: String,
    /// Whether this page is it.
    pub current: bool,
}

/// What stands around a member's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberFrame {
    /// Display name.
    pub user_name: String,
    /// The dashboards.
    pub nav: Vec<NavLink>,
    /// This page in the other language.
    pub switch_language_href: String,
    /// Hidden field `csrf` of the sign-out form; `None` if the server does without.
    pub csrf: Option<String>,
}

/// What stands around a dashboard that is looked at through somebody else's eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFrame {
    /// "Preview: Amélie Tremblay as Auto analyst · draft 27, version 3 · until 21 Nov 2026, 14:05".
    pub mark: String,
    /// The page's own path.
    pub base: String,
    /// Where its filters' values are, but for their names.
    pub values_base: String,
}

/// Who is looking, and through what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Realm {
    /// Inside another product's page.
    Embed(Launch),
    /// In the browser, signed in.
    Member(MemberFrame),
    /// In the governance portal, as somebody else.
    Preview(PreviewFrame),
}

/// What holds for the whole page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTrust {
    /// "Data of 21 Nov 2026, 14:05". Empty when nothing could be read.
    pub data_time: String,
    /// "You see 1 of 7 business units: Auto".
    pub scope: String,
    /// Older than promised.
    pub stale: bool,
}

/// A dashboard.
#[derive(Debug, Clone, PartialEq)]
pub struct PageVm {
    /// Its language.
    pub locale: Locale,
    /// The dashboard's slug.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// One sentence below it. Empty for none.
    pub subtitle: String,
    /// Who is looking.
    pub realm: Realm,
    /// Which colours.
    pub theme: Theme,
    /// For every inline style and script.
    pub nonce: String,
    /// The browser half; `None` leaves the page without islands' script (the form still works).
    pub assets: Option<Assets>,
    /// The filters.
    pub filters: Vec<FilterVm>,
    /// The tiles in layout order.
    pub tiles: Vec<TileSlot>,
    /// What holds for all of them.
    pub trust: PageTrust,
}

/// Parts of a page that were drawn before. Whoever brings them says that they would come out the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DrawnParts {
    /// What `pages::heading` draws.
    pub heading: Option<Arc<str>>,
    /// What `pages::filter_bar` draws, and the names of the filters in it; the page then has none
    /// besides.
    pub filter_bar: Option<(Arc<str>, Arc<[String]>)>,
}

impl PageVm {
    /// Whether every tile is in the first bytes.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.tiles
            .iter()
            .all(|slot| !matches!(slot, TileSlot::Pending(_)))
    }

    /// What stands at the end of this page's document.
    #[must_use]
    pub fn tail(&self) -> TailVm {
        let in_a_frame = matches!(self.realm, Realm::Embed(_));
        let assets = self.assets.as_ref().filter(|_| in_a_frame);
        TailVm {
            nonce: self.nonce.clone(),
            was_settled: self.is_settled(),
            script: assets.map(|assets| Arc::clone(&assets.frame_script)),
        }
    }
}

/// The end of a dashboard's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TailVm {
    /// The same nonce as the head's.
    pub nonce: String,
    /// [`PageVm::is_settled`] of the head: `false` adds the line that sets `data-weir`.
    pub was_settled: bool,
    /// The frame's script, in the embed realm: nothing that is shown waits for it.
    pub script: Option<Arc<str>>,
}

/// A dashboard on the home page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardVm {
    /// Its title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// Its path.
    pub href: String,
    /// A last line: "8 tiles · data of 21 Nov 2026". Empty for none.
    pub note: String,
}

/// A member's list of dashboards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeVm {
    /// Its language.
    pub locale: Locale,
    /// Which colours.
    pub theme: Theme,
    /// For every inline style and script.
    pub nonce: String,
    /// What stands around.
    pub member: MemberFrame,
    /// The dashboards.
    pub cards: Vec<CardVm>,
    /// "You see 1 of 7 business units: Auto".
    pub scope: String,
}

/// The page before signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInVm {
    /// Its language.
    pub locale: Locale,
    /// Which colours.
    pub theme: Theme,
    /// For every inline style.
    pub nonce: String,
    /// Where the button goes: `/login?return_to=…`.
    pub sign_in_href: String,
    /// Where people may sign in, if there is a choice: then there is a button for each.
    pub choices: Vec<LinkVm>,
    /// This page in the other language.
    pub switch_language_href: String,
}

/// The page after signing out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOutVm {
    /// Its language.
    pub locale: Locale,
    /// Which colours.
    pub theme: Theme,
    /// For every inline style.
    pub nonce: String,
    /// Where the button goes.
    pub sign_in_href: String,
    /// This page in the other language.
    pub switch_language_href: String,
}

/// A problem shown as a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemVm {
    /// Its language.
    pub locale: Locale,
    /// Which colours.
    pub theme: Theme,
    /// For every inline style.
    pub nonce: String,
    /// Inside a frame of the portal: compact, without word mark.
    pub framed: bool,
    /// "This dashboard does not exist, or is not yours to see".
    pub title: String,
    /// One sentence with the next step.
    pub sentence: String,
    /// To quote to support.
    pub request_id: String,
    /// The next step as a link.
    pub action: Option<LinkVm>,
}

/// How a notice in a frame gets out of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// The host page is asked for a new launch at once: nobody has to do anything.
    Now,
    /// The same, after a while: what is in the way passes.
    Later,
    /// The reader asks for it.
    Button,
    /// Nothing here helps.
    Nothing,
}

/// A refusal or failure in the embed realm: compact, without word mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeVm {
    /// Its language.
    pub locale: Locale,
    /// Which colours.
    pub theme: Theme,
    /// For every inline style and script.
    pub nonce: String,
    /// The problem's slug, for the host page.
    pub code: String,
    /// "This view has ended".
    pub title: String,
    /// One sentence with the next step.
    pub sentence: String,
    /// What leads on, where the host page can.
    pub next: NextStep,
    /// To quote to support.
    pub request_id: String,
}
