//! Handlers, one file per audience. Each names who may call it in its signature, calls one use
//! case, and maps the outcome to a response.

pub mod assets;
pub mod bind;
pub mod data;
pub mod embed;
pub mod export;
pub mod governance;
pub mod health;
pub mod late;
pub mod member;
pub mod mint;
pub mod page;
pub mod params;
pub mod portal;
pub mod preview;
pub mod pulse;
mod rows;
pub mod rum;
pub mod session;
pub mod sign_out;
pub mod tiles;
