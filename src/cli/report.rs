//! `amparo report`

use super::reporter::Service;
use super::{Done, Failure, attachments, files};
use crate::client::{ReporterLink, SentAs, compose_report, questionnaire};
use crate::directory::OfficeId;
use crate::envelope::seal_report_with_files;
use crate::questions::Answers;
use crate::receipt::Receipt;
use crate::words::Language;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    service: Service,
    /// JSON: answers by question id
    #[arg(long)]
    answers: PathBuf,
    /// Language of the words: es, pt or en
    #[arg(long, default_value = "es")]
    lang: Language,
    /// An office that shall not get it; may be given several times
    #[arg(long = "without")]
    without: Vec<String>,
    /// A file to send with it; may be given several times
    #[arg(long = "attach")]
    attach: Vec<PathBuf>,
    /// Someone is in danger, and the duty officers may be told to look now
    #[arg(long)]
    danger: bool,
}

pub(super) fn run(args: &Args) -> Done {
    let answers: Answers = files::read_json(&args.answers)?;
    let line = args.service.connect()?;
    line.trusted.check_for_reports(line.today)?;
    let directory = &line.trusted.directory;
    let form = questionnaire(Some(&line.http), directory)?;
    let removed = args.without.iter().map(|id| id.parse()).collect::<Result<Vec<OfficeId>, _>>();
    let removed = removed.map_err(|_| Failure::no("an office's id is a-z, 0-9 and -", "see the ids in the directory"))?;
    let manifest = attachments::manifest(&args.attach)?;
    let (mut body, routing) = compose_report(directory, &form, &answers, (args.lang, line.today, &removed))?;
    body.attachments.clone_from(&manifest);
    let receipt = Receipt::generate(args.lang);
    let system = |_| Failure::could_not("the report could not be sealed", "close other programs and try again");
    let keys = receipt.keys(&line.pinned).map_err(system)?;
    let (sealed, content) = seal_report_with_files(&keys, &line.pinned, &body).map_err(|error| match error {
        crate::envelope::EnvelopeError::TooLarge => Failure::no("the report is longer than 256 KiB", "send the rest as a follow-up"),
        _ => Failure::could_not("the report could not be sealed", "close other programs and try again"),
    })?;
    // The letter goes to every duty office: it stays unset if one of these must not know (design §10).
    let duty_excluded = directory.content().duty.iter().any(|d| routing.excluded.iter().any(|e| e.office == d.office));
    if args.danger && duty_excluded {
        files::warn("a duty office is excluded: nobody is told by letter; the report is sent all the same");
    }
    let sent_as = SentAs { directory_version: directory.version(), danger: args.danger && !duty_excluded };
    let link = ReporterLink { http: &line.http, deployment: &line.pinned, keys: &keys };
    link.send(&sealed, sent_as)?;
    // Said before the files go: whatever becomes of these, the words are hers.
    files::say(receipt.phrase().as_str())?;
    attachments::send(&link, &content, &manifest, &args.attach)
}
