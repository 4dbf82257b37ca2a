//! `amparo key new`

use super::{Done, Failure, files};
use crate::base::{Clock, Day, SystemClock};
use crate::keys::MemberKeys;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a member's keys; prints the public part for the directory
    New {
        /// The member's id: a-z, 0-9 and -
        #[arg(long)]
        id: String,
        /// Where the key file goes
        #[arg(long)]
        out: PathBuf,
        /// File with the passphrase; made, with a drawn passphrase, if it is not there
        #[arg(long)]
        passphrase_file: PathBuf,
        /// The first day the keys count (default: today)
        #[arg(long)]
        from: Option<Day>,
    },
}

pub(super) fn run(args: &Args) -> Done {
    let Verb::New { id, out, passphrase_file, from } = &args.verb;
    let id = id.parse().map_err(|_| Failure::no("an id is 1 to 40 of a-z, 0-9 and -", "choose another id"))?;
    let made = MemberKeys::generate(id, from.unwrap_or_else(|| SystemClock.today()));
    files::write_new_secret(out, &made.seal(&files::passphrase_or_new(passphrase_file)?)?)?;
    files::say(serde_json::to_string_pretty(&made.public_part()).unwrap_or_default())
}
