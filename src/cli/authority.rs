//! `amparo authority new|fingerprint`

use super::{Done, files};
use crate::crypto::{self, SignKey, SignPublic};
use crate::directory::{Authority, show_fingerprint};
use crate::keys;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a key, and the authority of it and of other people's keys
    New {
        /// Where the secret key file goes
        #[arg(long)]
        key: PathBuf,
        /// File with the passphrase
        #[arg(long)]
        passphrase_file: PathBuf,
        /// Where the authority's public file goes
        #[arg(long)]
        out: PathBuf,
        /// Another person's public key, hex; may be given several times
        #[arg(long = "with")]
        others: Vec<SignPublic>,
        /// How many must sign
        #[arg(long, default_value_t = 1)]
        threshold: u8,
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
}

pub(super) fn run(args: &Args) -> Done {
    match &args.verb {
        Verb::New { key, passphrase_file, out, others, threshold } => {
            let seed = crypto::random_secret();
            let own = SignKey::from_seed(&seed).public();
            let all = others.iter().copied().chain([own]).collect();
            let authority = Authority::new(all, *threshold)?;
            files::write_new_secret(key, &keys::seal_authority_key(&seed, &files::passphrase(passphrase_file)?)?)?;
            files::write(out, &serde_json::to_vec_pretty(&authority).unwrap_or_default())?;
            files::say(show_fingerprint(&authority.fingerprint()))
        }
        Verb::Public { key, passphrase_file } => {
            let key = keys::open_authority_key(&files::read(key)?, &files::passphrase(passphrase_file)?)?;
            files::say(key.public().to_string())
        }
        Verb::Fingerprint { authority } => {
            let authority: Authority = files::read_json(authority)?;
            files::say(show_fingerprint(&authority.fingerprint()))
        }
    }
}
