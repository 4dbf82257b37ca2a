//! `amparo directory new|add|sign|publish|verify`

use super::reporter::fingerprint;
use super::{Done, Failure, files};
use crate::base::{Clock, SystemClock};
use crate::client::Http;
use crate::crypto::{Deployment, Hash32, SignPublic};
use crate::directory::{
    Authority, DirectoryContent, Dsse, Gate, Member, Office, Role, add_signature, publishable, show_fingerprint, sign_new,
};
use crate::keys::{self, PublicPart};
use crate::questions::Questionnaire;
use clap::Subcommand;
use std::path::{Path, PathBuf};

/// Days a new directory lasts unless said otherwise.
const DAYS: u32 = 30;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Begin a draft, or one out of a signed directory
    New {
        /// Where the draft goes
        #[arg(long)]
        out: PathBuf,
        /// The questionnaire it names
        #[arg(long)]
        questionnaire: PathBuf,
        /// A signed directory to begin from
        #[arg(long)]
        former: Option<PathBuf>,
    },
    /// Add an office or a member to a draft; one of the same id is replaced
    Add {
        /// The draft
        draft: PathBuf,
        /// JSON of an office
        #[arg(long)]
        office: Option<PathBuf>,
        /// Public part of a member's keys
        #[arg(long, requires = "of")]
        member: Option<PathBuf>,
        /// The member's office
        #[arg(long)]
        of: Option<String>,
        /// The member's public name or role
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Sign a draft: a new version with a fresh gate key. With --also, add a signature to a signed one
    Sign {
        /// The draft, or the signed directory with --also
        file: PathBuf,
        /// A key file of the authority
        #[arg(long)]
        key: PathBuf,
        /// File with its passphrase
        #[arg(long)]
        passphrase_file: PathBuf,
        /// The authority's public file
        #[arg(long)]
        authority: PathBuf,
        /// The signed directory before this one; none for the first
        #[arg(long)]
        former: Option<PathBuf>,
        /// Days it lasts, at most 35
        #[arg(long, default_value_t = DAYS)]
        days: u32,
        /// Where the signed directory goes
        #[arg(long)]
        out: PathBuf,
        /// Add a signature only
        #[arg(long)]
        also: bool,
    },
    /// Hand a signed directory to a server
    Publish {
        /// The signed directory
        file: PathBuf,
        /// Address of the server
        #[arg(long)]
        server: String,
        /// A SOCKS proxy: socks5h://host:port
        #[arg(long)]
        proxy: Option<String>,
    },
    /// Verify a signed directory as every client will
    Verify {
        /// The signed directory
        file: PathBuf,
        /// The authority's fingerprint
        #[arg(long)]
        authority: String,
        /// The authority's public file
        #[arg(long)]
        authority_file: PathBuf,
    },
}

pub(super) fn run(args: &Args) -> Done {
    match &args.verb {
        Verb::New { out, questionnaire, former } => begin(out, questionnaire, former.as_deref()),
        Verb::Add { draft, office, member, of, name } => add(draft, office.as_deref(), member.as_deref(), of.as_deref(), name),
        Verb::Sign { file, key, passphrase_file, authority, former, days, out, also } => {
            let key = keys::open_authority_key(&files::read(key)?, &files::passphrase(passphrase_file)?)?;
            let authority: Authority = files::read_json(authority)?;
            let dsse = if *also {
                let mut signed: Dsse = files::read_json(file)?;
                add_signature(&mut signed, &key);
                signed
            } else {
                let deployment = authority.fingerprint();
                let former = former.as_deref().map(|path| signed(path, &deployment, &authority)).transpose()?;
                let today = SystemClock.today();
                let content: DirectoryContent = files::read_json(file)?;
                sign_new(content, former.map(|f| f.reference()), (today, today.plus(*days)), &deployment, &key)?
            };
            files::write(out, &serde_json::to_vec(&dsse).unwrap_or_default())?;
            files::say(format!("{} of {} signatures", dsse.signature_count(), authority.threshold()))
        }
        Verb::Publish { file, server, proxy } => {
            Http::new(server, proxy.as_deref())?.post_json("/api/v1/directory", &files::read(file)?)?;
            files::say("published")
        }
        Verb::Verify { file, authority, authority_file } => {
            let pinned = fingerprint(authority)?;
            let authority: Authority = files::read_json(authority_file)?;
            if authority.fingerprint() != pinned {
                return Err(crate::directory::DirectoryError::OtherAuthority.into());
            }
            let directory = signed(file, &pinned, &authority)?;
            directory.check_current(SystemClock.today(), None)?;
            let content = directory.content();
            files::say(format!("version {}, {} to {}", content.version, content.issued, content.expires))?;
            files::say(format!("{} offices, {} members", content.offices.len(), content.members.len()))?;
            files::say(format!("hash {}\nauthority {}", directory.hash(), show_fingerprint(&pinned)))
        }
    }
}

