//! A governed query can't be put together by hand.

use std::sync::Arc;

use weir_policy::Grant;
use weir_query::{GovernedQuery, TileQuery};

fn forge(question: TileQuery, grant: Arc<Grant>) -> GovernedQuery {
    GovernedQuery { question, grant }
}

fn main() {}
