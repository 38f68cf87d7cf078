//! The examples for continuous integration: they parse, their commands are ones, and what bash runs is run here.

use crate::{commands, path, read};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-image-registry-operator");
const INPUT: &str = "scenarios/none-emptydir/input.yaml";

fn yaml(name: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A directory with a scenario, its golden file, and a home with the program where the workflow puts it.
struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = World(tempfile::tempdir().unwrap());
        let scenario = world.path("scenarios/none-emptydir");
        fs::create_dir_all(&scenario).unwrap();
        fs::create_dir_all(world.path("home/program/bin")).unwrap();
        symlink(PROGRAM, world.path("home/program/bin").join(commands::PROGRAM)).unwrap();
        for file in ["input.yaml", "env.yaml"] {
            fs::copy(path("fixtures/none-emptydir").join(file), scenario.join(file)).unwrap();
        }
        world.update();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn update(&self) {
        let update = format!("{PROGRAM} check -f scenarios --golden golden --update");
        assert!(self.bash(&update, &[]).status.success());
    }

    fn edit(&self) {
        let text = fs::read_to_string(self.path(INPUT)).unwrap();
        let edited = text.replacen("  replicas: 1\n", "  replicas: 2\n", 1);
        assert_ne!(text, edited);
        fs::write(self.path(INPUT), edited).unwrap();
    }

    /// As GitHub's runner does it for `shell: bash`.
    fn bash(&self, script: &str, environment: &[(&str, &str)]) -> Output {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(self.0.path()).env_clear();
        let home = self.path("home");
        let path = format!("{}:{}", home.join("program/bin").display(), std::env::var("PATH").unwrap());
        bash.env("HOME", home).env("PATH", path).envs(environment.iter().copied()).output().unwrap()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The script of the workflow's step of that name.
fn step(name: &str) -> String {
    let workflow = yaml("examples/ci/github-actions.yaml").remove(0);
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap().clone();
    let step = steps.into_iter().find(|step| step["name"] == name).unwrap();
    assert_eq!(step["shell"], "bash");
    step["run"].as_str().unwrap().to_owned()
}

fn check(world: &World) -> (Output, String) {
    for file in ["output", "step.md"] {
        fs::write(world.path(file), "").unwrap();
    }
    let environment = [
        ("SCENARIOS", "scenarios"),
        ("GOLDEN", "golden"),
        ("GITHUB_OUTPUT", "output"),
        ("GITHUB_STEP_SUMMARY", "step.md"),
    ];
    (world.bash(&step("Check"), &environment), fs::read_to_string(world.path("output")).unwrap())
}

#[test]
fn the_workflow_checks_and_tells() {
    let world = World::new();
    let (output, code) = check(&world);
    assert_eq!((output.status.code(), code.as_str()), (Some(0), "code=0\n"), "{}", said(&output));
    world.edit();
    let (output, code) = check(&world);
    assert_eq!((output.status.code(), code.as_str()), (Some(0), "code=1\n"), "{}", said(&output));
    let summary = fs::read_to_string(world.path("step.md")).unwrap();
    assert!(summary.contains("`spec.replicas`: `1` → `2`"), "{summary}");
    for code in [0, 1] {
        assert_eq!(world.bash(&step("Verdict"), &[("CODE", &code.to_string())]).status.code(), Some(code));
    }
    fs::remove_dir_all(world.path("golden")).unwrap();
    let (output, code) = check(&world);
    assert_eq!((output.status.code(), code.as_str()), (Some(2), "code=2\n"), "{}", said(&output));
}

/// `gh` is not at hand, so what it is called with is looked at.
#[test]
fn the_workflow_keeps_one_comment() {
    let world = World::new();
    fs::write(world.path("summary.md"), "x".repeat(70_000)).unwrap();
    let gh = |found: &str| {
        let script = format!("#!/bin/bash\nif [[ $* == *--jq* ]]; then printf '{found}'; fi\necho \"$@\" >> calls\n");
        fs::write(world.path("home/program/bin/gh"), script).unwrap();
        assert!(world.bash("chmod +x home/program/bin/gh; rm -f calls", &[]).status.success());
        let output = world.bash(&step("Comment"), &[("GITHUB_REPOSITORY", "o/r"), ("NUMBER", "7")]);
        assert!(output.status.success(), "{}", said(&output));
        fs::read_to_string(world.path("calls")).unwrap().lines().last().unwrap().to_owned()
    };
    assert_eq!(gh(""), "api --silent --method POST repos/o/r/issues/7/comments --field body=@comment.md");
    assert_eq!(gh("11\\n12\\n"), "api --silent --method PATCH repos/o/r/issues/comments/11 --field body=@comment.md");
    let comment = fs::read_to_string(world.path("comment.md")).unwrap();
    assert!(comment.starts_with("<!-- registry manifests -->\nxxx") && comment.len() < 65_536);
}

#[test]
fn the_task_calls_the_program() {
    let [task, pipeline] = &yaml("examples/ci/tekton.yaml")[..] else { panic!("a Task and a Pipeline") };
    let step = &task["spec"]["steps"][0];
    let texts = |field: &str| -> Vec<String> {
        step[field].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let line = [texts("command"), texts("args")].concat().join(" ").replace(['(', ')'], "");
    assert_eq!(commands::check(&line), Ok(1), "{line}");
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let params = names(&task["spec"]["params"]);
    for used in step.to_string().split("$(params.").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(params.iter().any(|param| param == used), "{used} is no parameter");
    }
    let check = pipeline["spec"]["tasks"].as_array().unwrap().iter().find(|one| one["name"] == "check").unwrap();
    assert_eq!(check["taskRef"]["name"], task["metadata"]["name"]);
    assert!(names(&check["params"]).iter().all(|name| params.contains(name)));
}

#[test]
fn the_hook_of_pre_commit_calls_the_program() {
    let hooks = yaml(".pre-commit-hooks.yaml").remove(0);
    for hook in hooks.as_array().unwrap() {
        let arguments = hook["args"].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
        let line: Vec<&str> = [hook["entry"].as_str().unwrap()].into_iter().chain(arguments).collect();
        assert_eq!(commands::check(&line.join(" ")), Ok(1), "{line:?}");
        assert!(read("docs/review-in-ci.md").contains(hook["id"].as_str().unwrap()));
    }
}

fn git(world: &World, arguments: &str) -> Output {
    let identity = "-c user.name=tests -c user.email=tests@example.com -c init.defaultBranch=main";
    world.bash(&format!("git {identity} {arguments}"), &[("GIT_CONFIG_NOSYSTEM", "1")])
}

#[test]
fn the_hook_of_git_refuses_what_is_not_current() {
    let world = World::new();
    assert!(git(&world, "init -q .").status.success());
    let hook = world.path(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(path("examples/ci/pre-commit.sh"), Path::new(&hook)).unwrap();
    let commit = |add: &str| {
        assert!(git(&world, &format!("add {add}")).status.success());
        git(&world, "commit -q -m test")
    };
    let first = commit("scenarios golden");
    assert!(first.status.success(), "{}", said(&first));
    world.edit();
    let refused = commit("scenarios");
    assert!(!refused.status.success() && said(&refused).contains("--update"), "{}", said(&refused));
    // A golden file that is current, but is not part of the commit, does not help.
    world.update();
    let refused = commit("scenarios");
    assert!(!refused.status.success(), "{}", said(&refused));
    let accepted = commit("golden");
    assert!(accepted.status.success(), "{}", said(&accepted));
    fs::write(world.path("other"), "").unwrap();
    let other = git(&world, "rm -q -r --cached golden");
    assert!(other.status.success(), "{}", said(&other));
    assert!(!commit("other").status.success(), "golden files that are gone are refused");
}
