//! What the three subcommands of a reporter share.

use super::failure::Failure;
use super::files;
use crate::base::{Clock, Day, SystemClock};
use crate::client::{Http, fetch_directory, fetch_version};
use crate::crypto::{Deployment, SignPublic};
use crate::directory::{Trusted, parse_fingerprint};
use crate::receipt::{Receipt, ReporterKeys};
use crate::words::Language;
use std::collections::HashMap;

/// Where and whom.
#[derive(clap::Args)]
pub(super) struct Service {
    /// Address of the server
    #[arg(long)]
    server: String,
    /// The authority's fingerprint, from the poster
    #[arg(long)]
    authority: String,
    /// A SOCKS proxy, such as tor's: socks5h://127.0.0.1:9050
    #[arg(long)]
    proxy: Option<String>,
}

/// A verified line to the service.
pub(super) struct Line {
    pub(super) http: Http,
    pub(super) pinned: Deployment,
    pub(super) trusted: Trusted,
    pub(super) today: Day,
}

/// The fingerprint as typed.
pub(super) fn fingerprint(text: &str) -> Result<Deployment, Failure> {
    parse_fingerprint(text).ok_or_else(|| Failure::no("the fingerprint is not 64 hex digits", "copy it from the poster; spaces do no harm"))
}

impl Service {
    /// Fetches and verifies the directory.
    pub(super) fn connect(&self) -> Result<Line, Failure> {
        let pinned = fingerprint(&self.authority)?;
        let http = Http::new(&self.server, self.proxy.as_deref())?;
        let today = SystemClock.today();
        let trusted = fetch_directory(&http, &pinned, today, None)?;
        Ok(Line { http, pinned, trusted, today })
    }
}

impl Line {
    /// The gate key of each directory version that a reply names; fetched once.
    pub(super) fn gate_keys(&self) -> impl FnMut(u32) -> Option<SignPublic> {
        let mut known = HashMap::from([(self.trusted.directory.version(), Some(self.trusted.directory.content().gate.pk))]);
        move |version| {
            let fetch = || fetch_version(&self.http, &self.trusted, &self.pinned, version).ok().map(|d| d.content().gate.pk);
            *known.entry(version).or_insert_with(fetch)
        }
    }
}

/// The words from standard input, and their keys.
pub(super) fn keys_from_words(pinned: &Deployment, lang: Option<Language>) -> Result<(Receipt, ReporterKeys), Failure> {
    let receipt = Receipt::parse(&files::standard_input()?, lang)?;
    let keys = receipt.keys(pinned).map_err(|_| Failure::could_not("there is not enough memory", "close other programs and try again"))?;
    Ok((receipt, keys))
}
