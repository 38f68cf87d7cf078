//! The fixtures with canaries in them.

use crate::planting::Planter;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A scenario with canaries, in a directory of its own.
pub struct Scenario {
    pub name: String,
    /// Its files are `input.yaml` and `env.yaml`.
    pub directory: PathBuf,
    /// Its objects.
    pub objects: Vec<Value>,
    /// Canaries in it.
    pub planted: usize,
}

impl Scenario {
    /// Puts other objects into its file.
    pub fn write(&self, objects: &[Value]) {
        let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
        fs::write(self.directory.join("input.yaml"), documents.join("\n---\n")).unwrap();
    }
}

/// Every fixture that can be parsed, below that directory, with canaries in it.
pub fn scenarios(below: &Path) -> Vec<Scenario> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<String> =
        fs::read_dir(&fixtures).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let scenarios: Vec<Scenario> = names.iter().filter_map(|name| scenario(&fixtures, name, below)).collect();
    let planted: usize = scenarios.iter().map(|scenario| scenario.planted).sum();
    assert!(scenarios.len() > 140 && planted > 1000, "{} of {}, {planted} canaries", scenarios.len(), names.len());
    scenarios
}

fn scenario(fixtures: &Path, name: &str, below: &Path) -> Option<Scenario> {
    let text = fs::read_to_string(fixtures.join(name).join("input.yaml")).ok()?;
    let mut objects: Vec<Value> = serde_saphyr::from_multiple(&text).ok()?;
    let mut planter = Planter::default();
    objects.iter_mut().for_each(|object| planter.plant(object));
    let directory = below.join(name);
    fs::create_dir_all(&directory).unwrap();
    if let Ok(environment) = fs::read(fixtures.join(name).join("env.yaml")) {
        fs::write(directory.join("env.yaml"), environment).unwrap();
    }
    let scenario = Scenario { name: name.to_owned(), directory, objects, planted: planter.planted };
    scenario.write(&scenario.objects);
    Some(scenario)
}
