//! Drawing: components that place what the view-models say, and decide nothing.

mod bar;
mod donut;
mod kpi;
mod line;
mod menu;
mod note;
mod parts;
mod stacked;
mod table;
mod tile;

pub(crate) use tile::{Skeleton, Tile, slot_of};
