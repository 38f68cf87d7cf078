//! From the paths on the command line to the text of files.

use super::limits;
use super::origin::Origin;
use super::report::Report;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What to do about a directory without input.
pub(super) const DIRECTORY_REMEDY: &str = "put *.yaml, *.yml or *.json files with Kubernetes objects into it";
const READ_REMEDY: &str = "check the path given with -f";

/// A file to read; without a path it is standard input.
#[derive(Debug)]
pub(super) struct Source {
    /// What messages call it.
    pub(super) name: String,
    /// The directory on the command line that it was found in.
    pub(super) directory: Option<String>,
    path: Option<PathBuf>,
    /// What to do if it cannot be read.
    remedy: &'static str,
}

impl Source {
    /// An environment file, which is read whatever its name is.
    pub(super) fn environment(path: &Path) -> Self {
        Source {
            name: path.display().to_string(),
            directory: None,
            path: Some(path.to_owned()),
            remedy: "check the path given with --env-file",
        }
    }
}

/// The files that the paths stand for, each once, directories in the order of their names.
pub(super) fn expand(paths: &[PathBuf], report: &mut Report) -> Vec<Source> {
    let mut walk = Walk { sources: Vec::new(), seen: BTreeSet::new(), files: 0, report };
    for path in paths {
        if path.as_os_str() == "-" {
            if walk.seen.insert(path.clone()) {
                walk.sources.push(Source {
                    name: "standard input".to_owned(),
                    directory: None,
                    path: None,
                    remedy: READ_REMEDY,
                });
            }
        } else if path.is_dir() {
            let known = fs::canonicalize(path).is_ok_and(|real| walk.seen.contains(&real));
            let before = (walk.files, walk.report.len());
            walk.directory(path, &path.display().to_string(), 0);
            // A directory that was walked before has nothing new, which is no mistake.
            if !known && before == (walk.files, walk.report.len()) {
                walk.report.file(&name(path), "EmptyInput", "holds no input file", DIRECTORY_REMEDY);
            }
        } else {
            walk.file(path, None);
        }
    }
    walk.sources
}

/// The text of a file, unless it is too large or unreadable. `budget` is what all files may still take.
pub(super) fn read(source: &Source, budget: &mut u64, report: &mut Report) -> Option<String> {
    let origin = Origin::file(source.name.as_str());
    let limit = limits::FILE_BYTES.min(*budget);
    let bytes = match &source.path {
        None => read_bytes(io::stdin().lock(), limit),
        // The size on disk is asked for first, so that a huge file is refused unread.
        Some(path) => match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() && metadata.len() > limit => Ok(None),
            Ok(_) => File::open(path).and_then(|file| read_bytes(file, limit)),
            Err(error) => Err(error),
        },
    };
    match bytes {
        Err(error) => {
            report.file(&origin, "UnreadableInput", format!("cannot be read: {}", plain_error(&error)), source.remedy);
            None
        }
        Ok(None) if limit < limits::FILE_BYTES => {
            let message = format!("the inputs are larger than {} together", mebibytes(limits::TOTAL_BYTES));
            report.file(&origin, "InputTooLarge", message, "give only the files that the registry depends on");
            None
        }
        Ok(None) => {
            let message = format!("is larger than {}", mebibytes(limits::FILE_BYTES));
            report.file(&origin, "InputTooLarge", message, "leave out objects that the registry does not depend on");
            None
        }
        Ok(Some(bytes)) => {
            *budget = budget.saturating_sub(bytes.len() as u64);
            text(bytes, &origin, report)
        }
    }
}

/// Everything there is, or `None` if that is more than `limit` bytes.
fn read_bytes(reader: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= limit))
}

fn text(bytes: Vec<u8>, origin: &Origin, report: &mut Report) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let lines = error.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count();
            let origin = Origin { line: lines as u64 + 1, ..origin.clone() };
            report.file(&origin, "NotUtf8", format!("is not UTF-8 at byte {offset}"), "save it as UTF-8 text");
            None
        }
    }
}

/// A walk through directories.
struct Walk<'a> {
    sources: Vec<Source>,
    /// Real paths of files and directories, against loops and double reading.
    seen: BTreeSet<PathBuf>,
    /// Files that were met, read before or not.
    files: usize,
    report: &'a mut Report,
}

impl Walk<'_> {
    fn file(&mut self, path: &Path, directory: Option<&str>) {
        // What has no real path is reported when it is read.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        self.files += 1;
        if self.seen.insert(real) {
            self.sources.push(Source {
                name: path.display().to_string(),
                directory: directory.map(str::to_owned),
                path: Some(path.to_owned()),
                remedy: READ_REMEDY,
            });
        }
    }

    fn directory(&mut self, path: &Path, argument: &str, depth: usize) {
        let entries = fs::canonicalize(path).and_then(|real| {
            if self.seen.insert(real) { fs::read_dir(path)?.collect::<io::Result<Vec<_>>>() } else { Ok(Vec::new()) }
        });
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("cannot be read: {}", plain_error(&error));
                return self.report.file(&name(path), "UnreadableInput", message, READ_REMEDY);
            }
        };
        if depth > limits::DIRECTORY_DEPTH || self.sources.len() > limits::FILES {
            let message =
                format!("has more than {} levels, or more than {} input files", limits::DIRECTORY_DEPTH, limits::FILES);
            return self.report.file(&Origin::file(argument), "InputTooLarge", message, "name the files themselves");
        }
        let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).filter(|path| !is_hidden(path)).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.directory(&path, argument, depth + 1);
            } else if is_input(&path) {
                self.file(&path, Some(argument));
            }
        }
    }
}

fn name(path: &Path) -> Origin {
    Origin::file(path.display().to_string())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Whether a file in a directory is read: by its extension, if it is no environment file, pipe or device.
fn is_input(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let environment = path.file_stem().is_some_and(|stem| stem == "env");
    match extension {
        Some("yaml" | "yml") if environment => false,
        // A dangling link has no metadata; reading it says so.
        Some("yaml" | "yml" | "json") => fs::metadata(path).map_or(true, |metadata| metadata.is_file()),
        _ => false,
    }
}

/// The reason without the number that the system gives it.
pub(super) fn plain_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes / (1024 * 1024))
}
