//! The manual page is what the command line says of itself, and the sections of `man/sections.roff`.

use crate::{assert_generated, read};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use cluster_image_registry_operator::cli::Cli;
use cluster_image_registry_operator::inputs::Environment;

const PAGE: &str = "man/cluster-image-registry-operator.1";

/// The verbs in the order of the help text.
fn verbs() -> Vec<Command> {
    let mut program = Cli::command();
    program.build();
    program.get_subcommands().cloned().collect()
}

fn section(render: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut roff = Vec::new();
    render(&mut roff).unwrap();
    let text = String::from_utf8(roff).unwrap();
    // What stands at the beginning of each part is wanted once.
    let lines = text.lines().filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "));
    lines.map(|line| format!("{}\n", ascii(line.trim_end()))).collect()
}

/// Characters that troff does not read, by their names.
fn ascii(line: &str) -> String {
    let name = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\[u{:04X}]", u32::from(c)) };
    line.chars().map(name).collect()
}

fn of_verb(verb: &Command) -> String {
    let verb = verb.clone().mut_args(|arg| {
        // The program is built, so that the flag is there; and what the short help leaves out is wanted here.
        let is_help = arg.get_id() == "help";
        if is_help { arg.hide(true) } else { arg.hide_short_help(false) }
    });
    let man = Man::new(verb.clone());
    let parts = [
        section(|out| man.render_synopsis_section(out)),
        section(|out| man.render_description_section(out)),
        section(|out| man.render_options_section(out)),
    ];
    let text = parts.concat().replace(".SH SYNOPSIS\n", "").replace(".SH DESCRIPTION\n", ".PP\n");
    format!(".SS {}\n{}", verb.get_name(), text.replace(".SH OPTIONS\n", ".PP\n"))
}

fn page() -> String {
    let program = Cli::command().after_help("").version(None).subcommand_value_name("VERB");
    let man = Man::new(program).section("1").date("").source("").manual("User Commands");
    let mut text = String::from(".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n");
    text += &section(|out| man.render_title(out));
    text += &section(|out| man.render_name_section(out));
    text += &section(|out| man.render_synopsis_section(out));
    text += &section(|out| man.render_description_section(out));
    text += ".SH VERBS\n";
    text.extend(verbs().iter().map(of_verb));
    text += &read("man/sections.roff");
    text
}

#[test]
fn the_page_is_what_the_command_line_says() {
    assert_generated(PAGE, &page());
}

#[test]
fn every_variable_of_the_environment_is_explained() {
    let sections = read("man/sections.roff");
    let missing: Vec<_> =
        Environment::known_names().filter(|name| !sections.contains(&format!(".B {name}\n"))).collect();
    assert!(missing.is_empty(), "man/sections.roff does not explain {missing:?}");
}
