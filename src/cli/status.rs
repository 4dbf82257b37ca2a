//! `amparo status`

use super::reporter::{Service, keys_from_words};
use super::{Done, Failure, files};
use crate::base::assets::asset;
use crate::client::{ReporterLink, Status};
use crate::words::Language;
use serde_json::json;
use std::collections::HashMap;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    service: Service,
    /// As JSON: {status, replies: [{number, text}]}
    #[arg(long)]
    json: bool,
    /// Language of the words, if they fit more than one
    #[arg(long)]
    lang: Option<Language>,
    /// Destroy the mailbox: the words open nothing any more. The case stays with the offices
    #[arg(long)]
    destroy: bool,
}

pub(super) fn run(args: &Args) -> Done {
    let line = args.service.connect()?;
    let (receipt, keys) = keys_from_words(&line.pinned, args.lang)?;
    let link = ReporterLink { http: &line.http, deployment: &line.pinned, keys: &keys };
    if args.destroy {
        return Ok(link.destroy()?);
    }
    let status = link.status(line.gate_keys())?;
    if args.json { files::say(as_json(&status)) } else { say_plainly(&status, receipt.language()) }
}

fn as_json(status: &Status) -> String {
    let replies: Vec<_> = status.replies.iter().map(|r| json!({"number": r.number, "text": r.text})).collect();
    json!({"status": status.word, "replies": replies}).to_string()
}

fn say_plainly(status: &Status, language: Language) -> Done {
    files::say(text(&format!("status_{}", status.word.word()), language)?)?;
    let unchecked = text("reply_unchecked", language)?;
    for reply in &status.replies {
        files::say(format!("\n[{}] {}", reply.number, reply.text.as_deref().unwrap_or(&unchecked).trim_end()))?;
    }
    Ok(())
}

/// A reporter's text, out of the Fluent files that the pages are made from too.
fn text(key: &str, language: Language) -> Result<String, Failure> {
    let broken = || Failure::could_not("the texts are not in this program", "build it again");
    let file = asset(&format!("cli/{}.json", language.code())).ok_or_else(broken)?;
    let mut texts: HashMap<String, String> = serde_json::from_slice(file.bytes).map_err(|_| broken())?;
    texts.remove(key).ok_or_else(broken)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::caselog::StatusWord;

    #[test]
    fn every_status_has_words_in_every_language() {
        for language in Language::ALL {
            for word in StatusWord::ALL {
                assert!(!text(&format!("status_{}", word.word()), language).unwrap().is_empty());
            }
            assert!(!text("reply_unchecked", language).unwrap().is_empty());
        }
    }
}
