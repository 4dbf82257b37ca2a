//! The public origin as it is spoken to: a real server on loopback, actors who ask, and the OpenAPI document that every answer is held against.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

mod attachments;
mod cases;
mod challenge;
mod directory;
mod document;
mod failing;
mod feed;
mod follow_ups;
mod freshness;
mod full;
mod gate;
mod made;
mod mailbox;
mod openapi;
mod pages;
mod replies;
mod reports;
mod schema;
mod socket;
mod wire;
mod world;
