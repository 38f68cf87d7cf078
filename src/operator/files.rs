//! Files whose change restarts the operator.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes of a file that the operator reads into memory; Kubernetes keeps Secrets and ConfigMaps below that.
const READ_BYTES: u64 = 1024 * 1024;
/// Bytes of a watched file that are hashed. Beyond them only its length counts.
const HASHED_BYTES: u64 = 16 * 1024 * 1024;

/// Waits until one of the files is created, modified or deleted, and returns its path as given.
///
/// What is compared is the content, from the first poll of the future on, so symbolic links that a volume swaps are
/// followed, and a rewrite of the same bytes is no change. A file that cannot be read for a reason other than its
/// absence counts as unchanged until it can be read again. Without files, it never returns.
pub async fn changed(paths: &[PathBuf], every: Duration) -> PathBuf {
    let before = states(paths).await;
    different(paths, &before, every).await
}

async fn different(paths: &[PathBuf], before: &[State], every: Duration) -> PathBuf {
    loop {
        tokio::time::sleep(every).await;
        let now = states(paths).await;
        let difference = before.iter().zip(&now).position(|(before, now)| *now != State::Unknown && before != now);
        if let Some(path) = difference.and_then(|index| paths.get(index)) {
            return path.clone();
        }
    }
}

/// Reads a small file.
///
/// # Errors
/// Whatever opening and reading it yields, and [`ErrorKind::FileTooLarge`] for more than a mebibyte.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?.take(READ_BYTES + 1).read_to_end(&mut content)?;
    if content.len() as u64 > READ_BYTES {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "more than 1 MiB"));
    }
    Ok(content)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Absent,
    Present { length: u64, hash: [u8; 32] },
    Unknown,
}

/// File systems can hang; the loop that renews the lease must not.
async fn states(paths: &[PathBuf]) -> Vec<State> {
    let owned = paths.to_vec();
    let read = tokio::task::spawn_blocking(move || owned.iter().map(|path| state(path)).collect());
    read.await.unwrap_or_else(|_| vec![State::Unknown; paths.len()])
}

fn state(path: &Path) -> State {
    match hash(path) {
        Ok((length, hash)) => State::Present { length, hash },
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => State::Absent,
        Err(_) => State::Unknown,
    }
}

fn hash(path: &Path) -> io::Result<(u64, [u8; 32])> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    let mut file = file.take(HASHED_BYTES);
    let mut hasher = Sha256::new();
    let mut buffer = [0_u8; 8 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((length, hasher.finalize().into())),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Opens regular files only: opening a pipe would wait for its writer.
fn open(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    const DEADLINE: Duration = Duration::from_secs(20);

    /// Changes a directory that is watched for `one` and `two`, and returns the name of the file that is reported.
    async fn reported(directory: &TempDir, change: impl FnOnce(&Path)) -> String {
        let paths = ["one", "two"].map(|name| directory.path().join(name));
        let before = states(&paths).await;
        change(directory.path());
        let watch = different(&paths, &before, Duration::from_millis(1));
        let found = tokio::time::timeout(DEADLINE, watch).await.expect("the change is noticed");
        found.strip_prefix(directory.path()).unwrap().display().to_string()
    }

    #[tokio::test]
    async fn files_that_come_change_and_go_are_reported() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &'static str, content: &'static str| {
            move |directory: &Path| fs::write(directory.join(name), content).unwrap()
        };
        assert_eq!(reported(&directory, write("two", "1")).await, "two");
        assert_eq!(reported(&directory, write("two", "2")).await, "two");
        assert_eq!(reported(&directory, write("one", "")).await, "one");
        assert_eq!(reported(&directory, |directory| fs::remove_file(directory.join("two")).unwrap()).await, "two");
    }

    #[tokio::test]
    async fn a_volume_that_swaps_its_links_is_followed() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for (version, content) in [("..1", "a"), ("..2", "a"), ("..3", "b")] {
            fs::create_dir(root.join(version)).unwrap();
            fs::write(root.join(version).join("two"), content).unwrap();
        }
        symlink("..data/two", root.join("two")).unwrap();
        symlink("..1", root.join("..data")).unwrap();
        let swap = |to: &str| {
            symlink(to, root.join("..tmp")).unwrap();
            fs::rename(root.join("..tmp"), root.join("..data")).unwrap();
        };
        let before = states(&[root.join("two")]).await;
        swap("..2");
        assert_eq!(states(&[root.join("two")]).await, before, "the same bytes elsewhere");
        assert_eq!(reported(&directory, |_| swap("..3")).await, "two");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_no_change() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("one"), "1").unwrap();
        let change = |directory: &Path| {
            fs::remove_file(directory.join("one")).unwrap();
            fs::create_dir(directory.join("one")).unwrap();
            fs::write(directory.join("two"), "2").unwrap();
        };
        assert_eq!(reported(&directory, change).await, "two");
    }

    #[test]
    fn reading_is_bounded() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large");
        fs::write(&path, vec![b'x'; READ_BYTES as usize]).unwrap();
        assert_eq!(read(&path).unwrap().len() as u64, READ_BYTES);
        fs::write(&path, vec![b'x'; READ_BYTES as usize + 1]).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert!(read(directory.path()).is_err());
    }
}
