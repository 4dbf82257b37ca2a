//! The Unix socket: replaces what a killed process left, and nothing else.

use std::io::{Error, ErrorKind};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// For its owner and its group: tor or a proxy.
const MODE: u32 = 0o660;

/// Listens at a path. Fails if something stands there that is no socket, or a socket that somebody serves.
pub(super) fn listen(path: &Path) -> std::io::Result<UnixListener> {
    if let Ok(found) = std::fs::symlink_metadata(path) {
        let is_served = UnixStream::connect(path).is_ok();
        if !found.file_type().is_socket() || is_served {
            return Err(Error::from(ErrorKind::AddrInUse));
        }
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(MODE))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
