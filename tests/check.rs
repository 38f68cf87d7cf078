//! `check`: golden files come, change, go, and never hold or show a secret.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const ENVIRONMENT: &str = "\
IMAGE: registry.example.com/registry@sha256:aaaa
IMAGE_PRUNER: registry.example.com/cli@sha256:bbbb
OPERATOR_IMAGE: registry.example.com/operator@sha256:cccc
RELEASE_VERSION: 4.22.3
";

const INPUT: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: openshift-image-registry
  annotations:
    openshift.io/sa.scc.supplemental-groups: 1000430000/10000
---
apiVersion: imageregistry.operator.openshift.io/v1
kind: Config
metadata:
  name: cluster
  finalizers: [imageregistry.operator.openshift.io/finalizer]
spec:
  managementState: Managed
  replicas: 1
  httpSecret: correct-horse
  storage:
    managementState: Managed
    emptyDir: {}
";

struct Result {
    code: i32,
    stdout: String,
    stderr: String,
}

/// A directory with the scenarios `none` and `refused` in `fixtures`, and golden files in `golden`.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = World(tempfile::tempdir().unwrap());
        world.scenario("none", INPUT);
        world.scenario("deep/refused", &INPUT.replace("replicas: 1", "replicas: -1"));
        world
    }

    /// One whose golden files are current.
    fn golden() -> Self {
        let world = World::new();
        assert_eq!(world.check("--update").code, 0);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn scenario(&self, name: &str, input: &str) {
        fs::create_dir_all(self.path("fixtures").join(name)).unwrap();
        self.write(&format!("fixtures/{name}/input.yaml"), input);
        self.write(&format!("fixtures/{name}/env.yaml"), ENVIRONMENT);
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &str) -> Result {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Result { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    fn check(&self, flags: &str) -> Result {
        self.run(&format!("check -f fixtures --golden golden {flags}"))
    }

    /// Rewrites a golden file.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{text}");
        self.write(file, &text.replacen(from, to, 1));
    }
}

fn last(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn golden_files_are_what_render_prints_and_then_nothing_differs() {
    let world = World::new();
    let missing = world.check("");
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    assert_eq!(missing.stderr, "error: golden: does not exist; --update makes it\n");
    let update = world.check("--update");
    let want = "added      deep-refused.error\nadded      none.yaml\n0 unchanged, 0 updated, 2 added, 0 deleted\n";
    assert_eq!((update.code, update.stdout.as_str(), update.stderr.as_str()), (0, want, ""));
    let render = world.run("render -f fixtures/none --env-file fixtures/none/env.yaml --mask-secrets");
    assert_eq!(world.read("golden/none.yaml"), render.stdout);
    assert!(!render.stdout.contains("correct-horse"));
    let errors = world.run("render -f fixtures/deep/refused --env-file fixtures/deep/refused/env.yaml").stderr;
    assert_eq!(world.read("golden/deep-refused.error"), errors.replace("fixtures/deep/refused/", ""));
    let same = world.check("");
    let want = "unchanged  deep-refused\nunchanged  none\n2 unchanged, 0 changed, 0 new, 0 orphaned\n";
    assert_eq!((same.code, same.stdout.as_str(), same.stderr.as_str()), (0, want, ""));
    let again = world.check("--update");
    assert_eq!(again.stdout, "2 unchanged, 0 updated, 0 added, 0 deleted\n");
}

#[test]
fn errors_in_golden_files_do_not_depend_on_where_the_scenario_is() {
    let world = World::golden();
    let fixtures = world.path("fixtures");
    for path in ["fixtures/", "./fixtures", fixtures.to_str().unwrap()] {
        let check = world.run(&format!("check -f {path} --golden golden"));
        assert_eq!((check.code, last(&check.stdout)), (0, "2 unchanged, 0 changed, 0 new, 0 orphaned"), "{path}");
    }
}

#[test]
fn a_difference_is_shown_as_a_diff() {
    let world = World::golden();
    world.edit("golden/none.yaml", "progressDeadlineSeconds: 120", "progressDeadlineSeconds: 60");
    let check = world.check("");
    assert_eq!(check.code, 1);
    let want = "changed    none\n--- golden/none.yaml\n+++ none as it is rendered now\n@@ ";
    assert!(check.stdout.contains(want), "{}", check.stdout);
    assert!(
        check.stdout.contains("\n-  progressDeadlineSeconds: 60\n+  progressDeadlineSeconds: 120\n"),
        "{}",
        check.stdout
    );
    assert_eq!(last(&check.stdout), "1 unchanged, 1 changed, 0 new, 0 orphaned");
    assert_eq!(last(&world.check("--update").stdout), "1 unchanged, 1 updated, 0 added, 0 deleted");
    assert_eq!(world.check("").code, 0);
}

#[test]
fn new_scenarios_and_orphans_are_differences() {
    let world = World::golden();
    world.scenario("another", INPUT);
    world.write("golden/old.yaml", "a: b\n");
    world.write("golden/none.error", "error: x\n");
    world.write("golden/README.md", "not a golden file\n");
    let check = world.check("");
    assert_eq!(check.code, 1);
    let want = "new        another: has no golden file; --update writes it\n\
        unchanged  deep-refused\n\
        unchanged  none\n\
        orphaned   none.error: no scenario produces it; --update deletes it\n\
        orphaned   old.yaml: no scenario produces it; --update deletes it\n\
        2 unchanged, 0 changed, 1 new, 2 orphaned\n";
    assert_eq!(check.stdout, want);
    let want = "added      another.yaml\ndeleted    none.error\ndeleted    old.yaml\n\
        2 unchanged, 0 updated, 1 added, 2 deleted\n";
    assert_eq!(world.check("--update").stdout, want);
    assert_eq!(world.check("").code, 0);
    assert!(world.path("golden/README.md").exists());
}

#[test]
fn a_scenario_that_begins_to_be_refused_has_changed() {
    let world = World::golden();
    world.scenario("none", &INPUT.replace("replicas: 1", "replicas: -1"));
    let check = world.check("--summary -");
    assert_eq!(check.code, 1);
    assert!(check.stderr.contains("changed    none\n--- golden/none.yaml\n"), "{}", check.stderr);
    assert!(check.stderr.contains("\n+error: Config/cluster"), "{}", check.stderr);
    assert!(check.stdout.contains("\nIt is refused now:\n\n```text\nerror: Config/cluster"), "{}", check.stdout);
    let want = "updated    none.error\ndeleted    none.yaml\n1 unchanged, 1 updated, 0 added, 0 deleted\n";
    assert_eq!(world.check("--update").stdout, want);
    assert_eq!(world.check("").code, 0);
}

#[test]
fn a_secret_in_a_golden_file_is_never_shown() {
    let world = World::golden();
    world.edit("golden/none.yaml", "<masked>", "hunter2");
    for (what, replacement) in [
        ("only the secret differs", String::new()),
        (
            "something else differs as well",
            "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata: {a: aHVudGVyMg==}\n".to_owned(),
        ),
        ("a list", "---\nkind: List\nitems: [{kind: Secret, stringData: {a: hunter2}}]\n".to_owned()),
        ("it is no YAML", "---\n\"hunter2\n".to_owned()),
    ] {
        let text = world.read("golden/none.yaml");
        world.write("golden/none.yaml", &format!("{text}{replacement}"));
        let check = world.check("--summary -");
        assert_eq!(check.code, 1, "{what}");
        for shown in [&check.stdout, &check.stderr] {
            assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg"), "{what}: {shown}");
        }
        assert!(check.stderr.contains("changed    none\n"), "{what}: {}", check.stderr);
    }
}

#[test]
fn the_summary_names_what_changed() {
    let world = World::golden();
    world.edit("golden/none.yaml", "registry@sha256:aaaa", "registry@sha256:dddd");
    world.edit("golden/none.yaml", "progressDeadlineSeconds: 120", "progressDeadlineSeconds: 60");
    let first = world.read("golden/none.yaml");
    world.write("golden/none.yaml", &format!("{first}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: gone\n"));
    let check = world.check("--summary summary.md");
    assert_eq!(check.code, 1);
    let summary = world.read("summary.md");
    let image = "`registry.example.com/registry@sha256:dddd` → `registry.example.com/registry@sha256:aaaa`";
    for part in [
        "\n1 unchanged, 1 changed, 0 new, 0 orphaned\n",
        "\n| `deep-refused` | unchanged |\n| `none` | **changed** |\n",
        &format!("\n### Images\n\n- {image} in `none`\n\n### `none`\n\n"),
        "\n- changed `Deployment/openshift-image-registry/image-registry`\n  - `spec.progressDeadlineSeconds`: `60` → `120`\n",
        &format!("\n  - `spec.template.spec.containers[registry].image`: {image}\n"),
        "\n- removed `Service/gone`\n",
        "\n<details><summary>Diff</summary>\n\n```diff\n--- none.yaml\n",
    ] {
        assert!(summary.contains(part), "{part}\nis not in\n{summary}");
    }
    let same = World::golden();
    assert_eq!(same.check("--summary -").code, 0);
}

#[test]
fn a_file_and_a_directory_can_be_scenarios_themselves() {
    let world = World::golden();
    let one = world.run("check -f fixtures/none --golden golden2 --update");
    assert_eq!((one.code, one.stdout.lines().next()), (0, Some("added      none.yaml")));
    let file = world.run(
        "check -f fixtures/none/input.yaml fixtures/deep --env-file fixtures/none/env.yaml --golden golden3 --update",
    );
    assert_eq!((file.code, last(&file.stdout)), (0, "0 unchanged, 0 updated, 2 added, 0 deleted"));
    assert_eq!(world.read("golden3/input.yaml"), world.read("golden2/none.yaml"));
    assert_eq!(world.read("golden3/refused.error"), world.read("golden/deep-refused.error"));
}

#[test]
fn golden_files_below_the_scenarios_are_no_scenario() {
    let world = World::golden();
    fs::rename(world.path("golden"), world.path("fixtures/golden")).unwrap();
    let check = world.run("check -f fixtures --golden fixtures/golden");
    assert_eq!((check.code, last(&check.stdout)), (0, "2 unchanged, 0 changed, 0 new, 0 orphaned"));
}

#[test]
fn wrong_usage_is_an_error_with_nothing_on_standard_output() {
    let world = World::golden();
    world.scenario("deep-refused", INPUT);
    fs::create_dir(world.path("empty")).unwrap();
    for (arguments, want) in [
        (
            "check -f fixtures --golden golden",
            "fixtures/deep-refused: is the scenario deep-refused, and so is fixtures/deep/refused; rename",
        ),
        ("check -f empty --golden golden", "empty: no scenario was found; a scenario is a directory with"),
        ("check -f nowhere --golden golden", "nowhere: cannot be read: "),
        ("check -f fixtures/none --golden fixtures/none/env.yaml", "fixtures/none/env.yaml: cannot be read: "),
        ("check -f fixtures/none/input.yaml --env-file nowhere --golden golden", "nowhere: cannot be read"),
        ("check -f fixtures/none --golden golden --summary nowhere/summary", "nowhere/summary: cannot be written: "),
    ] {
        let check = world.run(arguments);
        assert_eq!((check.code, check.stdout.as_str()), (2, ""), "{arguments}");
        assert!(check.stderr.starts_with("error: ") && check.stderr.contains(want), "{arguments}: {}", check.stderr);
    }
}
