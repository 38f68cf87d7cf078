//! Command lines as readers type them, taken apart and given to the program's own parser.

use clap::Parser;
use clap::error::ErrorKind;
use cluster_image_registry_operator::cli::Cli;

pub const PROGRAM: &str = "cluster-image-registry-operator";

/// Words and the operators between commands, with what quotes hold together kept so. Ends at a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '#') if words.last().is_some_and(String::is_empty) => break,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '|' | ';' | '&' | '(' | ')') => words.extend([c.to_string(), String::new()]),
            (None, _) if c.is_whitespace() => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The arguments of every call of the program in a line.
fn calls(line: &str) -> Vec<Vec<String>> {
    let words = words(line);
    let commands = words.split(|word| matches!(word.as_str(), "|" | ";" | "&" | "(" | ")"));
    commands.filter_map(arguments).collect()
}

/// What follows the program's name, up to a redirection; none if another program is called.
fn arguments(command: &[String]) -> Option<Vec<String>> {
    let cargo = ["cargo", "run", "--release", "--"];
    let begins = |words: &[&str]| command.len() >= words.len() && command.iter().zip(words).all(|(a, b)| a == b);
    let rest = match command.first()? {
        first if first.rsplit('/').next() == Some(PROGRAM) => &command[1..],
        _ if begins(&cargo) => &command[cargo.len()..],
        _ => return None,
    };
    Some(rest.iter().take_while(|word| !word.starts_with(['>', '<'])).cloned().collect())
}

fn parse(arguments: &[String]) -> Result<(), clap::Error> {
    match Cli::try_parse_from([PROGRAM.to_owned()].iter().chain(arguments)) {
        Err(error) if error.use_stderr() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// How many calls of the program there are, if each of them is understood.
pub fn check(line: &str) -> Result<usize, String> {
    let calls = calls(line);
    for call in &calls {
        parse(call).map_err(|error| error.to_string())?;
    }
    Ok(calls.len())
}

/// The same for what may lack the arguments that a verb wants.
pub fn check_beginning(line: &str) -> Result<(), String> {
    let lacks = [ErrorKind::MissingRequiredArgument, ErrorKind::MissingSubcommand];
    for call in calls(line) {
        match parse(&call) {
            Err(error) if !lacks.contains(&error.kind()) && !call.is_empty() => return Err(error.to_string()),
            _ => {}
        }
    }
    Ok(())
}

#[test]
fn calls_are_found_and_wrong_ones_refused() {
    assert_eq!(check("oc get -o yaml x | cluster-image-registry-operator render -f - > out"), Ok(1));
    assert_eq!(check("source <(cluster-image-registry-operator completions bash)"), Ok(1));
    assert_eq!(check("oc get co # cluster-image-registry-operator nonsense"), Ok(0));
    assert!(check("cluster-image-registry-operator plan --dry-run").is_err());
    assert!(check("cargo run --release -- check -f x").is_err());
    assert_eq!(check_beginning("cluster-image-registry-operator check"), Ok(()));
    assert!(check_beginning("cluster-image-registry-operator checks").is_err());
}
