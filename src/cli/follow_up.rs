//! `amparo follow-up`

use super::reporter::{Service, keys_from_words};
use super::{Done, Failure, attachments, files};
use crate::client::{FollowUpPlan, ReporterLink, SentAs, compose_follow_up};
use crate::words::Language;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    service: Service,
    /// File with the text
    #[arg(long)]
    text: PathBuf,
    /// A file to send with it; may be given several times
    #[arg(long = "attach")]
    attach: Vec<PathBuf>,
    /// Language of the words, if they fit more than one
    #[arg(long)]
    lang: Option<Language>,
}

pub(super) fn run(args: &Args) -> Done {
    let text = files::read_text(&args.text)?;
    if text.trim().is_empty() {
        return Err(Failure::no("the text is empty", "write something into the file"));
    }
    let line = args.service.connect()?;
    let (receipt, keys) = keys_from_words(&line.pinned, args.lang)?;
    let directory = &line.trusted.directory;
    let manifest = attachments::manifest(&args.attach)?;
    let mut body = compose_follow_up(directory, text, receipt.language(), line.today);
    body.attachments.clone_from(&manifest);
    let sent_as = SentAs { directory_version: directory.version(), danger: false };
    let link = ReporterLink { http: &line.http, deployment: &line.pinned, keys: &keys };
    let (_, content) = link.follow_up_with_files(&FollowUpPlan { body, sent_as })?;
    attachments::send(&link, &content, &manifest, &args.attach)
}
