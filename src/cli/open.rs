//! `amparo open`

use super::{Done, files};
use crate::desk::open_export;
use crate::keys::MemberKeys;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The exported case
    file: PathBuf,
    /// Your key file
    #[arg(long)]
    key: PathBuf,
    /// File with its passphrase
    #[arg(long)]
    passphrase_file: PathBuf,
}

pub(super) fn run(args: &Args) -> Done {
    let keys = MemberKeys::open(&files::read(&args.key)?, &files::passphrase(&args.passphrase_file)?)?;
    let case = open_export(&files::read(&args.file)?, &keys)?;
    files::say(serde_json::to_string_pretty(&case).unwrap_or_default())
}
