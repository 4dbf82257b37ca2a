//! `amparo authority new|combine|public|fingerprint|succeed`

use super::{Done, Failure, files};
use crate::crypto::{self, Deployment, SignKey, SignPublic};
use crate::directory::{Authority, Dsse, Roots, show_fingerprint};
use crate::keys::{self, open_authority_key};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a key; with --out also the authority of it and of other people's keys
    New {
        /// Where the secret key file goes
        #[arg(long)]
        key: PathBuf,
        /// File with the passphrase; made, with a drawn passphrase, if it is not there
        #[arg(long)]
        passphrase_file: PathBuf,
        /// Where the authority's public file goes; without it, the public key is printed, for `authority combine`
        #[arg(long)]
        out: Option<PathBuf>,
        /// Another person's public key, hex; may be given several times
        #[arg(long = "with", requires = "out")]
        others: Vec<SignPublic>,
        /// How many must sign
        #[arg(long, default_value_t = 1, requires = "out")]
        threshold: u8,
    },
    /// Make the authority's public file out of everyone's public keys
    Combine {
        /// A public key, hex; give each
        #[arg(long = "with", required = true)]
        keys: Vec<SignPublic>,
        /// How many must sign
        #[arg(long)]
        threshold: u8,
        /// Where the authority's public file goes
        #[arg(long)]
        out: PathBuf,
    },
    /// Print the public key of a key file, for the others
    Public {
        /// The key file
        key: PathBuf,
        /// File with the passphrase
        #[arg(long)]
        passphrase_file: PathBuf,
    },
    /// Print the fingerprint of an authority's public file
    Fingerprint {
        /// The public file
        authority: PathBuf,
    },
    /// Hand over to a new authority: make the root record with --next, or add a signature to one with --record
    Succeed {
        /// The first authority and the records so far
        #[command(flatten)]
        chain: Chain,
        /// Public file of the authority to come
        #[arg(long, required_unless_present = "record", conflicts_with = "record")]
        next: Option<PathBuf>,
        /// A root record that others signed
        #[arg(long)]
        record: Option<PathBuf>,
        /// A key file of either authority
        #[arg(long)]
        key: PathBuf,
        /// File with its passphrase
        #[arg(long)]
        passphrase_file: PathBuf,
        /// Where the record goes
        #[arg(long)]
        out: PathBuf,
    },
}

/// The first authority, and the root records that lead to the present one.
#[derive(clap::Args)]
pub(super) struct Chain {
    /// Public file of the first authority
    #[arg(long = "authority-file")]
    first: PathBuf,
    /// A root record; give each, in order
    #[arg(long = "root")]
    roots: Vec<PathBuf>,
}

impl Chain {
    /// Walks it; `pinned` is checked against the first authority if it is known from elsewhere.
    pub(super) fn walk(&self, pinned: Option<&Deployment>) -> Result<Roots, Failure> {
        let first: Authority = files::read_json(&self.first)?;
        let mut roots = Roots::start(&pinned.copied().unwrap_or_else(|| first.fingerprint()), &first)?;
        for path in &self.roots {
            roots.step(&files::read_json(path)?)?;
        }
        Ok(roots)
    }
}

pub(super) fn run(args: &Args) -> Done {
    match &args.verb {
        Verb::New { key, passphrase_file, out, others, threshold } => new(key, passphrase_file, out.as_deref(), others, *threshold),
        Verb::Combine { keys, threshold, out } => found(out, keys.clone(), *threshold),
        Verb::Public { key, passphrase_file } => files::say(authority_key(key, passphrase_file)?.public().to_string()),
        Verb::Fingerprint { authority } => {
            let authority: Authority = files::read_json(authority)?;
            files::say(show_fingerprint(&authority.fingerprint()))
        }
        Verb::Succeed { chain, next, record, key, passphrase_file, out } => {
            let roots = chain.walk(None)?;
            let mut signed: Dsse = match (record, next) {
                (Some(record), _) => files::read_json(record)?,
                (None, Some(next)) => roots.draft(&files::read_json(next)?)?,
                (None, None) => return Err(Failure::no("nobody is named to succeed", "give --next or --record")),
            };
            let next = roots.sign(&mut signed, &authority_key(key, passphrase_file)?)?;
            files::write_json(out, &signed)?;
            for (who, authority) in [("present", roots.current()), ("next", &next)] {
                let signatures = signed.good_signatures(authority);
                files::say(format!("{who} authority: {signatures} of {} signatures", authority.threshold()))?;
            }
            files::say(format!("the next authority's fingerprint {}", show_fingerprint(&next.fingerprint())))
        }
    }
}

fn new(key: &Path, passphrase_file: &Path, out: Option<&Path>, others: &[SignPublic], threshold: u8) -> Done {
    let seed = crypto::random_secret();
    let own = SignKey::from_seed(&seed).public();
    let all: Vec<SignPublic> = others.iter().copied().chain([own]).collect();
    // Before anything is written: a wrong threshold leaves no files behind.
    Authority::new(all.clone(), threshold)?;
    let passphrase = files::passphrase_or_new(passphrase_file)?;
    files::write_new_secret(key, &keys::seal_authority_key(&seed, &passphrase)?)?;
    match out {
        Some(out) => found(out, all, threshold),
        None => files::say(own.to_string()),
    }
}

fn found(out: &Path, keys: Vec<SignPublic>, threshold: u8) -> Done {
    let authority = Authority::new(keys, threshold)?;
    files::write_json(out, &authority)?;
    files::say(show_fingerprint(&authority.fingerprint()))
}

pub(super) fn authority_key(key: &Path, passphrase_file: &Path) -> Result<SignKey, Failure> {
    Ok(open_authority_key(&files::read(key)?, &files::passphrase(passphrase_file)?)?)
}
