//! `update`: the list of all tests that there were, so that none is lost by accident.

use super::protocol::Spec;
use super::{Refused, cases, extension, output};
use serde::Deserialize;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

const DIRECTORY: &str = ".openshift-tests-extension";

/// Tests that were removed for good, by name.
const OBSOLETE: [&str; 0] = [];

/// Writes the list of all tests into `.openshift-tests-extension` of the current directory
///
/// It refuses if a test of the old list is gone: its history would end. A renamed test keeps its first name as
/// `original_name`; a test that is removed for good is named among the obsolete ones.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// What is read of an old list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    name: String,
    #[serde(default)]
    original_name: String,
}

pub(super) fn run(_: &Args) -> Result<usize, Refused> {
    update(Path::new(DIRECTORY))?;
    output::print("successfully updated metadata")?;
    Ok(0)
}

fn update(directory: &Path) -> Result<(), Refused> {
    let path = directory.join(format!("{}.json", extension::COMPONENT.identifier().replace(':', "_")));
    let explain = |what: &str, error: &dyn std::fmt::Display| format!("{}: {what}: {error}", path.display());
    let specs: Vec<Spec> = cases::all().into_iter().map(|test| test.spec).collect();
    match fs::read_to_string(&path) {
        Ok(text) => {
            let known: Vec<Known> =
                serde_json::from_str(&text).map_err(|error| explain("is no list of tests", &error))?;
            let lost = lost(&known, &specs);
            if !lost.is_empty() {
                let lost = lost.join("\n  * ");
                return Err(format!(
                    "{}: these tests are gone:\n  * {lost}\nset original_name where one was renamed, or name it in \
                     OBSOLETE of src/tests_ext/update.rs",
                    path.display()
                ));
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(explain("cannot be read", &error)),
    }
    fs::create_dir_all(directory)
        .and_then(|()| output::pretty(&specs).map_err(std::io::Error::other))
        .and_then(|text| fs::write(&path, text + "\n"))
        .map_err(|error| explain("cannot be written", &error))
}

/// The tests that are known and are no more, under neither of their names.
fn lost<'a>(known: &'a [Known], specs: &[Spec]) -> Vec<&'a str> {
    let is_there = |name: &str| specs.iter().any(|spec| spec.name == name || spec.original_name == Some(name));
    let is_lost = |known: &&Known| {
        !is_there(&known.name)
            && (known.original_name.is_empty() || !is_there(&known.original_name))
            && !OBSOLETE.contains(&known.name.as_str())
    };
    known.iter().filter(is_lost).map(|known| known.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Known, lost, update};
    use crate::tests_ext::cases;
    use std::path::Path;

    #[test]
    fn a_test_may_be_renamed_but_not_lost() {
        let mut specs: Vec<_> = cases::all().into_iter().map(|test| test.spec).take(2).collect();
        let known = |name: &str, original: &str| Known { name: name.to_owned(), original_name: original.to_owned() };
        let first = specs[0].name;
        assert!(lost(&[known(first, "")], &specs).is_empty());
        assert_eq!(lost(&[known("gone", ""), known("gone too", "and never there")], &specs), ["gone", "gone too"]);
        specs[1].original_name = Some("gone");
        assert!(lost(&[known("gone", ""), known("between", "gone")], &specs).is_empty());
    }

    #[test]
    fn the_list_is_written_once_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        update(directory.path()).unwrap();
        let path = directory.path().join("openshift_payload_cluster-image-registry-operator.json");
        let text = std::fs::read_to_string(&path).unwrap();
        update(directory.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        std::fs::write(&path, text.replace("should", "could")).unwrap();
        let error = update(directory.path()).unwrap_err();
        assert!(error.contains("could ensure image-registry NetworkPolicies are defined"), "{error}");
    }

    #[test]
    fn the_list_in_the_repository_is_the_newest() {
        let directory = tempfile::tempdir().unwrap();
        update(directory.path()).unwrap();
        let name = "openshift_payload_cluster-image-registry-operator.json";
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join(super::DIRECTORY).join(name);
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let is_newest = read(&committed) == read(&directory.path().join(name));
        assert!(is_newest, "run `cargo run --bin cluster-image-registry-operator-tests-ext update`");
    }
}
