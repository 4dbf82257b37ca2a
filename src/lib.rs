//! Amparo: anonymous, end-to-end encrypted reports of the corruption that makes trafficking in persons possible.
//!
//! The rooms, from the leaves to the edges; a room uses only rooms named behind its arrow (`tests/architecture.rs` holds this table):
//!
//! ```text
//! base        -> nothing                              Secret, Clock and Day, byte readers, Event
//! crypto      -> base                                 the only room that names sodiumoxide
//! words       -> base                                 texts, word lists
//! keys        -> crypto base                          key files, their passphrase
//! receipt     -> crypto words base                    words, root, mailbox id
//! directory   -> crypto base                          authority, DSSE, UnverifiedDirectory -> Directory
//! questions   -> directory base                       the questionnaire, branching, routing, the priority score
//! envelope    -> directory receipt crypto base        header, slots, padding, body; report and follow-up
//! caselog     -> directory crypto base                signed, chained, sealed entries; replies
//! store       -> envelope caselog receipt crypto base trait Store; shred keys; sled
//! notify      -> base                                 trait Notifier; letter, SMTP, silent
//! intake      -> store envelope directory receipt crypto base
//! feed        -> store caselog envelope directory crypto base
//! mailbox     -> store caselog receipt crypto base
//! observatory -> store base
//! http        -> the deeds, directory, crypto, base
//! schedule    -> store notify base
//! client      -> envelope caselog receipt directory questions keys crypto base
//! desk        -> client caselog envelope directory questions keys words crypto base
//! hardening   -> base
//! config      -> the Settings types of the rooms
//! cli         -> everything
//! ```
#![forbid(unsafe_code)]

pub mod base;
pub mod crypto;

pub mod caselog;
pub mod directory;
pub mod envelope;
pub mod keys;
pub mod questions;
pub mod receipt;
pub mod words;

pub mod notify;
pub mod store;

pub mod feed;
pub mod intake;
pub mod mailbox;

pub mod cli;
pub mod client;
pub mod config;
pub mod desk;
pub mod hardening;
pub mod http;
pub mod schedule;
