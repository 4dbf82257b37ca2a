//! Mail over SMTP. TLS is demanded, never merely offered.

use super::{Letter, Notifier, NotifyError};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MIME_VERSION_1_0};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

const TIMEOUT: Duration = Duration::from_secs(30);

/// How the line is secured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// In the clear first, then TLS or nothing.
    Starttls,
    /// TLS from the first byte.
    Tls,
}

/// `[smtp]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Host name: the certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the line is secured.
    pub security: Security,
    /// Account.
    pub user: String,
    /// File that holds the password.
    pub password_file: PathBuf,
    /// Sender.
    pub from: String,
    /// A further certificate authority to trust, PEM.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// Sends by SMTP.
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Smtp {
    /// Checks the settings; connects only when it sends.
    pub fn new(settings: &SmtpSettings) -> Result<Self, NotifyError> {
        let from = settings.from.parse().map_err(|_| NotifyError::Address)?;
        let password = std::fs::read_to_string(&settings.password_file).map_err(|_| NotifyError::Settings("password_file"))?;
        let password = Zeroizing::new(password);
        let credentials = Credentials::new(settings.user.clone(), password.trim_end().to_owned());
        let mut tls = TlsParameters::builder(settings.host.clone());
        if let Some(path) = &settings.ca_file {
            let pem = std::fs::read(path).map_err(|_| NotifyError::Settings("ca_file"))?;
            tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| NotifyError::Settings("ca_file"))?);
        }
        let tls = tls.build_rustls().map_err(|_| NotifyError::Settings("host"))?;
        let tls = match settings.security {
            Security::Starttls => Tls::Required(tls),
            Security::Tls => Tls::Wrapper(tls),
        };
        let transport = SmtpTransport::builder_dangerous(&settings.host).port(settings.port).tls(tls);
        Ok(Self { transport: transport.credentials(credentials).timeout(Some(TIMEOUT)).build(), from })
    }
}

impl Notifier for Smtp {
    fn send(&self, to: &str, letter: &Letter) -> Result<(), NotifyError> {
        let to: Mailbox = to.parse().map_err(|_| NotifyError::Address)?;
        // Without the version a reader may show the body as it travels. No Message-ID: the mail server that takes the letter gives one,
        // and this machine's name stays out of it.
        let message = Message::builder().from(self.from.clone()).to(to).subject(letter.subject).header(MIME_VERSION_1_0);
        let message = message.header(ContentType::TEXT_PLAIN);
        let message = message.body(letter.body.to_owned()).map_err(|_| NotifyError::Address)?;
        self.transport.send(&message).map(|_| ()).map_err(|_| NotifyError::Refused)
    }
}
