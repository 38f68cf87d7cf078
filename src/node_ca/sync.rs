//! One comparison of the source with the node's directory, file by file.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Keys of the source that are no host names: the CAs of the storage service are for the registry alone.
const NO_HOSTS: [&str; 1] = ["storage-ca-bundle.pem"];

/// What container runtimes read in the directory of a host.
const CERTIFICATE: &str = "ca.crt";
const TEMPORARY: &str = "ca.crt.tmp";

const DIRECTORY_MODE: u32 = 0o755;

/// What one comparison did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were written.
    pub copied: usize,
    /// Files that were equal already.
    pub skipped: usize,
    /// Directories of hosts that are gone from the source.
    pub trimmed: usize,
    /// A line for everything that failed; the rest was done nevertheless.
    pub errors: Vec<String>,
}

impl Report {
    /// Whether there is nothing to tell: no change and no error.
    pub fn is_quiet(&self) -> bool {
        self.copied == 0 && self.trimmed == 0 && self.errors.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { copied, skipped, trimmed, errors } = self;
        write!(f, "copied: {copied:03} skipped: {skipped:03} trimmed: {trimmed:03}")?;
        if errors.is_empty() { Ok(()) } else { write!(f, " errors: {:03}", errors.len()) }
    }
}

/// Writes every CA of the source below the destination and removes the directories of hosts without one.
///
/// File `host..5000` becomes `host:5000/ca.crt`. Symlinks are followed; directories and names with a leading dot are
/// how ConfigMaps are mounted, and are skipped. If the source cannot be listed, nothing at all is removed.
pub fn sync(source: &Path, destination: &Path) -> Report {
    let mut report = Report::default();
    let names = match names(source) {
        Ok(names) => names,
        Err(error) => {
            report.errors.push(format!("{}: the CAs cannot be listed: {error}", source.display()));
            return report;
        }
    };
    if let Err(error) = create_directory(destination) {
        report.errors.push(format!("{}: the directory cannot be created: {error}", destination.display()));
        return report;
    }
    let mut hosts = BTreeSet::new();
    for name in names {
        let path = source.join(&name);
        let host = host(&name);
        let copied = fs::metadata(&path).and_then(|metadata| {
            let directory = destination.join(&host);
            if metadata.is_file() { copy(&path, metadata.mode() & 0o7777, &directory).map(Some) } else { Ok(None) }
        });
        match copied {
            Ok(None) => continue,
            Ok(Some(true)) => report.copied += 1,
            Ok(Some(false)) => report.skipped += 1,
            Err(error) => report.errors.push(format!("{}: the CA cannot be copied: {error}", path.display())),
        }
        // A host whose file cannot be read right now has not gone.
        hosts.insert(host);
    }
    trim(destination, &hosts, &mut report);
    report
}

/// The names in the source that may be hosts, in order.
fn names(source: &Path) -> io::Result<BTreeSet<OsString>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(source)? {
        let name = entry?.file_name();
        if !name.as_encoded_bytes().starts_with(b".") && !NO_HOSTS.iter().any(|other| name == *other) {
            names.insert(name);
        }
    }
    Ok(names)
}

/// The directory of a host: keys of ConfigMaps cannot have a colon, so the last `..` stands for it.
fn host(name: &OsString) -> OsString {
    // Keys of ConfigMaps are ASCII; any other name is no host with a port.
    match name.to_str().and_then(|name| name.rsplit_once("..")) {
        Some((host, port)) => format!("{host}:{port}").into(),
        None => name.clone(),
    }
}

/// Whether the file had to be written.
fn copy(source: &Path, mode: u32, directory: &Path) -> io::Result<bool> {
    let content = fs::read(source)?;
    let target = directory.join(CERTIFICATE);
    let equal_mode = fs::metadata(&target).is_ok_and(|metadata| metadata.mode() & 0o7777 == mode);
    if equal_mode && fs::read(&target).is_ok_and(|there| there == content) {
        return Ok(false);
    }
    create_directory(directory)?;
    let temporary = directory.join(TEMPORARY);
    let written = write(&temporary, &content, mode).and_then(|()| fs::rename(&temporary, &target));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written.map(|()| true)
}

fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
    // The mode above is cut by the umask, and not applied to a file that an earlier run left behind.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(content)?;
    file.sync_all()
}

fn create_directory(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path)
}

/// Removes what is no host of the source any more. Files and symlinks are somebody else's and stay.
fn trim(destination: &Path, hosts: &BTreeSet<OsString>, report: &mut Report) {
    let listed = fs::read_dir(destination).and_then(|entries| {
        let mut unknown = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() && !hosts.contains(&entry.file_name()) {
                unknown.push(entry.path());
            }
        }
        Ok(unknown)
    });
    let unknown = match listed {
        Ok(unknown) => unknown,
        Err(error) => {
            report.errors.push(format!("{}: the hosts cannot be listed: {error}", destination.display()));
            return;
        }
    };
    for path in unknown {
        match fs::remove_dir_all(&path) {
            Ok(()) => report.trimmed += 1,
            Err(error) => report.errors.push(format!("{}: the host cannot be removed: {error}", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_last_double_dot_is_the_colon() {
        for (name, directory) in [
            ("", ""),
            ("registry.example.com", "registry.example.com"),
            ("registry.example.com..5000", "registry.example.com:5000"),
            ("a..b..5000", "a..b:5000"),
            ("a...5000", "a.:5000"),
            ("..", ":"),
            ("a..", "a:"),
        ] {
            assert_eq!(host(&name.into()), directory, "{name}");
        }
    }
}
