//! The script of `completions` for bash completes a command line in bash.

use crate::commands::PROGRAM;
use std::process::Command;

/// What bash offers after these words, of which the last one is being typed.
fn completed(words: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let (last, before) = (words.len() - 1, words.len() - 2);
    let script = format!(
        "source <(\"$1\" completions bash); COMP_WORDS=({}); COMP_CWORD={last}; COMPREPLY=()\n\
         call=$(complete -p {PROGRAM}); call=${{call#*-F }}; call=${{call%% *}}\n\
         $call {PROGRAM} '{}' '{}'\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words[last],
        words[before]
    );
    let program = env!("CARGO_BIN_EXE_cluster-image-registry-operator");
    let output = Command::new("bash").args(["--noprofile", "--norc", "-c", &script, "bash", program]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_and_flags() {
    assert_eq!(completed(&[PROGRAM, "pl"]), ["plan"]);
    assert_eq!(completed(&[PROGRAM, "check", "--gol"]), ["--golden"]);
    assert_eq!(completed(&[PROGRAM, "render", "--output", "ya"]), ["yaml"]);
}
