//! Reading and writing files, and saying things on standard output.

use super::failure::Failure;
use crate::keys::{self, Passphrase};
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Nobody types more on standard input than this.
const INPUT_MAX_BYTES: u64 = 1 << 20;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|e| Failure::could_not(format!("{} cannot be read: {}", path.display(), e.kind()), "check the path and its permissions"))
}

pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|_| Failure::no(format!("{} is not text in UTF-8", path.display()), "save it as UTF-8"))
}

pub(super) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let wrong = |e: serde_json::Error| Failure::no(format!("{} cannot be read as wanted: {e}", path.display()), "mend the file");
    serde_json::from_slice(&read(path)?).map_err(wrong)
}

pub(super) fn passphrase(path: &Path) -> Result<Passphrase, Failure> {
    Ok(Passphrase::new(read_text(path)?))
}

/// The passphrase of a file; if there is none, one is drawn and the file made.
pub(super) fn passphrase_or_new(path: &Path) -> Result<Passphrase, Failure> {
    if path.exists() {
        return passphrase(path);
    }
    let drawn = keys::new_passphrase();
    write_new_secret(path, drawn.expose().as_bytes())?;
    Ok(drawn)
}

/// A public file.
pub(super) fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let json = serde_json::to_vec_pretty(value);
    write(path, &json.map_err(|_| Failure::could_not(format!("{} cannot be written", path.display()), "start again"))?)
}

/// A new file that only its owner may read. An old one is not overwritten.
pub(super) fn write_new_secret(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all())).map_err(|e| cannot_write(path, &e))
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|e| cannot_write(path, &e))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::could_not(format!("{} cannot be written: {}", path.display(), error.kind()), "choose another path; nothing is overwritten")
}

/// Receipt words come from standard input, never from an argument: arguments are seen by every program of the machine.
pub(super) fn standard_input() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().take(INPUT_MAX_BYTES).read_to_string(&mut text);
    read.map_err(|_| Failure::no("standard input is not text", "give the eight words on standard input"))?;
    Ok(text)
}

/// A line on standard output.
pub(super) fn say(line: impl AsRef<str>) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{}", line.as_ref()).map_err(|_| Failure::could_not("standard output is closed", "let it stay open"))
}

/// A line on standard error that is no failure.
pub(super) fn warn(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
