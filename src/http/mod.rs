//! The public origin: routes, headers, refusals, pages. It never asks who connects.

mod headers;
mod origin;
mod refusal;
mod routes;
mod server;

pub use origin::Origin;
pub use server::{HttpError, Listen, Running, start, wait_for_signal};
