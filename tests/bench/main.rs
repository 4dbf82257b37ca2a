//! How fast, as ratios to what is bare, in one run on one machine: `cargo test --release --test bench -- --ignored --nocapture`.
//!
//! `AMPARO_BENCH_MIB` says how long the attachment is (1024), `AMPARO_BENCH_FOLDER` on which disk (that of the temporary folder).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss
)]

mod attachments;
mod bare;
mod served;
