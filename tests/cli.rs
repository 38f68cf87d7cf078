//! Whole commands: exit code, standard output and standard error of the real binary.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const ENVIRONMENT: &str = "\
IMAGE: registry.example.com/registry@sha256:aaaa
IMAGE_PRUNER: registry.example.com/cli@sha256:bbbb
OPERATOR_IMAGE: registry.example.com/operator@sha256:cccc
RELEASE_VERSION: 4.22.3
";

const CONFIG: &str = "\
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

const CLUSTER: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: openshift-image-registry
  annotations:
    openshift.io/sa.scc.supplemental-groups: 1000430000/10000
---
apiVersion: config.openshift.io/v1
kind: Infrastructure
metadata: {name: cluster}
status: {infrastructureName: demo, infrastructureTopology: HighlyAvailable, platform: None, platformStatus: {type: None}}
";

/// A directory with config.yaml, cluster.yaml and env.yaml.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = World(tempfile::tempdir().unwrap());
        for (name, content) in [("config.yaml", CONFIG), ("cluster.yaml", CLUSTER), ("env.yaml", ENVIRONMENT)] {
            world.write(name, content);
        }
        world
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-image-registry-operator"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        command
    }

    fn output(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Everything that a caller of the command sees.
    fn run(&self, arguments: &str) -> String {
        show(&self.output(arguments))
    }
}

fn show(output: &Output) -> String {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let code = output.status.code().unwrap();
    format!("exit code: {code}\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}")
}

