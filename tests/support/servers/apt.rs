//! Programs out of Debian's packages, unpacked without being installed.

use super::install;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TO_INSTALL: &str = "tests need apt-get and dpkg, of Debian or Ubuntu, in PATH";

/// Where apt-get keeps lists of its own while it downloads.
const LISTS: &str = "apt";

/// The directory with the files of a package, whose version must begin so.
///
/// # Errors
/// Why it cannot be had, or that another version is to be had.
pub fn unpacked(package: &str, version: &str) -> Result<PathBuf, String> {
    install::once(package, &[version], |directory| {
        let archive = download(package, directory)?;
        let found = install::run(Command::new("dpkg-deb").arg("-f").arg(&archive).arg("Version"), TO_INSTALL)?;
        if !found.starts_with(version) {
            return Err(format!("tests need {package} {version}, and Debian's is {found}"));
        }
        install::run(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(directory), TO_INSTALL).map(drop)
    })
}

fn download(package: &str, directory: &Path) -> Result<PathBuf, String> {
    let get = |options: &[String]| {
        let mut apt = Command::new("apt-get");
        apt.current_dir(directory).args(options).args(["download", package]);
        install::run(&mut apt, TO_INSTALL)
    };
    if get(&[]).is_err() {
        // There are no lists of packages, or old ones; only root can renew those of the machine.
        let lists = own_lists(directory)?;
        get(&lists)?;
        fs::remove_dir_all(directory.join(LISTS)).map_err(|error| error.to_string())?;
    }
    let entries = fs::read_dir(directory).map_err(|error| error.to_string())?;
    let mut files = entries.flatten().map(|entry| entry.path());
    let archive = files.find(|path| path.extension().is_some_and(|extension| extension == "deb"));
    archive.ok_or_else(|| format!("apt-get download {package} left no package"))
}

/// Options with which apt-get uses fresh lists of packages of its own.
fn own_lists(directory: &Path) -> Result<Vec<String>, String> {
    let own = directory.join(LISTS);
    for part in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(own.join(part)).map_err(|error| error.to_string())?;
    }
    let option = |name: &str, path: &str| format!("-oDir::{name}={}", own.join(path).display());
    let options = vec![option("State::lists", "lists"), option("Cache", "cache")];
    install::run(Command::new("apt-get").args(&options).arg("update"), TO_INSTALL)?;
    Ok(options)
}
