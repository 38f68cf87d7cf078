//! Pictures of terminals: the text is what the program prints, and the drawing follows from the text.
//!
//! What `plan` prints comes from a cluster: `tests/operator/picture.rs`.

use crate::{assert_generated, path, read};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Size of a character in a monospaced font, in pixels.
const WIDTH: f64 = 7.83;
const HEIGHT: usize = 18;
const MARGIN: usize = 14;

/// Colours of the terminal, on a light and on a dark ground: contrast of 4.5 and more.
const STYLE: &str = "\
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; \
fill: #1f2328 } rect { fill: #f6f8fa; stroke: #d1d9e0 } .bold { font-weight: 600 } .s31 { fill: #b3261e } .s32 { fill: \
#116329 } .s33 { fill: #7d4e00 } .s34 { fill: #0550ae } .s35 { fill: #8250df } .s36 { fill: #1b5c6b } .s2 { opacity: .7 }\n\
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } rect { fill: #0d1117; stroke: #3d444d } .s31 { fill: \
#ff7b72 } .s32 { fill: #56d364 } .s33 { fill: #e3b341 } .s34 { fill: #79c0ff } .s35 { fill: #d2a8ff } .s36 { fill: \
#76e3ea } }";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The classes after a sequence of Select Graphic Rendition.
fn select(classes: &mut Vec<String>, sequence: &str) {
    for code in sequence.split(';') {
        match code {
            "" | "0" => classes.clear(),
            "1" => classes.push("bold".to_owned()),
            code => classes.push(format!("s{code}")),
        }
    }
}

/// A line as spans, one for each style.
fn spans(line: &str, classes: &mut Vec<String>) -> String {
    let mut out = String::new();
    for (index, part) in line.split("\u{1b}[").enumerate() {
        let text = match part.split_once('m').filter(|_| index > 0) {
            Some((sequence, text)) => {
                select(classes, sequence);
                text
            }
            None => part,
        };
        match (text.is_empty(), classes.is_empty()) {
            (true, _) => {}
            (false, true) => out.push_str(&escaped(text)),
            (false, false) => _ = write!(out, "<tspan class=\"{}\">{}</tspan>", classes.join(" "), escaped(text)),
        }
    }
    out
}

fn plain(line: &str) -> String {
    let rest = line.split("\u{1b}[").enumerate();
    rest.map(|(index, part)| if index == 0 { part } else { part.split_once('m').map_or("", |(_, text)| text) })
        .collect()
}

fn drawn(text: &str, title: &str) -> String {
    let longest = text.lines().map(|line| plain(line).chars().count()).max().unwrap();
    let (width, height) = ((longest as f64 * WIDTH) as usize + 2 * MARGIN, text.lines().count() * HEIGHT + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<style>\n{STYLE}\n</style>\n\
         <rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
        width - 1,
        height - 1
    );
    let mut classes = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let y = MARGIN + index * HEIGHT + 13;
        _ = writeln!(out, "<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">{}</text>", spans(line, &mut classes));
    }
    out + "</svg>\n"
}

fn program(directory: &Path, arguments: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
    command.args(arguments.split_whitespace()).current_dir(directory).stdin(Stdio::null());
    command.env_clear().env("CLICOLOR_FORCE", "1");
    let output = command.output().unwrap();
    assert!(output.status.code().unwrap() < 2, "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Three scenarios, of which one was given another number of replicas.
fn check() -> String {
    let directory = tempfile::tempdir().unwrap();
    for name in ["aws-default", "baremetal-pvc", "none-emptydir"] {
        let scenario = directory.path().join("scenarios").join(name);
        fs::create_dir_all(&scenario).unwrap();
        for file in ["input.yaml", "env.yaml"] {
            fs::copy(path("fixtures").join(name).join(file), scenario.join(file)).unwrap();
        }
    }
    let arguments = "check -f scenarios --golden golden";
    program(directory.path(), &format!("{arguments} --update"));
    let input = directory.path().join("scenarios/aws-default/input.yaml");
    let text = fs::read_to_string(&input).unwrap();
    let edited = text.replacen("  replicas: 2\n", "  replicas: 3\n", 1);
    assert_ne!(text, edited);
    fs::write(&input, edited).unwrap();
    format!("$ cluster-image-registry-operator {arguments}\n{}", program(directory.path(), arguments))
}

#[test]
fn the_picture_of_check_shows_what_it_prints() {
    let text = check();
    assert!(text.contains("\u{1b}[31m") && text.contains("\u{1b}[32m"), "{text}");
    assert_generated("docs/pictures/check.txt", &text);
    assert_generated("docs/pictures/check.svg", &drawn(&text, "check in a terminal"));
}

#[test]
fn the_picture_of_plan_is_drawn_from_its_text() {
    let text = read("docs/pictures/plan.txt");
    assert_generated("docs/pictures/plan.svg", &drawn(&text, "plan in a terminal"));
}

#[test]
fn styles_become_classes_and_signs_stay_harmless() {
    let mut classes = Vec::new();
    assert_eq!(
        spans("a\u{1b}[1m\u{1b}[31m<b>\u{1b}[0m&", &mut classes),
        "a<tspan class=\"bold s31\">&lt;b&gt;</tspan>&amp;"
    );
    assert_eq!(plain("a\u{1b}[31mb\u{1b}[0mc"), "abc");
}
