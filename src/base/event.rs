//! The one door to `tracing`. An event is a kind; it carries no value from a request and nothing about a person.

/// What may be logged. Each variant is the whole of what the log says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are the text of the log")]
pub enum Event {
    ServerStarted,
    ServerStopping,
    DirectoryTaken,
    DirectoryRefused,
    DirectoryExpired,
    ReportStored,
    ReportRefused,
    FollowUpStored,
    EntryStored,
    ReplyStored,
    PartStored,
    PartRefused,
    OrphansRemoved,
    MailboxDestroyed,
    GateLogin,
    GateRefused,
    BatchPublished,
    FreshnessTaken,
    LetterSent,
    LetterFailed,
    DutyLetterSent,
    DutyLetterFailed,
    StoreOpened,
    StoreFailed,
    StoreFull,
    StoreReadOnly,
    ShredDone,
    Internal,
}

/// Writes the event to the log: its level and its kind.
pub fn emit(event: Event) {
    use Event as E;
    match event {
        E::StoreFailed | E::StoreFull | E::StoreReadOnly | E::DirectoryExpired | E::Internal => {
            tracing::error!(target: "amparo", kind = ?event);
        }
        E::LetterFailed
        | E::DutyLetterFailed
        | E::DirectoryRefused
        | E::GateRefused
        | E::ReportRefused
        | E::PartRefused
        | E::OrphansRemoved => {
            tracing::warn!(target: "amparo", kind = ?event);
        }
        _ => tracing::info!(target: "amparo", kind = ?event),
    }
}
