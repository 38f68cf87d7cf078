//! A directory with a file for every object.

use crate::cli::output::{self, Failure};
use crate::cli::{planning, yaml};
use crate::render::ObjectId;
use crate::render::plan::Plan;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// Writes the objects, and says what it did and what else is there.
pub(super) fn write(directory: &Path, plan: &Plan, masked: bool) -> Result<Vec<String>, Failure> {
    fs::create_dir_all(directory).map_err(|error| Failure::io("created", directory, &error))?;
    let mut names = BTreeSet::new();
    let (mut written, mut equal) = (0, 0);
    for (manifest, object) in plan.manifests().zip(planning::objects(plan, masked)) {
        let name = unused_name(manifest.id(), &mut names);
        let (path, text) = (directory.join(name), yaml::document(&object));
        if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            equal += 1;
        } else {
            output::replace_file(&path, &text).map_err(|error| Failure::io("written", &path, &error))?;
            written += 1;
        }
    }
    let mut notes = vec![format!("{}: {written} files written, {equal} were equal already", directory.display())];
    let found = stale(directory, &names).map_err(|error| Failure::io("read", directory, &error))?;
    notes.extend(found.iter().map(|name| {
        format!(
            "{}: is not part of this rendering; delete it if it is from an earlier one",
            directory.join(name).display()
        )
    }));
    Ok(notes)
}

/// `<kind>-<namespace or cluster>-<name>.yaml`; with a number where that is taken.
fn unused_name(id: &ObjectId, names: &mut BTreeSet<String>) -> String {
    let ObjectId { api_version: _, kind, namespace, name } = id;
    let namespace = if namespace.is_empty() { "cluster" } else { namespace };
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let stem: String = format!("{kind}-{namespace}-{name}").chars().map(plain).collect();
    let mut candidate = format!("{stem}.yaml");
    let mut number = 1;
    while !names.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{stem}-{number}.yaml");
    }
    candidate
}

fn stale(directory: &Path, names: &BTreeSet<String>) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".yaml") && !name.starts_with('.') && !names.contains(&name) {
            found.insert(name);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_has_a_file_of_its_own() {
        let mut names = BTreeSet::new();
        let id = |namespace: &str, name: &str| ObjectId {
            api_version: "v1".to_owned(),
            kind: "ClusterRole".to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        let got = [("", "system:registry"), ("", "system-registry"), ("", "System/../x"), ("a", "b-c"), ("a-b", "c")]
            .map(|(namespace, name)| unused_name(&id(namespace, name), &mut names));
        assert_eq!(
            got,
            [
                "clusterrole-cluster-system-registry.yaml",
                "clusterrole-cluster-system-registry-2.yaml",
                "clusterrole-cluster-system-..-x.yaml",
                "clusterrole-a-b-c.yaml",
                "clusterrole-a-b-c-2.yaml",
            ]
        );
    }
}
