//! The SQL that Weir would send to Athena, held against software that nobody here wrote: Trino's
//! own grammar, sqlglot, and `DuckDB` over the same files.
//!
//! The statements are those of the repository's dashboards, asked by its sample people with filters
//! as they come, and those of `golden/corners`, which has every operator, mask, grain and measure.
//! The distinct ones are many; `golden/*.sql` shows one of each shape, for people to read.

mod corpus;
mod lexicon;
mod oracles;
mod record;
mod refusals;
mod same_rows;

pub(crate) use self::corpus::{Question, Source, questions};
pub(crate) use self::oracles::Oracle;
pub(crate) use self::record::representatives_of;
pub(crate) use self::same_rows::{Embedded, mask_key, rows, sample_lake};
