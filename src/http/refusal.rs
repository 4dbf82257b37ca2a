//! The one place for status codes: problem+json (RFC 9457) with a stable code and nothing of the request in it.

use crate::feed::FeedError;
use crate::intake::{IntakeError, TakeError};
use crate::mailbox::MailboxError;
use crate::store::StoreError;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use std::fmt;

/// Seconds after which a full or stopping server may be asked again.
const RETRY_AFTER_SECONDS: u32 = 60;

/// What the outside hears: a code of the table in docs/protocol/api.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) &'static str);

/// Status, code, title.
const TABLE: &[(u16, &str, &str)] = &[
    (400, "malformed", "The request is not of the protocol"),
    (400, "wrong_length", "The request has a length that no request has"),
    (400, "unknown_version", "An unknown version of the protocol"),
    (400, "unknown_suite", "An unknown suite of the protocol"),
    (400, "unknown_kind", "An unknown kind"),
    (400, "unknown_verb", "An unknown verb"),
    (400, "not_canonical", "Not in the one form that is accepted"),
    (400, "bad_json", "Not the JSON that is wanted here"),
    (400, "bad_part", "The part is not the one that was announced"),
    (401, "gate_refused", "Not signed by the current gate key"),
    (401, "token_expired", "The token is unknown or has run out: log in at the gate"),
    (403, "bad_seal", "The seal does not fit"),
    (403, "bad_signature", "A signature does not fit"),
    (403, "case_refused", "Not signed by the current keys of this case"),
    (403, "work_insufficient", "Too little work"),
    (404, "not_found", "There is nothing at this address"),
    (404, "no_such_version", "There is no such version"),
    (404, "no_such_mailbox", "There is no such mailbox"),
    (404, "no_such_message", "There is no such message"),
    (404, "no_such_part", "There is no such part of an attachment"),
    (405, "method_not_allowed", "This address does not take this method"),
    (408, "timeout", "The request took too long"),
    (409, "mailbox_taken", "There is another report in its place"),
    (409, "part_taken", "There is another part in its place"),
    (409, "number_taken", "There is another in its place"),
    (409, "number_gap", "One before it is missing"),
    (409, "wrong_chain", "It does not follow the one before"),
    (409, "nonce_spent", "The nonce was used before"),
    (409, "case_key", "It names keys that are not the case's"),
    (410, "gone", "What was here was destroyed"),
    (411, "length_required", "The length must be given"),
    (413, "too_large", "The request is too long"),
    (413, "mailbox_full", "The mailbox holds as many attachments as it may"),
    (415, "wrong_type", "Another content type is wanted here"),
    (422, "nonce_stale", "The nonce is not of this server, or too old"),
    (422, "directory_unknown", "The directory is not known here"),
    (422, "directory_expired", "The directory has expired: no new reports until there is a new one"),
    (422, "directory_invalid", "The directory breaks a rule of its form"),
    (422, "must_understand", "It needs a newer program"),
    (422, "weak_key", "A weak public key"),
    (431, "headers_too_large", "The request's address and headers are too long"),
    (500, "internal", "The server failed"),
    (503, "busy", "Too much at once: try again"),
    (503, "storage_full", "The server's disk is full: nothing was kept; try again later"),
    (503, "read_only", "The server takes nothing new for now; try again later"),
    (503, "shutting_down", "The server is stopping: try again"),
];

impl Refusal {
    fn row(self) -> (u16, &'static str, &'static str) {
        let fallback = (500, "internal", "The server failed");
        TABLE.iter().find(|(_, code, _)| *code == self.0).copied().unwrap_or(fallback)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().1)
    }
}

impl std::error::Error for Refusal {}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code, title) = self.row();
        let problem = serde_json::json!({"type": format!("urn:amparo:problem:{code}"), "title": title, "status": status, "code": code});
        let mut answer = HttpResponse::build(self.status_code());
        if status == 503 {
            answer.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS.to_string()));
        }
        if status == 401 {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        answer.content_type("application/problem+json").body(problem.to_string())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self(match error {
            StoreError::Full => "storage_full",
            StoreError::ReadOnly => "read_only",
            StoreError::Closing => "shutting_down",
            StoreError::Io | StoreError::Damaged(_) | StoreError::InUse | StoreError::Newer => "internal",
        })
    }
}

impl From<IntakeError> for Refusal {
    fn from(error: IntakeError) -> Self {
        Self(match error {
            IntakeError::Form(code) | IntakeError::Refused(code) => code,
            IntakeError::NonceStale => "nonce_stale",
            IntakeError::WorkInsufficient => "work_insufficient",
            IntakeError::DirectoryUnknown => "directory_unknown",
            IntakeError::DirectoryExpired => "directory_expired",
            IntakeError::Store(error) => return error.into(),
        })
    }
}

impl From<FeedError> for Refusal {
    fn from(error: FeedError) -> Self {
        Self(match error {
            FeedError::Form(code) | FeedError::Refused(code) => code,
            FeedError::NonceStale => "nonce_stale",
            FeedError::NonceSpent => "nonce_spent",
            FeedError::GateRefused => "gate_refused",
            FeedError::TokenExpired => "token_expired",
            FeedError::CaseRefused => "case_refused",
            FeedError::Directory(error) => error.code(),
            FeedError::Store(error) => return error.into(),
        })
    }
}

impl From<MailboxError> for Refusal {
    fn from(error: MailboxError) -> Self {
        match error {
            MailboxError::Malformed => Self("malformed"),
            MailboxError::Store(error) => error.into(),
        }
    }
}

impl From<TakeError> for Refusal {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Directory(error) => Self(match error.code() {
                "other_authority" => "bad_signature",
                code => code,
            }),
            TakeError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_code_has_one_row_and_an_unknown_one_is_internal() {
        let codes: std::collections::BTreeSet<_> = TABLE.iter().map(|(_, code, _)| code).collect();
        assert_eq!(codes.len(), TABLE.len());
        assert_eq!(Refusal("nothing of the kind").status_code(), 500);
        assert_eq!(Refusal("storage_full").error_response().headers().get("retry-after").unwrap(), "60");
    }

    /// Status -> codes, as the table of the protocol has them.
    fn documented() -> BTreeMap<u16, BTreeSet<String>> {
        let doc = include_str!("../../docs/protocol/api.md");
        let rows = doc.lines().skip_while(|line| *line != "## Errors").filter_map(|line| line.strip_prefix("| "));
        let mut table: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
        for (statuses, codes) in rows.filter_map(|row| row.split_once(" | ")) {
            let statuses: Vec<u16> = statuses.split(", ").filter_map(|s| s.parse().ok()).collect();
            let codes: Vec<String> = codes.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            // Several statuses in a row: one code for each.
            let of = |at: usize| if statuses.len() == 1 { codes.clone() } else { vec![codes[at].clone()] };
            statuses.iter().enumerate().for_each(|(at, status)| table.entry(*status).or_default().extend(of(at)));
        }
        table
    }

    #[test]
    fn the_documentation_has_every_code_at_its_status_and_no_other() {
        let mut table: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
        for (status, code, _) in TABLE {
            table.entry(*status).or_default().insert((*code).to_owned());
        }
        assert_eq!(documented(), table);
    }

    #[test]
    fn the_openapi_document_has_every_code_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
        let codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap();
        let named: Vec<&str> = codes.iter().map(|code| code.as_str().unwrap()).collect();
        assert_eq!(named, TABLE.iter().map(|(_, code, _)| *code).collect::<Vec<_>>());
    }
}