fn snapshot(name: &str, shown: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.add_filter(env!("CARGO_PKG_VERSION"), "[version]");
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

#[test]
fn every_verb_has_a_help_text() {
    let world = World::new();
    snapshot("help", &world.run("--help"));
    let offline = ["render", "check", "validate", "crds", "schema", "completions", "node-ca-sync", "move-blobs"];
    for verb in ["run", "plan", "apply", "diagnostics"].into_iter().chain(offline) {
        snapshot(&format!("help_{verb}"), &world.run(&format!("{verb} --help")));
    }
}

/// A kubeconfig of an API server that nobody runs.
const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: none
clusters: [{name: none, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: none, user: {token: correct-horse}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
";

#[test]
fn without_a_cluster_the_verbs_that_need_one_say_so() {
    let world = World::new();
    world.write("kubeconfig", KUBECONFIG);
    for verb in ["", "run", "plan", "plan -f config.yaml", "apply --wait"] {
        for arguments in ["", "--kubeconfig nowhere"] {
            let shown = world.run(&format!("{verb} {arguments}"));
            let want = "exit code: 3\n----- stdout -----\n----- stderr -----\nerror: ";
            assert!(shown.starts_with(want) && shown.lines().count() == 4, "{shown}");
        }
    }
    for verb in ["plan", "plan -o json", "apply", "apply --ignore-lease"] {
        let shown = world.run(&format!("{verb} --kubeconfig kubeconfig"));
        let want = "exit code: 3\n----- stdout -----\n----- stderr -----\nerror: the API server cannot be reached: ";
        assert!(shown.starts_with(want) && shown.lines().count() == 4, "{shown}");
    }
}

#[test]
fn without_an_operator_there_are_no_diagnostics() {
    let world = World::new();
    let shown = world.run("diagnostics --socket nowhere");
    let want = "exit code: 3\n----- stdout -----\n----- stderr -----\nerror: no operator listens on nowhere: ";
    assert!(shown.starts_with(want) && shown.lines().count() == 4, "{shown}");
}

#[test]
fn a_wrong_file_is_told_before_the_cluster_is_asked() {
    let world = World::new();
    world.write("config.yaml", &CONFIG.replace("replicas: 1", "replica: 1"));
    for verb in ["plan", "apply --wait"] {
        let shown = world.run(&format!("{verb} -f config.yaml cluster.yaml --kubeconfig nowhere"));
        assert!(
            shown.starts_with("exit code: 2\n----- stdout -----\n----- stderr -----\nerror: Config/cluster "),
            "{shown}"
        );
        assert!(shown.contains("spec.replica: ") && !shown.contains("nowhere"), "{shown}");
    }
}

#[test]
fn the_version_is_printed() {
    snapshot("version", &World::new().run("--version"));
}

#[test]
fn wrong_usage_is_explained_with_nothing_on_standard_output() {
    let world = World::new();
    for (name, arguments) in [
        ("usage_unknown_verb", "rendr"),
        ("usage_no_path", "render"),
        ("usage_unknown_format", "render -f . -o toml"),
        ("usage_conflict", "render -f . -o json --out-dir out"),
        ("usage_no_golden", "check -f ."),
    ] {
        let shown = world.run(arguments);
        assert!(shown.starts_with("exit code: 2\n----- stdout -----\n----- stderr"), "{shown}");
        snapshot(name, &shown);
    }
}

#[test]
fn render_prints_manifests_and_notes() {
    let world = World::new();
    // Without the finalizer, the operator has something to write back.
    let line = "  finalizers: [imageregistry.operator.openshift.io/finalizer]\n";
    world.write("config.yaml", &CONFIG.replace(line, ""));
    let shown = world.run("render -f . --env-file env.yaml");
    // What is in the manifests is the business of the golden files.
    let starts = ["---", "kind:", "  name:", "  namespace:", "exit", "note:"];
    let lines = shown.lines().filter(|line| starts.iter().any(|start| line.starts_with(start)));
    snapshot("render", &lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn render_is_the_same_whatever_the_order_of_the_input() {
    let world = World::new();
    let one = world.output("render -f config.yaml -f cluster.yaml --env-file env.yaml");
    assert_eq!(one.status.code(), Some(0));
    for arguments in ["render -f cluster.yaml config.yaml --env-file env.yaml", "render -f . -q --env-file env.yaml"] {
        assert_eq!(world.output(arguments).stdout, one.stdout);
    }
    let mut command = world.command("render -f .");
    let pairs = ENVIRONMENT.lines().filter_map(|line| line.split_once(": "));
    assert_eq!(command.envs(pairs).output().unwrap().stdout, one.stdout);
}

#[test]
fn render_reads_standard_input() {
    let world = World::new();
    let mut command = world.command("render -f - --env-file env.yaml");
    world.write("all.yaml", &format!("{CONFIG}---\n{CLUSTER}"));
    let output = command.stdin(fs::File::open(world.path("all.yaml")).unwrap()).output().unwrap();
    assert_eq!(output.stdout, world.output("render -f config.yaml cluster.yaml --env-file env.yaml").stdout);
}

#[test]
fn render_prints_json_and_the_plan() {
    let world = World::new();
    let json = world.output("render -f . --env-file env.yaml -o json").stdout;
    let list: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let yaml = world.output("render -f . --env-file env.yaml").stdout;
    let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(&String::from_utf8(yaml).unwrap()).unwrap();
    assert_eq!(list["kind"], "List");
    assert_eq!(list["items"].as_array().unwrap(), &documents);
    let plan = String::from_utf8(world.output("render -f . --env-file env.yaml -o plan").stdout).unwrap();
    assert!(plan.contains("\nsteps:\n") && plan.contains("\nstatus:\n") && plan.contains("<masked>"));
    assert!(!plan.contains("correct-horse"), "{plan}");
}

#[test]
fn render_names_every_problem_and_prints_nothing() {
    let world = World::new();
    let bad =
        CONFIG.replace("replicas: 1", "replica: 1\n  logLevel: Loud").replace("Managed\n    empty", "Mine\n    empty");
    world.write("config.yaml", &bad);
    let shown = world.run("render -f . --env-file env.yaml --out-dir out");
    assert!(!world.path("out").exists());
    snapshot("render_problems", &shown);
    snapshot("render_missing_file", &world.run("render -f nowhere.yaml --env-file env.yaml"));
}

#[test]
fn render_writes_a_file_for_every_object_and_only_what_differs() {
    let world = World::new();
    let render = "render -f . --env-file env.yaml --out-dir ../out/deep";
    // Outside of the input, which is the whole directory.
    fs::create_dir(world.path("in")).unwrap();
    for name in ["config.yaml", "cluster.yaml", "env.yaml"] {
        fs::rename(world.path(name), world.path("in").join(name)).unwrap();
    }
    let run = || show(&world.command(render).current_dir(world.path("in")).output().unwrap());
    let last = |shown: String| shown.lines().filter(|line| line.contains("out/deep")).collect::<Vec<_>>().join("\n");
    let count = fs::read_dir(world.path("in")).unwrap().count();
    assert_eq!(count, 3);
    let first = last(run());
    let files = names(&world.path("out/deep"));
    assert_eq!(first, format!("note: ../out/deep: {} files written, 0 were equal already", files.len()));
    assert!(files.contains(&"deployment-openshift-image-registry-image-registry.yaml".to_owned()), "{files:?}");
    assert!(files.contains(&"clusterrole-cluster-system-registry.yaml".to_owned()), "{files:?}");
    fs::write(world.path("out/deep/mine.yaml"), "mine").unwrap();
    fs::write(world.path("out/deep").join(&files[0]), "drifted").unwrap();
    let want = format!(
        "note: ../out/deep: 1 files written, {} were equal already\nnote: ../out/deep/mine.yaml: is not part of this \
         rendering; delete it if it is from an earlier one",
        files.len() - 1
    );
    assert_eq!(last(run()), want);
    assert_eq!(fs::read_to_string(world.path("out/deep/mine.yaml")).unwrap(), "mine");
    let documents: String =
        files.iter().map(|name| fs::read_to_string(world.path("out/deep").join(name)).unwrap()).collect();
    let printed = world.command("render -f . --env-file env.yaml").current_dir(world.path("in")).output().unwrap();
    assert_eq!(documents.len(), printed.stdout.len());
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn validate_takes_a_config_by_itself() {
    let world = World::new();
    snapshot("validate", &world.run("validate -f config.yaml"));
    snapshot("validate_all", &world.run("validate -f . --env-file env.yaml"));
    snapshot("validate_nothing", &world.run("validate -f cluster.yaml"));
    world.write("config.yaml", &CONFIG.replace("replicas: 1", "replicas: -1\n  nonsense: true"));
    snapshot("validate_problems", &world.run("validate -f config.yaml"));
}

#[test]
fn the_crds_are_those_of_the_manifests() {
    let output = World::new().output("crds");
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
    let read = |name: &str| fs::read_to_string(manifests.join(name)).unwrap();
    let want = ["00_configs.crd.yaml", "01_imagepruners.crd.yaml"].map(read).concat();
    assert!(String::from_utf8(output.stdout).unwrap() == want, "crds prints something else than manifests/ has");
}

#[test]
fn the_schemas_are_json() {
    let world = World::new();
    let schema = |kind: &str| -> serde_json::Value {
        serde_json::from_slice(&world.output(&format!("schema {kind}")).stdout).unwrap()
    };
    let (config, image_pruner, both) = (schema("config"), schema("imagepruner"), schema(""));
    assert_eq!((&config["title"], &image_pruner["title"]), (&"Config".into(), &"ImagePruner".into()));
    assert_eq!(both["oneOf"], serde_json::json!([config, image_pruner]));
}

#[test]
fn every_shell_gets_completions() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = world.output(&format!("completions {shell}"));
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8(output.stdout).unwrap().contains("mask-secrets"), "{shell}");
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let world = World::new();
    for arguments in ["crds", "schema", "--help", "render -q -f . --env-file env.yaml", "completions bash"] {
        let mut child = world.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(show(&output), "exit code: 0\n----- stdout -----\n----- stderr -----\n", "{arguments}");
    }
}

#[test]
fn nothing_is_coloured_unless_on_a_terminal() {
    let world = World::new();
    for arguments in ["--help", "render", "render -f nowhere", "validate -f ."] {
        assert!(!world.run(arguments).contains('\u{1b}'), "{arguments}");
    }
}
