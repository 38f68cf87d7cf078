//! Scenarios: where they are, what they are called, and what they render.

use crate::cli::output::{Failure, visible};
use crate::cli::planning;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One set of inputs.
pub(super) struct Scenario {
    /// What it is called, and its golden file.
    pub(super) name: String,
    /// Its directory or file.
    path: PathBuf,
    /// Its own environment file, or the one of the command line.
    env_file: Option<PathBuf>,
}

/// What a scenario renders: text that begins its life as a golden file.
pub(super) enum Rendered {
    /// Exactly what `render --mask-secrets` prints.
    Manifests(String),
    /// The errors, one on each line.
    Refused(String),
}

impl Rendered {
    /// The content of the golden file.
    pub(super) fn text(&self) -> &str {
        match self {
            Rendered::Manifests(text) | Rendered::Refused(text) => text,
        }
    }

    /// The name of the golden file.
    pub(super) fn file(&self, scenario: &str) -> String {
        match self {
            Rendered::Manifests(_) => format!("{scenario}.yaml"),
            Rendered::Refused(_) => format!("{scenario}.error"),
        }
    }
}

impl Scenario {
    /// Renders it. That it is refused is a result; that it cannot be read is not.
    pub(super) fn render(&self) -> Result<Rendered, Failure> {
        match planning::plan(std::slice::from_ref(&self.path), self.env_file.as_deref()) {
            Ok(planned) => Ok(Rendered::Manifests(planning::manifests(&planned.plan, true))),
            Err(problems) if problems.iter().any(|problem| problem.reason == "UnreadableInput") => Err(problems.into()),
            Err(problems) => {
                let names = self.names();
                let line = |text: String| format!("error: {}\n", visible(&relative(&text, &names)));
                Ok(Rendered::Refused(problems.iter().map(|problem| line(problem.to_string())).collect()))
            }
        }
    }

    /// The paths that messages may hold, and what golden files have instead, so that these are the same everywhere.
    fn names(&self) -> Vec<(String, String)> {
        let mut files = vec![(self.path.clone(), PathBuf::from(&self.name))];
        if self.path.is_dir() {
            below(&self.path, &self.path, &mut files);
        }
        for path in self.env_file.iter().chain(self.path.is_file().then_some(&self.path)) {
            files.extend(path.file_name().map(|name| (path.clone(), PathBuf::from(name))));
        }
        files.iter().map(|(path, name)| (path.display().to_string(), name.display().to_string())).collect()
    }
}

/// Finds the scenarios that the paths stand for, sorted by name.
pub(super) fn find(paths: &[PathBuf], env_file: Option<&Path>, golden: &Path) -> Result<Vec<Scenario>, Failure> {
    let mut search = Search { env_file, seen: BTreeSet::new(), found: Vec::new() };
    // Golden files are YAML as well, and no scenario.
    search.seen.extend(fs::canonicalize(golden));
    for path in paths {
        if path.is_dir() {
            search.directory(path, &[]).map_err(|error| Failure::io("read", path, &error))?;
        } else {
            fs::metadata(path).map_err(|error| Failure::io("read", path, &error))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            search.found.push(Scenario { name, path: path.clone(), env_file: env_file.map(Path::to_owned) });
        }
    }
    let mut by_name: BTreeMap<String, Scenario> = BTreeMap::new();
    let mut problems = Vec::new();
    for scenario in search.found {
        let path = scenario.path.display().to_string();
        if let Some(other) = by_name.insert(scenario.name.clone(), scenario) {
            let (name, other_path) = (&other.name, other.path.display());
            problems.push(format!("{path}: is the scenario {name}, and so is {other_path}; rename one of them"));
        }
    }
    if by_name.is_empty() {
        let given: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        problems.push(format!(
            "{}: no scenario was found; a scenario is a directory with *.yaml, *.yml or *.json files",
            given.join(", ")
        ));
    }
    if problems.is_empty() { Ok(by_name.into_values().collect()) } else { Err(Failure::from(problems)) }
}

struct Search<'a> {
    env_file: Option<&'a Path>,
    /// Real paths, against links that lead back.
    seen: BTreeSet<PathBuf>,
    found: Vec<Scenario>,
}

impl Search<'_> {
    /// `below` is the way from the path on the command line to here.
    fn directory(&mut self, path: &Path, below: &[String]) -> io::Result<()> {
        let real = fs::canonicalize(path)?;
        if !self.seen.insert(real.clone()) {
            return Ok(());
        }
        let entries = entries(path)?;
        if entries.iter().any(|path| is_document(path)) {
            let own = || real.file_name().map_or_else(|| "scenario".into(), |name| name.to_string_lossy().into_owned());
            let env_file = ["env.yaml", "env.yml"].into_iter().map(|name| path.join(name)).find(|path| path.is_file());
            self.found.push(Scenario {
                name: if below.is_empty() { own() } else { below.join("-") },
                path: path.to_owned(),
                env_file: env_file.or_else(|| self.env_file.map(Path::to_owned)),
            });
            // Directories below belong to the scenario, as they do for `render`.
            return Ok(());
        }
        for path in entries.iter().filter(|path| path.is_dir()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.directory(path, &[below, &[name]].concat())?;
        }
        Ok(())
    }
}

/// What is in a directory, in the order of names, without hidden entries.
fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    let paths: io::Result<Vec<PathBuf>> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths?;
    paths.retain(|path| path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    Ok(paths)
}

fn is_document(path: &Path) -> bool {
    let is_environment = path.file_stem().is_some_and(|stem| stem == "env");
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => path.is_file() && !is_environment,
        Some("json") => path.is_file(),
        _ => false,
    }
}

/// Files below a directory, with their paths from there.
fn below(root: &Path, path: &Path, files: &mut Vec<(PathBuf, PathBuf)>) {
    // What cannot be read has no name in any message either.
    for path in entries(path).unwrap_or_default() {
        if path.is_dir() && !path.is_symlink() {
            below(root, &path, files);
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((path.clone(), name.to_owned()));
        }
    }
}

/// Replaces paths by names where they stand as words of their own.
fn relative(line: &str, names: &[(String, String)]) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let is_start = out.is_empty() || out.ends_with([' ', '(', '"', '\'', '`']);
        let found = names.iter().filter(|_| is_start).find_map(|(path, name)| {
            let after = rest.strip_prefix(path.as_str())?;
            (after.is_empty() || after.starts_with([':', ',', ';', ')', ' ', '"', '\'', '`'])).then_some((name, after))
        });
        match found {
            Some((name, after)) => {
                out.push_str(name);
                rest = after;
            }
            None => {
                out.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_are_replaced_as_words_only() {
        let names = [("./config", "x"), ("config/a.yaml", "a.yaml"), ("config", "c")];
        let names = names.map(|(path, name)| (path.to_owned(), name.to_owned()));
        for (line, want) in [
            ("config/a.yaml:3: wrong", "a.yaml:3: wrong"),
            ("Config/cluster (config/a.yaml:3): wrong", "Config/cluster (a.yaml:3): wrong"),
            ("config: holds no document", "c: holds no document"),
            ("Secret/openshift-config/a.yaml: wrong", "Secret/openshift-config/a.yaml: wrong"),
            ("config-map: wrong", "config-map: wrong"),
            ("config/a.yaml", "a.yaml"),
        ] {
            assert_eq!(relative(line, &names), want);
        }
    }
}