fn signed(path: &Path, deployment: &Deployment, authority: &Authority) -> Result<crate::directory::Directory, Failure> {
    Ok(publishable(files::read_json(path)?, deployment, authority)?)
}

fn begin(out: &Path, questionnaire: &Path, former: Option<&Path>) -> Done {
    let form = Questionnaire::parse(&files::read(questionnaire)?)?;
    let mut content = match former {
        // Only a beginning: it is verified when it is named as the former at signing.
        Some(path) => {
            let dsse: Dsse = files::read_json(path)?;
            serde_json::from_slice(dsse.payload())
                .map_err(|_| Failure::no("the former directory cannot be read", "give a signed directory"))?
        }
        None => empty(),
    };
    content.questionnaire = form.reference;
    content.languages = form.languages;
    files::write(out, &serde_json::to_vec_pretty(&content).unwrap_or_default())
}

/// A draft with nothing in it; version, days, gate and deployment are filled when it is signed.
fn empty() -> DirectoryContent {
    let today = SystemClock.today();
    DirectoryContent {
        format: DirectoryContent::FORMAT.into(),
        deployment: Deployment([0; 32]),
        version: 0,
        previous: Hash32::ZERO,
        issued: today,
        expires: today,
        must_understand: Vec::new(),
        languages: Vec::new(),
        names: crate::directory::Texts::new(),
        texts: std::collections::BTreeMap::new(),
        questionnaire: crate::directory::QuestionnaireRef { version: 0, hash: Hash32::ZERO },
        gate: Gate { pk: SignPublic([0; 32]), sealed: Vec::new() },
        offices: Vec::new(),
        members: Vec::new(),
        custodians: Vec::new(),
        conflict_fallback: Vec::new(),
        duty: Vec::new(),
        exit_page: std::collections::BTreeMap::new(),
        helplines: Vec::new(),
        emergency: Vec::new(),
        institutions: Vec::new(),
        rules: Vec::new(),
        jurisdictions: Vec::new(),
    }
}

fn add(draft: &Path, office: Option<&Path>, member: Option<&Path>, of: Option<&str>, name: &str) -> Done {
    let mut content: DirectoryContent = files::read_json(draft)?;
    if let Some(path) = office {
        let office: Office = files::read_json(path)?;
        content.offices.retain(|o| o.id != office.id);
        content.offices.push(office);
    }
    if let (Some(path), Some(of)) = (member, of) {
        let part: PublicPart = files::read_json(path)?;
        let office = of.parse().map_err(|_| Failure::no("an office's id is a-z, 0-9 and -", "give the office's id"))?;
        let shown = if name.is_empty() { part.id.to_string() } else { name.to_owned() };
        let names = content.languages.iter().map(|l| (l.clone(), shown.clone())).collect();
        let (languages, recused_from) = (content.languages.clone(), Vec::new());
        content.members.retain(|m| m.id != part.id);
        let (sign_pk, box_pks) = (part.sign_pk, part.box_pks);
        content.members.push(Member { id: part.id, office, role: Role::Intake, names, sign_pk, box_pks, languages, recused_from });
    }
    files::write(draft, &serde_json::to_vec_pretty(&content).unwrap_or_default())
}

/// Kept for `publish`: a directory that nobody verified is still only bytes.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::UnverifiedDirectory;

    #[test]
    fn an_empty_draft_cannot_pass_for_a_directory() {
        let bytes = serde_json::to_vec(&empty()).unwrap();
        assert!(UnverifiedDirectory::from_json(&bytes).is_err());
    }
}
