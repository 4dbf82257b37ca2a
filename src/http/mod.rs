//! The public origin: routes, headers, refusals, pages. It never asks who connects.

mod headers;
mod origin;
mod refusal;
mod routes;
mod server;
mod socket;

pub use origin::Origin;
pub use server::{HttpError, Listen, Patience, Running, start, wait_for_signal};
