//! Letters over a real mail server (aiosmtpd) that demands TLS and a password; and servers that are broken, hang, or are not there.
//!
//! `AMPARO_SMTP_PYTHON` names a Python with tests/smtp/requirements.txt; `tests/run` installs one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

mod broken;
mod danger;
#[path = "../crash/founding.rs"]
mod founding;
mod house;
mod letters;
mod mail;
