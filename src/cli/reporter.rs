//! What the three subcommands of a reporter share.

use super::failure::Failure;
use super::files;
use crate::base::{Clock, Day, SystemClock};
use crate::client::{Http, fetch_directory, fetch_version};
use crate::crypto::{Deployment, SignPublic};
use crate::directory::{Trusted, parse_fingerprint};
use crate::receipt::{Receipt, ReporterKeys};
use crate::words::Language;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::PathBuf;

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
    /// A file that keeps the number of the newest directory seen, so that an older one is refused. It is a trace: leave it out on a device that may be searched
    #[arg(long)]
    remember: Option<PathBuf>,
}

/// What `--remember` keeps.
#[derive(Serialize, Deserialize)]
struct Remembered {
    deployment: Deployment,
    version: u32,
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
        let seen = self.remembered(&pinned)?;
        let trusted = fetch_directory(&http, &pinned, today, seen)?;
        if let Some(path) = &self.remember {
            files::write_json(path, &Remembered { deployment: pinned, version: trusted.directory.version() })?;
        }
        Ok(Line { http, pinned, trusted, today })
    }

    fn remembered(&self, pinned: &Deployment) -> Result<Option<u32>, Failure> {
        let Some(path) = self.remember.as_deref().filter(|path| path.exists()) else { return Ok(None) };
        let kept: Remembered = files::read_json(path)?;
        if kept.deployment == *pinned {
            return Ok(Some(kept.version));
        }
        Err(Failure::no(format!("{} is of another authority", path.display()), "give another file to --remember"))
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
