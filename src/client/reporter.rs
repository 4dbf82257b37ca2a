//! What the holder of a receipt does.

use super::ClientError;
use super::http::Http;
use super::mailbox::{self, MailboxAnswer, MailboxVerb};
use super::patience::patiently;
use crate::base::Writer;
use crate::caselog::{Reply, ReplyContent, ReplyWhat, StatusWord, walk_epochs};
use crate::crypto::{BoxPublic, Deployment, SignPublic, work};
use crate::envelope::{ContentKey, FollowUpAddress, FollowUpBody, Sealed, seal_follow_up_with_files};
use crate::receipt::ReporterKeys;

const DANGER: u8 = 1;
/// How often the same bytes are sent again over a line that drops, and the first pause between.
const SENDS: u32 = 4;
/// Tries when another device takes the number first.
const NUMBER_TRIES: usize = 3;
/// Pages of replies that are read at most.
const PAGES_MAX: u16 = 64;

/// What a report is sent with.
#[derive(Clone, Copy)]
pub struct SentAs {
    /// The directory's version.
    pub directory_version: u32,
    /// Whether the reporter agrees that the duty officers are told to look now.
    pub danger: bool,
}

/// A reply as shown: its number, and its text if it could be checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number among the texts.
    pub number: u32,
    /// `None`: a message that could not be checked.
    pub text: Option<String>,
}

/// What a reporter sees.
#[derive(Debug, PartialEq, Eq)]
pub struct Status {
    /// The newest status that could be checked; before any, the message has arrived.
    pub word: StatusWord,
    /// Texts, the oldest first.
    pub replies: Vec<Shown>,
    /// The highest number of a status that was shown; 0 for none.
    pub status_number: u32,
    /// Numbers of the reporter's own messages.
    pub last_message: u32,
}

/// A follow-up, but for its place in the chain.
pub struct FollowUpPlan {
    /// What it says.
    pub body: FollowUpBody,
    /// Sent with.
    pub sent_as: SentAs,
}

/// A reporter's line to the server.
pub struct ReporterLink<'a> {
    /// The server.
    pub http: &'a Http,
    /// The deployment.
    pub deployment: &'a Deployment,
    /// The keys of the words.
    pub keys: &'a ReporterKeys,
}

