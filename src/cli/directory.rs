//! `amparo directory new|add|sign|publish|verify`

use super::authority::{Chain, authority_key};
use super::reporter::fingerprint;
use super::{Done, Failure, files};
use crate::base::{Clock, SystemClock};
use crate::client::Http;
use crate::crypto::{Deployment, Hash32, SignKey, SignPublic};
use crate::directory::{
    Custodian, Directory, DirectoryContent, DirectoryError, DirectoryRef, Dsse, Gate, Level, Member, Office, OfficeId, Role, Roots,
    Standing, Texts, countersign, directory_hash, publishable, show_fingerprint, sign_new,
};
use crate::keys::PublicPart;
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
        #[command(flatten)]
        new: Addition,
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
        /// Who signs
        #[command(flatten)]
        chain: Chain,
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
        /// What the fingerprint stands for
        #[command(flatten)]
        chain: Chain,
    },
}

#[derive(clap::Args)]
#[group(required = true, multiple = true)]
struct Addition {
    /// JSON of an office
    #[arg(long)]
    office: Option<PathBuf>,
    /// Public part of a member's keys
    #[arg(long, requires = "of")]
    member: Option<PathBuf>,
    /// The member's office
    #[arg(long, requires = "member")]
    of: Option<OfficeId>,
    /// The member reads cases referred to her, but receives no new reports
    #[arg(long, requires = "member")]
    desk_only: bool,
    /// Public part of a custodian's keys; level independent, to be changed in the draft if it is another
    #[arg(long, conflicts_with = "member")]
    custodian: Option<PathBuf>,
    /// Public name or role (default: the id)
    #[arg(long)]
    name: Option<String>,
}

pub(super) fn run(args: &Args) -> Done {
    match &args.verb {
        Verb::New { out, questionnaire, former } => begin(out, questionnaire, former.as_deref()),
        Verb::Add { draft, new } => add(draft, new),
        Verb::Sign { file, key, passphrase_file, chain, former, days, out, also } => {
            let roots = chain.walk(None)?;
            let key = authority_key(key, passphrase_file)?;
            let dsse =
                if *also { sign_also(file, former.as_deref(), &roots, &key)? } else { sign(file, former.as_deref(), *days, &roots, &key)? };
            files::write_json(out, &dsse)?;
            let content = serde_json::from_slice(dsse.payload()).map_err(|_| DirectoryError::BadJson)?;
            show(&content, directory_hash(dsse.payload()))?;
            files::say(format!("{} of {} signatures", dsse.good_signatures(roots.current()), roots.current().threshold()))
        }
        Verb::Publish { file, server, proxy } => {
            Http::new(server, proxy.as_deref())?.post_json("/api/v1/directory", &files::read(file)?)?;
            files::say("published")
        }
        Verb::Verify { file, authority, chain } => {
            let pinned = fingerprint(authority)?;
            let roots = chain.walk(Some(&pinned))?;
            let directory = signed(file, &roots)?;
            directory.check_current(SystemClock.today(), None)?;
            show(directory.content(), directory.hash())?;
            files::say(format!("authority {}", show_fingerprint(&pinned)))
        }
    }
}

/// What people compare aloud.
fn show(content: &DirectoryContent, hash: Hash32) -> Done {
    files::say(format!("version {}, {} to {}", content.version, content.issued, content.expires))?;
    files::say(format!("{} offices, {} members, {} custodians", content.offices.len(), content.members.len(), content.custodians.len()))?;
    files::say(format!("hash {hash}"))
}

fn signed(path: &Path, roots: &Roots) -> Result<Directory, Failure> {
    Ok(publishable(files::read_json(path)?, roots.deployment(), roots.current())?)
}

fn former_of(path: Option<&Path>, roots: &Roots) -> Result<Option<DirectoryRef>, Failure> {
    Ok(path.map(|path| signed(path, roots)).transpose()?.map(|d| d.reference()))
}

fn sign(file: &Path, former: Option<&Path>, days: u32, roots: &Roots, key: &SignKey) -> Result<Dsse, Failure> {
    if !roots.current().keys().contains(&key.public()) {
        return Err(DirectoryError::NotAnAuthorityKey.into());
    }
    let today = SystemClock.today();
    let content: DirectoryContent = files::read_json(file)?;
    Ok(sign_new(content, former_of(former, roots)?, (today, today.plus(days)), roots.deployment(), key)?)
}

fn sign_also(file: &Path, former: Option<&Path>, roots: &Roots, key: &SignKey) -> Result<Dsse, Failure> {
    let mut dsse: Dsse = files::read_json(file)?;
    let (former, today) = (former_of(former, roots)?, SystemClock.today());
    let at = Standing { deployment: roots.deployment(), authority: roots.current(), former, today };
    countersign(&mut dsse, &at, key)?;
    Ok(dsse)
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
    files::write_json(out, &content)
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

fn add(draft: &Path, new: &Addition) -> Done {
    let mut content: DirectoryContent = files::read_json(draft)?;
    if let Some(path) = &new.office {
        let office: Office = files::read_json(path)?;
        content.offices.retain(|o| o.id != office.id);
        content.offices.push(office);
    }
    let named = |part: &PublicPart| {
        let shown = new.name.clone().unwrap_or_else(|| part.id.to_string());
        content.languages.iter().map(|l| (l.clone(), shown.clone())).collect::<Texts>()
    };
    if let (Some(path), Some(office)) = (&new.member, &new.of) {
        let part: PublicPart = files::read_json(path)?;
        let (names, languages) = (named(&part), content.languages.clone());
        let PublicPart { id, sign_pk, box_pks } = part;
        let role = if new.desk_only { Role::Desk } else { Role::Intake };
        let member = Member { id, office: office.clone(), role, names, sign_pk, box_pks, languages, recused_from: Vec::new() };
        content.members.retain(|m| m.id != member.id);
        content.members.push(member);
    }
    if let Some(path) = &new.custodian {
        let part: PublicPart = files::read_json(path)?;
        let names = named(&part);
        let PublicPart { id, sign_pk, box_pks } = part;
        let (institutions, jurisdictions, areas) = (Vec::new(), Vec::new(), Vec::new());
        let custodian = Custodian { id, names, level: Level::Independent, institutions, jurisdictions, areas, sign_pk, box_pks };
        content.custodians.retain(|c| c.id != custodian.id);
        content.custodians.push(custodian);
    }
    files::write_json(draft, &content)
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
