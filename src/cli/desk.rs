//! `amparo desk`: the screen, or one verb.

use super::failure::Failure;
use super::reporter::fingerprint;
use super::{Done, attachments, files};
use crate::base::SystemClock;
use crate::caselog::StatusWord;
use crate::client::Http;
use crate::crypto;
use crate::desk::{CaseView, Desk, DeskLine, DeskSettings, InboxRow, ScreenError, run_screen};
use crate::keys::MemberKeys;
use clap::Subcommand;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address of the server
    #[arg(long)]
    server: String,
    /// The authority's fingerprint
    #[arg(long)]
    authority: String,
    /// Your key file
    #[arg(long)]
    key: PathBuf,
    /// File with its passphrase
    #[arg(long)]
    passphrase_file: PathBuf,
    /// Folder of the local state (default: under $XDG_STATE_HOME or ~/.local/state)
    #[arg(long)]
    state: Option<PathBuf>,
    /// A SOCKS proxy, such as tor's: socks5h://127.0.0.1:9050
    #[arg(long)]
    proxy: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// What your keys open, the most urgent first
    Inbox,
    /// Open a case
    Open {
        /// Its id
        id: String,
    },
    /// Answer the reporter
    Reply {
        /// The case's id
        id: String,
        /// File with the text
        #[arg(long)]
        text: Option<PathBuf>,
        /// received, read, question, team, paused, ended or care
        #[arg(long)]
        status: Option<String>,
    },
    /// Bring in another office
    Refer {
        /// The case's id
        id: String,
        /// The office's id
        #[arg(long)]
        office: String,
        /// Why: the office reads it
        #[arg(long)]
        why: String,
    },
    /// Write a note for colleagues of the case
    Note {
        /// The case's id
        id: String,
        /// File with the text
        #[arg(long)]
        text: PathBuf,
    },
    /// Write a case into one sealed file, for a machine without a network
    Export {
        /// The case's id
        id: String,
        /// The file
        #[arg(long)]
        out: PathBuf,
    },
    /// Fetch an attachment; it is checked against what the message says of it
    Attachment {
        /// The case's id
        id: String,
        /// The attachment's id
        blob: String,
        /// The file
        #[arg(long)]
        out: PathBuf,
    },
    /// Fetch what is new
    Sync,
}

pub(super) fn run(args: &Args) -> Done {
    let pinned = fingerprint(&args.authority)?;
    let http = Http::new(&args.server, args.proxy.as_deref())?;
    let keys = MemberKeys::open(&files::read(&args.key)?, &files::passphrase(&args.passphrase_file)?)?;
    let folder = args.state.clone().map_or_else(|| default_state(&pinned, &keys), Ok)?;
    let settings = DeskSettings::beside(&args.key);
    let line = DeskLine { http, pinned, keys, settings, clock: Arc::new(SystemClock) };
    let mut desk = Desk::open(line, &folder)?;
    let Some(verb) = &args.verb else { return screen(desk) };
    if let Verb::Reply { status: Some(status), .. } = verb {
        // Before the server is asked anything.
        word(status)?;
    }
    let synced = desk.sync()?;
    if synced.directory_expired {
        files::warn("the directory has expired: no new reports come in until there is a new one");
    }
    act(&mut desk, verb, args.json, &synced)
}

fn act(desk: &mut Desk, verb: &Verb, as_json: bool, synced: &crate::desk::Synced) -> Done {
    match verb {
        Verb::Inbox => {
            let rows = desk.inbox();
            if as_json { print_json(&rows) } else { rows.iter().try_for_each(print_row) }
        }
        Verb::Open { id } => {
            let view = desk.open_case(id)?;
            if as_json { print_json(&view) } else { print_case(&view) }
        }
        Verb::Reply { id, text, status } => {
            let text = text.as_deref().map(files::read_text).transpose()?;
            let status = status.as_deref().map(word).transpose()?;
            done(as_json, Ok(desk.reply(id, text.as_deref(), status)?))
        }
        Verb::Refer { id, office, why } => done(as_json, Ok(desk.refer(id, office, why)?)),
        Verb::Note { id, text } => done(as_json, Ok(desk.note(id, &files::read_text(text)?)?)),
        Verb::Export { id, out } => {
            files::write_new_secret(out, &desk.export(id)?)?;
            done(as_json, Ok(()))
        }
        Verb::Attachment { id, blob, out } => {
            attachments::fetch(desk, (id, blob), out)?;
            done(as_json, Ok(()))
        }
        Verb::Sync => print_json(synced),
    }
}

fn word(text: &str) -> Result<StatusWord, Failure> {
    text.parse().map_err(|_| Failure::no(format!("{text} is no status"), "received, read, question, team, paused, ended or care"))
}

fn done(as_json: bool, result: Done) -> Done {
    result?;
    files::say(if as_json { "{\"done\":true}" } else { "done" })
}

fn print_json(value: &impl serde::Serialize) -> Done {
    files::say(serde_json::to_string(value).unwrap_or_default())
}

fn print_row(row: &InboxRow) -> Done {
    let mark = if row.unread { "*" } else { " " };
    let lane = format!("{:?}", row.lane).to_uppercase();
    files::say(format!("{mark} {lane:<9} {:>3}  {}  {}  {}", row.score, row.day, row.id, row.summary.replace('\n', " ")))
}

fn print_case(view: &CaseView) -> Done {
    for warning in &view.warnings {
        files::say(format!("! {} {}", warning.text, warning.about))?;
    }
    for (question, answer) in &view.answers {
        files::say(format!("{question}: {answer}"))?;
    }
    for message in &view.messages {
        files::say(format!("\n{} {} {} {}\n{}", message.day, message.kind, message.number, message.author, message.text))?;
    }
    for a in &view.attachments {
        files::say(format!("\nattachment {} of message {}: {:?}, {}, {} bytes", a.blob, a.message, a.name, a.media_type, a.size))?;
    }
    let people: Vec<&str> = view.recipients.iter().map(|r| r.member.as_str()).collect();
    files::say(format!("\ncan open it: {}", people.join(", ")))
}

fn screen(desk: Desk) -> Done {
    run_screen(desk, &mut |address| drop(files::say(address))).map_err(|ScreenError::Bind| {
        Failure::could_not("the screen cannot listen on this machine", "close other programs that listen on loopback")
    })
}

fn default_state(pinned: &crypto::Deployment, keys: &MemberKeys) -> Result<PathBuf, Failure> {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
    let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(home);
    let base = base.ok_or_else(|| Failure::no("there is no home folder", "give --state"))?;
    let name: String = crypto::hash("desk folder", &[pinned.bytes(), keys.public_part().sign_pk.bytes()]).to_string();
    Ok(base.join("amparo").join(name.get(..16).unwrap_or_default()))
}
