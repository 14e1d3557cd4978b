//! A dashboard through somebody else's eyes.

use super::{AdminFrame, Choice, FieldError, When};
use serde::{Deserialize, Serialize};

/// `/admin/view-as`: whose eyes, which dashboard, which content. The form posts there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewAsVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// Field `persona`. An empty value stands for "the claims below".
    pub personas: Vec<Choice>,
    /// Field `roles`, separated by commas.
    pub roles: String,
    /// Field `business_units`, separated by commas.
    pub business_units: String,
    /// Field `attributes`: a line `name = value, value` per attribute.
    pub attributes: String,
    /// Field `dashboard`.
    pub dashboards: Vec<Choice>,
    /// Field `content`: revisions and drafts.
    pub contents: Vec<Choice>,
    /// Field `compare`: the same with an empty value for "nothing".
    pub compare: Vec<Choice>,
    /// How long a preview lasts, in minutes.
    pub minutes: u32,
    /// What was wrong with the form.
    pub errors: Vec<FieldError>,
}

/// `/admin/view-as/{id}`: the dashboard, or two side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The dashboard's title.
    pub dashboard: String,
    /// "Analyst, Auto".
    pub subject: String,
    /// "Preview: Amélie Tremblay as Analyst, Auto". Each picture bears a mark of its own.
    pub watermark: String,
    /// When it ends.
    pub expires: When,
    /// What is looked at.
    pub left: SideVm,
    /// What it is compared with.
    pub right: Option<SideVm>,
    /// What differs, tile by tile.
    pub differences: Vec<TileDifference>,
    /// Where "End this preview" posts.
    pub end_action: String,
    /// The form with the same answers: `/admin/view-as?…`.
    pub change_href: String,
}

/// One picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideVm {
    /// "Revision 14", or "Draft 27: Open Auto to brokers".
    pub label: String,
    /// The frame's address, on this server.
    pub src: String,
    /// Rows behind all its tiles: "37,118".
    pub rows: String,
}

/// How a difference weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weight {
    /// More on the right.
    More,
    /// Less on the right.
    Less,
    /// The same.
    Same,
    /// Others: some came and some went, or the tile is not what it was.
    Other,
}

/// A tile in both pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileDifference {
    /// The tile's title.
    pub tile: String,
    /// Rows on the left, or "withheld".
    pub left: String,
    /// Rows on the right, or "withheld".
    pub right: String,
    /// "+1,204", or "+3 −12" where rows come and go.
    pub change: String,
    /// How it weighs.
    pub weight: Weight,
}
