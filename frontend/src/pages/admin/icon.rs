//! The portal's signs: drawn lines, never without words beside them.

use crate::model::admin::Section;
use leptos::prelude::*;

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    Inbox,
    Shield,
    Pencil,
    Layers,
    Grid,
    Eye,
    EyeOff,
    Log,
    Check,
    Cross,
    Plus,
    Minus,
    Warning,
    Clock,
    Mask,
    Back,
    Link,
    Plug,
    Stop,
    Coin,
    Dial,
}

impl Icon {
    /// The sign of a page.
    pub(super) const fn of(section: Section) -> Self {
        match section {
            Section::Waiting => Self::Inbox,
            Section::Policies => Self::Shield,
            Section::Drafts => Self::Pencil,
            Section::Revisions => Self::Layers,
            Section::Access => Self::Grid,
            Section::ViewAs => Self::Eye,
            Section::Clients => Self::Plug,
            Section::Stop => Self::Stop,
            Section::Costs => Self::Coin,
            Section::Vitals => Self::Dial,
            Section::Audit => Self::Log,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Inbox => "M3 11l2.5-7h9L17 11v5H3zM3 11h4l1 2h4l1-2h4",
            Self::Shield => "M10 2.5l6 2v5c0 4-2.6 6.6-6 8-3.400-1.400-6-4-6-8v-5z",
            Self::Pencil => {
                "M4 16l.8-3.400 8.700-8.700 2.600 2.600-8.700 8.700zM11.500 5.900l2.600 2.600"
            }
            Self::Layers => {
                "M10 3l7 3.500-7 3.500-7-3.500zM3 10l7 3.500 7-3.500M3 13.500l7 3.500 7-3.500"
            }
            Self::Grid => "M3 4h14v12H3zM3 8h14M8 4v12M12.500 8v8",
            Self::Eye => {
                "M2 10c3-5.500 13-5.500 16 0-3 5.500-13 5.500-16 0zM10 7.600a2.400 2.400 0 1 0 .01 0z"
            }
            Self::EyeOff => {
                "M3 3l14 14M6 5.800C4.300 6.700 3 8 2 10c2.200 4 8 5 12 3.200M9 5.900c3.800-.4 7.200 1 9 4.100-.5.9-1.100 1.700-1.900 2.300"
            }
            Self::Log => "M5 2.500h10v15H5zM7.500 6.500h5M7.500 10h5M7.500 13.500h3",
            Self::Check => "M4 10.500l4 4 8-9",
            Self::Cross => "M5 5l10 10M15 5L5 15",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Minus => "M4 10h12",
            Self::Warning => "M10 3l7.500 13.500h-15zM10 8v4M10 14.200v.2",
            Self::Clock => "M10 3a7 7 0 1 0 .01 0zM10 6v4.300l3 1.700",
            Self::Mask => {
                "M3 7c4-1.500 10-1.500 14 0 0 4-1.500 6.500-4 6.500-1.500 0-2-1.500-3-1.500s-1.500 1.500-3 1.500C4.500 13.500 3 11 3 7zM6 9.500h2M12 9.500h2"
            }
            Self::Back => "M8 4L3 9l5 5M3 9h9a5 5 0 0 1 5 5v2",
            Self::Link => "M7 4h9v9M16 4L5 15",
            Self::Plug => "M7 2.500v4M13 2.500v4M4.500 6.500h11v3a5.500 5.500 0 0 1-11 0zM10 15v3",
            Self::Coin => {
                "M10 3a7 7 0 1 0 .01 0zM12.300 7.800c-.9-1.200-4.400-1.200-4.400.600 0 2 4.500 1 4.500 3.100 0 1.900-3.700 1.900-4.700.500M10 5.500v9"
            }
            Self::Dial => {
                "M3.500 15.500a7.500 7.500 0 1 1 13 0M10 12l3.500-4.500M10 11.200a.8.8 0 1 0 .01 0z"
            }
            Self::Stop => "M10 3a7 7 0 1 0 .01 0zM5.200 5.200l9.600 9.600",
        }
    }

    /// The drawing.
    pub(super) fn view(self) -> AnyView {
        view! { <svg class="i" viewBox="0 0 20 20" aria-hidden="true"><path d=self.path()></path></svg> }
            .into_any()
    }
}
