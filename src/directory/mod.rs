//! Authority, DSSE, the directory and its gate key (docs/protocol/directory.md).

mod ids;
mod reference;

pub use ids::{MemberId, NotAnId, OfficeId};
pub use reference::{DirectoryRef, QuestionnaireRef, Recipient};
