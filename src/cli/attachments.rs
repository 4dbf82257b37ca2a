//! `--attach`: what is said of files in a message, and sending them behind it.

use super::{Done, Failure, files};
use crate::client::{ClientError, ReporterLink};
use crate::crypto::{Hash32, Hasher};
use crate::desk::{Desk, DeskError};
use crate::envelope::{Attachment, ContentKey, EnvelopeError, parts_of};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const READ_BYTES: usize = 64 << 10;
/// Endings of names, and what they say of the content.
const TYPES: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("m4a", "audio/mp4"),
    ("wav", "audio/wav"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("zip", "application/zip"),
];

/// Reads the files once: their sizes and hashes stand in the message, which is stored first.
pub(super) fn manifest(paths: &[PathBuf]) -> Result<Vec<Attachment>, Failure> {
    if !paths.is_empty() {
        files::warn(
            "files are sent as they are, with what they say of place, device and author; clean them first, or send them from the page",
        );
    }
    paths.iter().map(|path| line(path)).collect()
}

fn unreadable(path: &Path) -> Failure {
    Failure::could_not(format!("{} cannot be read", path.display()), "check the path; nothing was sent")
}

fn line(path: &Path) -> Result<Attachment, Failure> {
    let mut file = File::open(path).map_err(|_| unreadable(path))?;
    let (mut size, mut hasher, mut buffer) = (0_u64, Hasher::plain(), vec![0; READ_BYTES]);
    loop {
        let read = file.read(&mut buffer).map_err(|_| unreadable(path))?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    parts_of(size).map_err(|_| Failure::no(format!("{} is longer than 16 GiB", path.display()), "divide it; nothing was sent"))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let media_type = TYPES.iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |(_, media_type)| media_type);
    let (blob, hash) = (Uuid::new_v4(), Hash32(hasher.finish()));
    Ok(Attachment { blob, name, media_type: media_type.into(), size, hash, removed: Vec::new(), original: true })
}

/// Sends the files of a message that arrived.
pub(super) fn send(link: &ReporterLink<'_>, content: &ContentKey, manifest: &[Attachment], paths: &[PathBuf]) -> Done {
    for (line, path) in manifest.iter().zip(paths) {
        let mut file = File::open(path).map_err(|_| unreadable(path))?;
        let mut progress = |done, all| files::warn(&format!("{}: {done} of {all}", path.display()));
        link.send_attachment(content, line, &mut file, &mut progress).map_err(|error| failed(path, error))?;
    }
    Ok(())
}

fn failed(path: &Path, error: ClientError) -> Failure {
    let name = path.display();
    match error {
        ClientError::Envelope(EnvelopeError::SourceChanged) => Failure::no(
            format!("the message arrived; {name} changed while it was sent and did not"),
            "send it with `amparo follow-up --attach` when nothing writes to it any more",
        ),
        ClientError::NoRoom => Failure::no(
            format!("the message arrived; {name} is longer than this service takes, or the mailbox is full"),
            "send a shorter file with `amparo follow-up --attach`",
        ),
        error => Failure::could_not(
            format!("the message arrived; {name} did not: {error}"),
            "the words are good; send the file again with `amparo follow-up --attach`",
        ),
    }
}

/// Fetches an attachment into a new file of its owner alone. It gets its name when all of it was checked; nothing is overwritten.
pub(super) fn fetch(desk: &mut Desk, (id, blob): (&str, &str), out: &Path) -> Done {
    let mut half = out.as_os_str().to_owned();
    half.push(format!(".{}.part", Uuid::new_v4().simple()));
    let half = PathBuf::from(half);
    if out.exists() {
        return Err(DeskError::CannotSave.into());
    }
    let saved = write_to(&half, |file| {
        let write = |bytes: &[u8]| file.write_all(bytes).map_err(|_| DeskError::CannotSave);
        desk.save_attachment(id, blob, write)?;
        file.sync_all().map_err(|_| DeskError::CannotSave)
    });
    // A hard link is refused where a file came meanwhile; a rename would overwrite it.
    let named = saved.and_then(|()| std::fs::hard_link(&half, out).map_err(|_| DeskError::CannotSave));
    let _ = std::fs::remove_file(&half);
    Ok(named?)
}

fn write_to(path: &Path, act: impl FnOnce(&mut File) -> Result<(), DeskError>) -> Result<(), DeskError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    act(&mut file.map_err(|_| DeskError::CannotSave)?)
}
