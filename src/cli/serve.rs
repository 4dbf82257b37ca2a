//! `amparo serve`

use super::service::{Parts, Service};
use super::{Done, Failure, files};
use crate::config::{ConfigError, Settings};
use crate::hardening::start_logging;
use crate::http::{Listen, wait_for_signal};
use crate::intake::AttachmentLimits;
use crate::notify::{Notifier, NotifyError, Silent, Smtp};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The settings
    #[arg(long, default_value = "config/amparo.toml")]
    config: PathBuf,
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::no(error.to_string(), "see the comments in config/amparo.toml")
    }
}

impl From<NotifyError> for Failure {
    fn from(error: NotifyError) -> Self {
        Self::no(error.to_string(), "mend [smtp] in the settings")
    }
}

pub(super) fn run(args: &Args) -> Done {
    let settings = Settings::read(&args.config)?;
    start_logging(settings.log);
    let notifier: Arc<dyn Notifier> = match &settings.smtp {
        Some(smtp) => Arc::new(Smtp::new(smtp)?),
        None => Arc::new(Silent),
    };
    let members = match &settings.members_file {
        Some(path) => files::read_text(path)?.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let roots = settings.roots.iter().map(|path| files::read_json(path)).collect::<Result<Vec<_>, _>>()?;
    let authority = (files::read_json(&settings.authority)?, roots);
    let (work_bits, schedule) = (settings.work_bits, settings.schedule.clone());
    let attachments = AttachmentLimits::from_mib(settings.attachments.each_mib, settings.attachments.mailbox_mib)
        .ok_or_else(|| Failure::no("[attachments] names a size that cannot be", "see the comments in config/amparo.toml"))?;
    let service = Service::open(Parts { data: &settings.data, authority, work_bits, attachments, schedule, notifier, members })?;
    let (tcp, unix) = (settings.listen.tcp, settings.listen.unix.clone());
    let listen = Listen { tcp, unix, workers: settings.workers, ..Listen::default() };
    let (running, schedule) = service.start(&listen)?;
    wait_for_signal();
    running.stop();
    drop(schedule);
    Ok(())
}
