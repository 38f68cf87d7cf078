//! Links lead somewhere, and commands are commands.

use crate::{commands, path, read};
use std::collections::BTreeSet;
use std::fs;

/// What people read, as paths of this repository.
pub fn pages() -> Vec<String> {
    let in_directory = |directory: &str| {
        let entries = fs::read_dir(path(directory)).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        let pages = names.filter(|name| name.ends_with(".md"));
        pages.map(|name| format!("{directory}/{name}").trim_start_matches("./").to_owned()).collect::<Vec<_>>()
    };
    let mut pages = [in_directory("."), in_directory("docs")].concat();
    pages.sort();
    pages
}

/// Lines outside of fenced blocks.
fn prose(page: &str) -> Vec<&str> {
    let mut is_code = false;
    let mut prose = Vec::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            prose.push(line);
        }
    }
    prose
}

/// Lines of fenced blocks that begin with a prompt, with the lines that continue them.
fn prompts(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut lines = page.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let mut command = command.to_owned();
        while let Some(begin) = command.strip_suffix('\\') {
            command = format!("{begin} {}", lines.next().unwrap());
        }
        commands.push(command);
    }
    commands
}

/// The name under which GitHub links to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn anchors(page: &str) -> BTreeSet<String> {
    let headings = prose(page).into_iter().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for name in pages() {
        let page = read(&name);
        for link in prose(&page).join("\n").split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.contains("://") {
                continue;
            }
            count += 1;
            let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path(&name) } else { path(&name).parent().unwrap().join(file) };
            assert!(target.exists(), "{name} links to {link}, which does not exist");
            if !fragment.is_empty() {
                let found = anchors(&fs::read_to_string(&target).unwrap());
                assert!(found.contains(fragment), "{name} links to {link}, and {file} has {found:?} only");
            }
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn every_command_is_one() {
    let mut count = 0;
    for name in pages() {
        for command in prompts(&read(&name)) {
            count += commands::check(&command).unwrap_or_else(|why| panic!("{name}: {command}: {why}"));
        }
    }
    assert!(count > 15, "{count}");
}

#[test]
fn commands_in_sentences_begin_with_a_verb_that_exists() {
    for name in pages() {
        let text = prose(&read(&name)).join(" ");
        for span in text.split('`').skip(1).step_by(2).filter(|span| span.starts_with(commands::PROGRAM)) {
            commands::check_beginning(span).unwrap_or_else(|why| panic!("{name}: {span}: {why}"));
        }
    }
}

#[test]
fn commands_of_the_manual_page_are_ones() {
    let page = read("man/sections.roff").replace("\\-", "-");
    let lines: Vec<&str> = page.lines().filter(|line| line.trim_start().starts_with(commands::PROGRAM)).collect();
    assert!(lines.len() > 3, "{lines:?}");
    for line in lines {
        commands::check(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    }
}