impl ReporterLink<'_> {
    /// Sends a sealed envelope: work, then the same bytes until the server says it is durable.
    pub fn send(&self, sealed: &Sealed, sent_as: SentAs) -> Result<(), ClientError> {
        let challenge = patiently(SENDS, || self.http.challenge())?;
        let mut rest = Writer::default();
        rest.u32(sent_as.directory_version).u8(if sent_as.danger { DANGER } else { 0 }).put(&sealed.to_bytes());
        let rest = rest.finish();
        let solutions = work::solve(&challenge.nonce, &work::subject(&rest), challenge.bits).ok_or(ClientError::TooMuchWork)?;
        let mut request = Writer::with_capacity(rest.len() + work::NONCE_BYTES + work::SOLUTIONS_BYTES);
        request.put(&challenge.nonce);
        solutions.iter().for_each(|solution| {
            request.u64(*solution);
        });
        request.put(&rest);
        let request = request.finish();
        patiently(SENDS, || self.http.post("/api/v1/reports", &request)).map(|_| ())
    }

    fn mailbox(&self, verb: MailboxVerb, page: u16) -> Result<Option<MailboxAnswer>, ClientError> {
        let nonce = self.http.challenge()?.nonce;
        let request = mailbox::request(verb, page, self.keys, &nonce, self.deployment);
        MailboxAnswer::parse(&self.http.post("/api/v1/mailbox", &request)?)
    }

    /// Reads a page and checks that it is about these words: own seal on the report and on the last message.
    pub fn read(&self, page: u16) -> Result<MailboxAnswer, ClientError> {
        let answer = patiently(SENDS, || self.mailbox(MailboxVerb::Read, page))?.ok_or(ClientError::NoMailbox)?;
        answer.check_ours(self.keys, self.deployment)?;
        Ok(answer)
    }

    /// The case's keys of every epoch, walked from the report.
    pub fn case_keys(&self, answer: &MailboxAnswer) -> Result<Vec<(SignPublic, BoxPublic)>, ClientError> {
        let header = answer.report.header();
        let first = (header.case_sign_pk, header.case_box_pk);
        Ok(walk_epochs(first, &answer.epochs, self.deployment, &self.keys.mailbox_id)?)
    }

    /// Status and replies, each checked. `gate_pk` gives the gate key of a directory version, or `None` if that cannot be had.
    pub fn status(&self, mut gate_pk: impl FnMut(u32) -> Option<SignPublic>) -> Result<Status, ClientError> {
        let first = self.read(0)?;
        let keys = self.case_keys(&first)?;
        let mut replies = first.replies;
        let mut page = 1;
        while replies.len() < usize::try_from(first.total).unwrap_or(usize::MAX) && page < PAGES_MAX {
            let more = self.read(page)?;
            if more.replies.is_empty() {
                break;
            }
            replies.extend(more.replies);
            page += 1;
        }
        let mut status = Status { word: StatusWord::Received, replies: Vec::new(), status_number: 0, last_message: first.last_number };
        for reply in replies.iter().rev() {
            self.show(&mut status, reply, &keys, &mut gate_pk);
        }
        status.replies.sort_by_key(|shown| shown.number);
        status.replies.dedup_by_key(|shown| shown.number);
        Ok(status)
    }

    fn show(
        &self,
        status: &mut Status,
        reply: &Reply,
        keys: &[(SignPublic, BoxPublic)],
        gate_pk: &mut impl FnMut(u32) -> Option<SignPublic>,
    ) {
        let number = reply.place().number;
        match (self.check(reply, keys, gate_pk), reply.place().what) {
            (Some(ReplyContent::Text(text)), _) => status.replies.push(Shown { number, text: Some(text) }),
            (Some(ReplyContent::Status(word)), _) if number > status.status_number => {
                status.status_number = number;
                status.word = word;
            }
            (None, ReplyWhat::Text) => status.replies.push(Shown { number, text: None }),
            _ => {}
        }
    }

    /// A reply is believed if it is of this case, opens, and both the gate key it names and its epoch's key vouch for it.
    fn check(
        &self,
        reply: &Reply,
        keys: &[(SignPublic, BoxPublic)],
        gate_pk: &mut impl FnMut(u32) -> Option<SignPublic>,
    ) -> Option<ReplyContent> {
        let place = reply.place();
        let (case_sign, _) = keys.get(usize::try_from(place.epoch).ok()?)?;
        if place.mailbox_id != self.keys.mailbox_id {
            return None;
        }
        let opened = reply.open_as_reporter(&self.keys.reply_box, self.deployment).ok()?;
        let gate = gate_pk(opened.directory)?;
        opened.verify(&gate, case_sign, self.deployment).ok()?;
        Some(opened.content)
    }

    /// Seals and sends a follow-up; seals anew if another device took the number.
    pub fn follow_up(&self, plan: &FollowUpPlan) -> Result<u32, ClientError> {
        self.follow_up_with_files(plan).map(|(number, _)| number)
    }

    /// The same, and the key that seals the attachments of its manifest.
    pub fn follow_up_with_files(&self, plan: &FollowUpPlan) -> Result<(u32, ContentKey), ClientError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = self.read(0)?;
            let keys = self.case_keys(&answer)?;
            let (_, case_box_pk) = keys.last().copied().ok_or(ClientError::Strange)?;
            let to = FollowUpAddress { report: &answer.report, last: answer.newest(), case_box_pk };
            let (sealed, content) = seal_follow_up_with_files(self.keys, self.deployment, &to, &plan.body)?;
            match self.send(&sealed, plan.sent_as) {
                Err(ClientError::Refused(p)) if tries < NUMBER_TRIES && (p.code == "number_taken" || p.code == "case_key") => {}
                other => return other.map(|()| (sealed.header().number, content)),
            }
        }
    }

    /// Destroys the mailbox: the words open nothing any more. The case stays the desk's.
    pub fn destroy(&self) -> Result<(), ClientError> {
        self.read(0)?;
        match patiently(SENDS, || self.mailbox(MailboxVerb::Destroy, 0))? {
            None => Ok(()),
            Some(_) => Err(ClientError::Strange),
        }
    }
}
