//! Telling the document on a Unix socket, and asking for it.
//!
//! Whoever connects is told it, and nothing is read. Only the operator's own user may connect, one after the other, and
//! nobody for longer than a moment.

use super::Diagnostics;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::UnixSocket;
use tokio::time::timeout;

/// Where the operator listens unless it is told otherwise.
pub const SOCKET: &str = "/tmp/cluster-image-registry-operator.sock";

/// Connections that wait for their turn.
const BACKLOG: u32 = 8;
/// How long one of them may take.
const ANSWER: Duration = Duration::from_secs(2);
/// How long to wait for an answer: it may be the last turn of all.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before accepting again when the system has run out of something.
const RETRY: Duration = Duration::from_millis(100);
/// The stack of the thread, in bytes.
const STACK: usize = 256 * 1024;
/// Bytes of an answer at most.
const LARGEST: u64 = 8 * 1024 * 1024;

/// A socket that is listened on. Its file is removed when this is dropped.
#[derive(Debug)]
pub(in crate::operator) struct Socket {
    path: PathBuf,
    inode: u64,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Somebody else's may be there by now.
        if fs::symlink_metadata(&self.path).is_ok_and(|file| file.ino() == self.inode) {
            // The next operator finds nobody listening, and removes it then.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Tells the document on a socket at this path, until the process ends.
///
/// # Errors
/// Another process listens there, there is something else, or the system allows no socket or thread.
pub(in crate::operator) async fn serve(path: &Path, diagnostics: Diagnostics) -> io::Result<Socket> {
    let listener = match listen(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            remove_stale(path).await?;
            listen(path)?
        }
        other => other?,
    };
    let socket = Socket { path: path.to_owned(), inode: fs::symlink_metadata(path)?.ino() };
    let thread = std::thread::Builder::new().name("diagnostics".to_owned()).stack_size(STACK);
    thread.spawn(move || answer(&listener, &diagnostics))?;
    Ok(socket)
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let socket = UnixSocket::new_stream()?;
    // The file that it is bound to has the socket's own mode (unix(7)), and at no time another.
    File::from(socket.as_fd().try_clone_to_owned()?).set_permissions(Permissions::from_mode(0o600))?;
    socket.bind(path)?;
    let listener = socket.listen(BACKLOG)?.into_std()?;
    listener.set_nonblocking(false)?;
    Ok(listener)
}

/// Removes the socket of a process that is gone.
async fn remove_stale(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "there is a file that is no socket"));
    }
    match timeout(ANSWER, tokio::net::UnixStream::connect(path)).await {
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        _ => Err(io::Error::new(ErrorKind::AddrInUse, "another operator listens there")),
    }
}

fn answer(listener: &UnixListener, diagnostics: &Diagnostics) {
    for stream in listener.incoming() {
        let told = stream.map(|stream| tell(stream, diagnostics.document().as_bytes()));
        match told {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!("diagnostics were not heard to their end: {error}"),
            Err(error) => {
                tracing::debug!("nobody can ask for diagnostics: {error}");
                std::thread::sleep(RETRY);
            }
        }
    }
}

fn tell(mut stream: UnixStream, mut rest: &[u8]) -> io::Result<()> {
    let end = Instant::now() + ANSWER;
    while !rest.is_empty() {
        let left = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        stream.set_write_timeout(Some(left.ok_or(ErrorKind::TimedOut)?))?;
        let count = stream.write(rest)?;
        rest = rest.get(count..).unwrap_or_default();
    }
    Ok(())
}

/// What the operator that listens there says of itself.
///
/// # Errors
/// Why there is no answer, and what to do, in a sentence.
pub async fn ask(path: &Path) -> Result<String, String> {
    let place = path.display();
    let failed = |error: &io::Error| {
        let reason = match error.kind() {
            ErrorKind::NotFound => "there is no such socket".to_owned(),
            ErrorKind::ConnectionRefused => "the process that made the socket is gone".to_owned(),
            ErrorKind::PermissionDenied => "only the user that the operator runs as may connect".to_owned(),
            _ => error.to_string(),
        };
        format!("no operator listens on {place}: {reason}; ask where it runs, and by the path it was started with")
    };
    let asked = timeout(PATIENCE, async {
        let stream = tokio::net::UnixStream::connect(path).await?;
        let mut text = String::new();
        stream.take(LARGEST).read_to_string(&mut text).await?;
        Ok(text)
    });
    match asked.await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            Err(format!("{place}: no answer within {seconds} seconds; the operator's process is stopped or starved"))
        }
    }
}
