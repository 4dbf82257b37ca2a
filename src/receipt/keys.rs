//! `root` and the reporter's keys.

use super::Receipt;
use crate::base::Secret;
use crate::crypto::{self, BoxKey, CryptoError, Deployment, MailboxId, SignKey, SignPublic};

/// What a receipt gives its holder: to sign as the reporter and to read replies. The report's keys are not among them (property 3).
pub struct ReporterKeys {
    /// Signs reports, follow-ups, mailbox requests.
    pub sign: SignKey,
    /// Opens replies.
    pub reply_box: BoxKey,
    /// Where the case is kept.
    pub mailbox_id: MailboxId,
}

/// `hash("mailbox", reporter_sign_pk)`.
pub fn mailbox_id(reporter_sign_pk: &SignPublic) -> MailboxId {
    MailboxId(crypto::hash("mailbox", &[reporter_sign_pk.bytes()]).0)
}

impl Receipt {
    /// The keys under a deployment. Takes 8 MiB and some tens of milliseconds.
    pub fn keys(&self, deployment: &Deployment) -> Result<ReporterKeys, CryptoError> {
        let root = crypto::receipt_root(self.entropy(), &crypto::receipt_salt(deployment))?;
        Ok(ReporterKeys::from_root(&root))
    }
}

impl ReporterKeys {
    fn from_root(root: &Secret<32>) -> Self {
        let sign = SignKey::from_seed(&crypto::derive(root, "reporter sign", &[]));
        let reply_box = BoxKey::from_secret(crypto::derive(root, "reporter box", &[]));
        let mailbox_id = mailbox_id(&sign.public());
        Self { sign, reply_box, mailbox_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn another_deployment_gives_another_mailbox() {
        let receipt = Receipt::generate(Language::En);
        let (a, b) = (receipt.keys(&Deployment([1; 32])).unwrap(), receipt.keys(&Deployment([2; 32])).unwrap());
        assert_ne!(a.mailbox_id, b.mailbox_id);
        assert_eq!(a.mailbox_id, receipt.keys(&Deployment([1; 32])).unwrap().mailbox_id);
    }
}
