//! What was counted.

use super::PHASES;
use crate::cluster::audit::{Request, writes};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The requests of one contender in one phase.
pub struct Row {
    contender: String,
    phase: &'static str,
    verbs: BTreeMap<String, usize>,
    writes: usize,
    /// The requests themselves, for a test that fails.
    lines: Vec<String>,
}

impl Row {
    /// Paths that are no resource are how a client learns which kinds there are.
    pub fn of(contender: &str, phase: &'static str, requests: &[Request]) -> Self {
        let mut verbs = BTreeMap::new();
        for request in requests {
            let is_dry = request.uri.contains("dryRun=All");
            let verb = if request.resource.is_empty() { "discovery" } else { request.verb.as_str() };
            let verb = if is_dry { format!("{verb} dry-run") } else { verb.to_owned() };
            *verbs.entry(verb).or_default() += 1;
        }
        let is_dry = |request: &&&Request| request.uri.contains("dryRun=All");
        let writes = writes(requests).iter().filter(|request| !is_dry(request)).count();
        let lines = requests.iter().map(|request| format!("{} {}", request.verb, request.uri)).collect();
        Row { contender: contender.to_owned(), phase, verbs, writes, lines }
    }

    /// All requests but those for the kinds, which some clients keep on disk.
    fn total(&self) -> usize {
        self.verbs.iter().filter(|(verb, _)| *verb != "discovery").map(|(_, count)| count).sum()
    }

    fn discovery(&self) -> usize {
        self.verbs.get("discovery").copied().unwrap_or(0)
    }
}

/// Everything that was counted.
pub struct Rows(pub Vec<Row>);

impl Rows {
    /// One line for each contender.
    pub fn table(&self) -> String {
        let mut table = format!("| requests | {} |\n|---|---:|---:|---:|---:|\n", PHASES.join(" | "));
        let mut contenders: Vec<&str> = self.0.iter().map(|row| row.contender.as_str()).collect();
        contenders.dedup();
        for contender in contenders {
            let cell = |phase| {
                let row = self.0.iter().find(|row| row.contender == contender && row.phase == phase);
                row.map_or("–".to_owned(), |row| match (row.writes, row.discovery()) {
                    (writes, 0) => format!("{} ({writes} writes)", row.total()),
                    (writes, discovery) => format!("{} ({writes} writes) + {discovery} for the kinds", row.total()),
                })
            };
            let _ = writeln!(table, "| {contender} | {} |", PHASES.map(cell).join(" | "));
        }
        table
    }

    /// `contender,phase,verb,requests`.
    pub fn write(&self, path: &Path) {
        let mut text = "contender,phase,verb,requests\n".to_owned();
        for row in &self.0 {
            for (verb, count) in &row.verbs {
                let _ = writeln!(text, "{},{},{verb},{count}", row.contender, row.phase);
            }
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// At most so many requests, and so many writes of them, in each phase.
    pub fn assert_within(&self, contender: &str, ceilings: [(usize, usize); 4]) {
        for (phase, (requests, writes)) in PHASES.into_iter().zip(ceilings) {
            let row = self.0.iter().find(|row| row.contender == contender && row.phase == phase).unwrap();
            let found = (row.total() + row.discovery(), row.writes);
            let is_within = found.0 <= requests && found.1 <= writes;
            let list = row.lines.join("\n");
            assert!(
                is_within,
                "{contender}, {phase}: {found:?} requests and writes, not {requests}, {writes}:\n{list}"
            );
        }
    }
}
