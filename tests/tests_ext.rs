//! The extension of `openshift-tests` speaks its protocol: what it prints is read by a strict reader in Go, which chooses
//! the same tests by the expressions in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

#[path = "support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use support::servers::ote;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-image-registry-operator-tests-ext");

/// Runs the program where there is no cluster.
fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env_clear().env("KUBECONFIG", "/nowhere").output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    assert!(output.stderr.is_empty(), "the caller reads it as a part of the result: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(arguments)).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(arguments: &[&str]) -> Vec<String> {
    printed(&[arguments, &["-o", "names"]].concat()).lines().map(str::to_owned).collect()
}

/// Environments as variables of expressions, and as the flags that `openshift-tests` passes.
fn environments() -> Vec<(Value, Vec<&'static str>)> {
    let all = [
        "--platform=aws",
        "--network=ovn",
        "--network-stack=ipv4",
        "--upgrade=None",
        "--topology=HighlyAvailable",
        "--architecture=amd64",
        "--external-connectivity=Direct",
        "--optional-capability=Console",
        "--optional-capability=ImageRegistry",
        "--feature-gate=One",
        "--api-group=imageregistry.operator.openshift.io",
        "--fact=key=value",
        "--version=4.22.3",
    ];
    let all_variables = json!({
        "platform": "aws", "network": "ovn", "networkStack": "ipv4", "upgrade": "None", "topology": "HighlyAvailable",
        "architecture": "amd64", "externalConnectivity": "Direct", "optionalCapabilities": ["Console", "ImageRegistry"],
        "featureGates": ["One"], "apiGroups": ["imageregistry.operator.openshift.io"], "facts": {"key": "value"},
        "version": "4.22.3",
    });
    vec![
        (all_variables, all.to_vec()),
        (
            json!({"topology": "External", "optionalCapabilities": ["ImageRegistry"]}),
            vec!["--topology=External", "--optional-capability=ImageRegistry"],
        ),
        (json!({"optionalCapabilities": ["Console"]}), vec!["--optional-capability=Console"]),
        (json!({"platform": "none"}), vec!["--platform=none"]),
    ]
}

#[test]
fn a_strict_reader_understands_everything_and_chooses_the_same_tests() {
    let info = document(&["info"]);
    let failed = run(&["run-suite", "openshift/cluster-image-registry-operator/operator/parallel", "-o", "jsonl"]);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    let environments = environments();
    let told = ote(&json!({
        "info": info,
        "suites": document(&["list", "suites"]),
        "tests": document(&["list", "tests"]),
        "components": document(&["list", "components"]),
        "results": lines(&String::from_utf8(failed.stdout).unwrap()),
        "environments": environments.iter().map(|(variables, _)| variables).collect::<Vec<_>>(),
    }))
    .unwrap();
    for suite in names(&["list", "suites"]) {
        let ours = names(&["list", "tests", "--suite", &suite]);
        assert!(!ours.is_empty());
        assert_eq!(told["suites"][&suite], json!(ours), "{suite}");
    }
    let mut sizes = Vec::new();
    for ((_, flags), theirs) in environments.iter().zip(told["environments"].as_array().unwrap()) {
        let ours = names(&[&["list", "tests"], flags.as_slice()].concat());
        assert_eq!(*theirs, json!(ours), "{flags:?}");
        sizes.push(ours.len());
    }
    let all = names(&["list"]).len();
    assert_eq!(sizes, [all, all - 2, 0, 0]);
}

#[test]
fn a_strict_reader_is_strict() {
    let mut info = document(&["info"]);
    info["apiversion2"] = json!("v1.1");
    let error = ote(&json!({ "info": info })).unwrap_err();
    assert!(error.contains("unknown field"), "{error}");
}

#[test]
fn formats_say_the_same() {
    let tests = document(&["list", "tests"]);
    assert_eq!(json!(lines(&printed(&["list", "-o", "jsonl"]))), tests);
    assert_eq!(document(&["list"]), tests);
    let of = |tests: &Value| tests.as_array().unwrap().iter().map(|test| test["name"].clone()).collect::<Vec<_>>();
    assert_eq!(json!(names(&["list"])), json!(of(&tests)));
    assert_eq!(document(&["images"]), json!([]));
    assert_eq!(
        document(&["info", "--component", "openshift:payload:cluster-image-registry-operator"]),
        document(&["info"])
    );
}

#[test]
fn names_come_from_arguments_flags_and_standard_input() {
    let all = names(&["list"]);
    let [one, two] = [all[0].as_str(), all[1].as_str()];
    let by_arguments = run(&["run-test", "-o", "jsonl", "-n", one, "--names", two, "-n", one]);
    let mut piped = Command::new(PROGRAM);
    piped.args(["run-test", "-o", "json"]).env_clear().env("KUBECONFIG", "/nowhere");
    let mut piped = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    piped.stdin.take().unwrap().write_all(format!("{one}\n\n{two}\n").as_bytes()).unwrap();
    let piped = piped.wait_with_output().unwrap();
    let piped_results: Value = serde_json::from_slice(&piped.stdout).unwrap();
    let results = lines(&String::from_utf8(by_arguments.stdout).unwrap());
    for (results, status) in
        [(results.as_slice(), by_arguments.status), (piped_results.as_array().unwrap(), piped.status)]
    {
        assert_eq!(status.code(), Some(1));
        let found: Vec<&Value> = results.iter().map(|result| &result["name"]).collect();
        assert_eq!(found, [one, two]);
        for result in results {
            let error = result["error"].as_str().unwrap();
            assert!(result["result"] == "failed" && error.contains("name a kubeconfig in $KUBECONFIG"), "{result}");
        }
    }
}

#[test]
fn wrong_usage_names_what_there_is() {
    let name = &names(&["list"])[0];
    for (arguments, wanted) in [
        (&["run-test", &name[..name.len() - 1]][..], format!("did you mean {name:?}?")),
        (&["run-suite", "operator/serial"], "openshift/cluster-image-registry-operator/operator/serial".to_owned()),
        (&["list", "tests", "--suite", "nothing like it"], "`list suites`".to_owned()),
        (&["info", "--component", "other"], "openshift:payload:cluster-image-registry-operator".to_owned()),
        (&["list", "-o", "yaml"], "jsonl".to_owned()),
        (&["list", "--fact", "key"], "write KEY=VALUE".to_owned()),
        (&["run-test"], "name at least one test".to_owned()),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(&wanted), "{arguments:?}: {said}");
    }
}
