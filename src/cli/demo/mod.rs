//! `amparo demo`: all of it on one machine, with real keys and real encryption. Only the offices and helplines are examples.

mod world;

use self::world::World;
use super::service::{Parts, Service};
use super::{Done, Failure, files};
use crate::base::{Clock, SystemClock};
use crate::directory::{DirectoryError, DirectoryRef, FreshnessNote, show_fingerprint};
use crate::hardening::{LogLevel, start_logging};
use crate::http::{Listen, wait_for_signal};
use crate::intake::AttachmentLimits;
use crate::notify::Silent;
use crate::schedule::ScheduleSettings;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Light work: a demo is not under attack.
const WORK_BITS: u8 = 6;
const WORKERS: usize = 2;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of keys and store; made at the first start, kept at later ones
    #[arg(long, default_value = "demo-data")]
    data: PathBuf,
    /// How much is logged
    #[arg(long, hide = true, default_value = "warn", value_parser = level)]
    log: LogLevel,
}

fn level(text: &str) -> Result<LogLevel, String> {
    let levels = [
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
    levels.into_iter().find(|(name, _)| *name == text).map(|(_, level)| level).ok_or_else(|| "error, warn, info, debug or trace".into())
}

pub(super) fn run(args: &Args) -> Done {
    start_logging(args.log);
    let today = SystemClock.today();
    let world = World::open_or_make(&args.data, today)?;
    let authority = (world.authority.clone(), Vec::new());
    // A demo publishes at once and waits for nothing.
    let schedule = ScheduleSettings { batch_minutes: 0, ..ScheduleSettings::default() };
    let (data, notifier, members) = (args.data.join("store"), Arc::new(Silent), Vec::new());
    let attachments = AttachmentLimits::default();
    let service = Service::open(Parts { data: &data, authority, work_bits: WORK_BITS, attachments, schedule, notifier, members })?;
    let former = service.origin.directories().current().map(|d| d.reference());
    renew(&service, &world, former)?;
    let (running, schedule) = service.start(&Listen { tcp: Some(args.listen), workers: WORKERS, ..Listen::default() })?;
    introduce(args, &world, running.tcp.unwrap_or(args.listen))?;
    wait_for_signal();
    running.stop();
    drop(schedule);
    Ok(())
}

/// At each start a new directory, with its days and reviews renewed, and a member's freshness note for it.
fn renew(service: &Service, world: &World, former: Option<DirectoryRef>) -> Done {
    let today = SystemClock.today();
    service.origin.take_directory(&world.sign(former, today)?)?;
    let directory = service.origin.directories().current().ok_or(DirectoryError::Stale)?;
    let member = world.any_member()?;
    let gate = directory.gate_key(member.id(), &member.box_keys())?;
    let note = FreshnessNote::make(&directory, today, &gate, &world.authority.fingerprint());
    service.origin.take_freshness(&note.to_bytes()).map_err(|_| Failure::could_not("the freshness note was refused", "check the clock"))
}

fn introduce(args: &Args, world: &World, address: SocketAddr) -> Done {
    let keys = args.data.join("keys");
    let fingerprint = world.authority.fingerprint();
    files::say(format!(
        "Amparo, a demonstration on this machine. Its offices and helplines are examples.\n\n\
         Report, or come back with the words:   http://{address}/\n\
         The authority's fingerprint:           {}\n\n\
         Keys and passphrases:                  {}/\n\
         A member's desk:\n\
         \x20 amparo desk --server http://{address} --authority {fingerprint} \\\n\
         \x20   --key {}/anticorruption-1.key --passphrase-file {}/anticorruption-1.passphrase\n\
         \x20 members: {}\n\n\
         Stop with Ctrl-C. Starting again keeps everything.",
        show_fingerprint(&fingerprint),
        keys.display(),
        keys.display(),
        keys.display(),
        world::MEMBERS.map(|(id, _)| id).join(", "),
    ))
}
