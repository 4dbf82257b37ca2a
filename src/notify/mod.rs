//! Letters to members: the same letter at fixed hours, whether there is something new or not (design §10). It can not name a report.

mod letter;
mod silent;
mod smtp;

pub use letter::{DUTY_LETTER, HOURLY_LETTER, Letter};
pub use silent::Silent;
pub use smtp::{Security, Smtp, SmtpSettings};

/// Why a letter was not sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// An address that is none.
    #[error("an e-mail address cannot be read")]
    Address,
    /// The settings cannot be used: host, certificate, password file.
    #[error("the mail settings cannot be used: {0}")]
    Settings(&'static str),
    /// No connection, no TLS, a certificate that is not trusted, or a refusal.
    #[error("the mail server did not take the letter")]
    Refused,
}

/// Sends letters.
pub trait Notifier: Send + Sync {
    /// Sends one letter to one address. Blocking; may take as long as the mail server does, within its time limits.
    fn send(&self, to: &str, letter: &Letter) -> Result<(), NotifyError>;
}
