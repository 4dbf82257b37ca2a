//! From answers to a report's body: the form's rules, the directory's routing, the recipients of the day.

use super::{ClientError, Http};
use crate::base::Day;
use crate::crypto::Deployment;
use crate::directory::{Bundle, Directory, DirectoryError, OfficeId, Trusted, UnverifiedDirectory};
use crate::envelope::{FollowUpBody, ReportBody, Seen};
use crate::questions::{Answers, Questionnaire, QuestionsError, Routing, check, route};
use crate::words::Language;

/// The questionnaire this program was built with.
const EMBEDDED: &[u8] = include_bytes!("../../config/questionnaire.json");

/// Why a report cannot be composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The answers, or nobody is left to receive them.
    #[error(transparent)]
    Questions(#[from] QuestionsError),
    /// The directory may not be used for reports.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The server could not be asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The server's questionnaire is not the one the directory names.
    #[error("the questionnaire is not the one that the directory names")]
    OtherQuestionnaire,
}

/// Fetches the directory and verifies it from the pinned authority on.
pub fn fetch_directory(http: &Http, pinned: &Deployment, today: Day, seen: Option<u32>) -> Result<Trusted, ComposeError> {
    let bundle = Bundle::from_json(&http.get("/api/v1/directory")?)?;
    Ok(bundle.verify(pinned, today, seen)?)
}

/// Fetches an older version; signed by the authority of today.
pub fn fetch_version(http: &Http, trusted: &Trusted, pinned: &Deployment, version: u32) -> Result<Directory, ComposeError> {
    #[derive(serde::Deserialize)]
    struct Wire {
        directory: crate::directory::Dsse,
    }
    let wire: Wire = serde_json::from_slice(&http.get(&format!("/api/v1/directory/{version}"))?).map_err(|_| ClientError::Strange)?;
    let directory = UnverifiedDirectory::from(wire.directory).verify(pinned, &trusted.authority)?;
    if directory.version() == version { Ok(directory) } else { Err(DirectoryError::WrongChain.into()) }
}

/// The questionnaire that the directory names: the embedded one, else the server's if its hash fits.
pub fn questionnaire(http: Option<&Http>, directory: &Directory) -> Result<Questionnaire, ComposeError> {
    let named = directory.content().questionnaire.hash;
    let embedded = Questionnaire::parse(EMBEDDED)?;
    if embedded.reference.hash == named {
        return Ok(embedded);
    }
    let fetched = http.ok_or(ComposeError::OtherQuestionnaire)?.get("/questionnaire.json")?;
    let fetched = Questionnaire::parse(&fetched)?;
    if fetched.reference.hash == named { Ok(fetched) } else { Err(ComposeError::OtherQuestionnaire) }
}

/// The embedded questionnaire.
pub fn embedded_questionnaire() -> Result<Questionnaire, QuestionsError> {
    Questionnaire::parse(EMBEDDED)
}

/// Checks the answers, routes them and fills a body. Parts of the form count as opened: a file of answers has no form.
pub fn compose_report(
    directory: &Directory,
    questionnaire: &Questionnaire,
    answers: &Answers,
    (lang, today, removed): (Language, Day, &[OfficeId]),
) -> Result<(ReportBody, Routing), ComposeError> {
    let answers = check(questionnaire, answers, &["more", "se", "confidential"])?;
    let routing = route(directory, &answers, removed, today)?;
    let body = ReportBody {
        format: ReportBody::FORMAT.into(),
        must_understand: Vec::new(),
        lang,
        directory: directory.reference(),
        questionnaire: questionnaire.reference,
        key_day: today,
        answers,
        recipients: routing.recipients.clone(),
        removed: removed.to_vec(),
        attachments: Vec::new(),
        vault: None,
    };
    Ok((body, routing))
}

/// A follow-up's body.
pub fn compose_follow_up(directory: &Directory, text: String, lang: Language, today: Day) -> FollowUpBody {
    FollowUpBody {
        format: FollowUpBody::FORMAT.into(),
        must_understand: Vec::new(),
        lang,
        directory: directory.reference(),
        key_day: today,
        text,
        answers: Answers::new(),
        attachments: Vec::new(),
        vault: None,
        seen: Seen::default(),
    }
}
