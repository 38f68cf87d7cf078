//! Reading inputs from files: what is taken, what is ignored, and what is refused with which words.

#![allow(clippy::expect_used, clippy::panic)]

use cluster_image_registry_operator::inputs::files::{
    EnvSource, Loaded, Text, environment_from_text, from_documents, load,
};
use cluster_image_registry_operator::inputs::{Environment, Observed};
use cluster_image_registry_operator::problem::Problem;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error>>;

const CANARY: &str = "c4n4ry";
const CONFIG: &str = "\
apiVersion: imageregistry.operator.openshift.io/v1
kind: Config
metadata: {name: cluster}
spec: {managementState: Managed, replicas: 1, storage: {emptyDir: {}}}
";
const PRUNER: &str = "\
apiVersion: imageregistry.operator.openshift.io/v1
kind: ImagePruner
metadata: {name: cluster}
spec: {keepTagRevisions: 3}
";
const INFRASTRUCTURE: &str = "\
apiVersion: config.openshift.io/v1
kind: Infrastructure
metadata: {name: cluster}
status: {infrastructureName: demo-x7k2p, platformStatus: {type: None}}
";
const NAMESPACE: &str = "openshift-image-registry";

fn read(text: &str) -> Result<Loaded, Vec<Problem>> {
    from_documents([Text { name: "in.yaml", content: text }], Environment::default())
}

fn read_ok(text: &str) -> Loaded {
    read(text).unwrap_or_else(|problems| panic!("{}", lines(&problems)))
}

/// The problems as the user sees them, one line each.
fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

fn errors(result: Result<Loaded, Vec<Problem>>) -> String {
    lines(&result.expect_err("these inputs have a mistake"))
}

fn no_variables() -> EnvSource<'static> {
    EnvSource::Variables(BTreeMap::new())
}

fn object(api_version: &str, kind: &str, name: &str, rest: &str) -> String {
    format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {NAMESPACE}}}\n{rest}\n")
}

#[test]
fn every_input_finds_its_place() {
    let documents = [
        CONFIG.to_owned(),
        PRUNER.to_owned(),
        INFRASTRUCTURE.to_owned(),
        object("config.openshift.io/v1", "Proxy", "cluster", "status: {httpProxy: http://proxy:3128}"),
        object("config.openshift.io/v1", "Image", "cluster", "spec: {}"),
        object("config.openshift.io/v1", "APIServer", "cluster", "spec: {}"),
        object("config.openshift.io/v1", "Ingress", "cluster", "spec: {domain: apps.example.com}"),
        object("config.openshift.io/v1", "ClusterVersion", "version", "spec: {}"),
        object("config.openshift.io/v1", "FeatureGate", "cluster", "spec: {}"),
        object("config.openshift.io/v1", "ClusterOperator", "image-registry", "spec: {}"),
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {NAMESPACE}}}\n"),
        "apiVersion: v1\nkind: Node\nmetadata: {name: w1, labels: {zone: a}}\n".to_owned(),
        "apiVersion: v1\nkind: Node\nmetadata: {name: w2}\n".to_owned(),
        object("v1", "Secret", "keys", "type: Opaque\ndata: {a: \"YQ==\\n\", b: Yg==}\nstringData: {b: beta}"),
        object("v1", "ConfigMap", "ca", "data: {text: hello}\nbinaryData: {bytes: AAE=}\nimmutable: true"),
        object("v1", "Service", "image-registry", "spec: {ports: [{port: 5000}]}"),
        object("v1", "PersistentVolumeClaim", "claim", "spec: {}"),
        object("apps/v1", "Deployment", "image-registry", "spec: {replicas: 2}"),
        object("apps/v1", "DaemonSet", "node-ca", "spec: {}"),
        object("batch/v1", "CronJob", "image-pruner", "spec: {schedule: ''}"),
        object("batch/v1", "Job", "image-pruner-1", "spec: {}"),
        object("route.openshift.io/v1", "Route", "default-route", "spec: {host: r.example.com}"),
    ];
    let forward = read_ok(&documents.join("---\n"));
    let mut reversed = documents;
    reversed.reverse();
    let backward = read_ok(&reversed.join("---\n"));
    assert_eq!(format!("{forward:?}"), format!("{backward:?}"), "the order of documents does not matter");

    let inputs = forward.inputs;
    assert_eq!(forward.notes, Vec::<String>::new());
    assert!(inputs.config.present().is_some_and(|config| config.spec.replicas == 1));
    assert!(inputs.image_pruner.present().is_some());
    let cluster = inputs.cluster;
    assert_eq!(cluster.infrastructure.present().map(|it| it.status.infrastructure_name.as_str()), Some("demo-x7k2p"));
    assert_eq!(cluster.proxy.present().map(|it| it.status.http_proxy.as_str()), Some("http://proxy:3128"));
    assert!(cluster.image.present().is_some() && cluster.api_server.present().is_some());
    assert!(cluster.ingress.present().is_some() && cluster.cluster_version.present().is_some());
    assert!(cluster.feature_gate.present().is_some());
    assert_eq!(cluster.namespace_annotations, Observed::Present(BTreeMap::new()));
    let labels = cluster.node_labels.present().cloned().unwrap_or_default();
    assert_eq!(labels.keys().collect::<Vec<_>>(), ["w1", "w2"]);
    let secret = inputs.objects.secret(NAMESPACE, "keys").cloned().unwrap_or_default();
    assert_eq!(secret.data.get("a").and_then(|value| value.text()), Some("a"));
    assert_eq!(secret.data.get("b").and_then(|value| value.text()), Some("beta"), "stringData wins");
    let map = inputs.objects.config_map(NAMESPACE, "ca").cloned().unwrap_or_default();
    assert_eq!(map.binary_data.get("bytes"), Some(&vec![0, 1]));
    assert_eq!((map.data.get("text").map(String::as_str), map.immutable), (Some("hello"), Some(true)));
    let observed = inputs.observed;
    assert!(observed.service.present().is_some() && observed.deployment.present().is_some());
    assert!(observed.node_ca.present().is_some() && observed.pruner.present().is_some());
    assert!(observed.jobs.present().is_some_and(|jobs| jobs.contains_key("image-pruner-1")));
    assert!(observed.routes.present().is_some_and(|routes| routes.contains_key("default-route")));
    assert!(observed.claims.contains_key("claim"));
}

#[test]
fn what_was_not_given_was_not_observed() {
    let inputs = read_ok(CONFIG).inputs;
    assert!(!inputs.image_pruner.was_looked_at() && !inputs.cluster.infrastructure.was_looked_at());
    assert!(!inputs.cluster.namespace_annotations.was_looked_at() && !inputs.observed.routes.was_looked_at());
    assert!(inputs.objects.secrets.is_empty() && inputs.observed.claims.is_empty());
}

#[test]
fn infrastructure_without_config_is_a_fresh_cluster() {
    let fresh = read_ok(INFRASTRUCTURE).inputs;
    assert!(matches!(fresh.config, Observed::Absent) && matches!(fresh.image_pruner, Observed::Absent));
    let pruner = read_ok(&format!("{INFRASTRUCTURE}---\n{PRUNER}")).inputs;
    assert!(matches!(pruner.config, Observed::Absent) && pruner.image_pruner.present().is_some());
    let pruner_alone = read_ok(PRUNER).inputs;
    assert!(!pruner_alone.config.was_looked_at());
}

#[test]
fn lists_are_taken_apart() {
    let typed = "\
apiVersion: v1
kind: SecretList
items:
- metadata: {name: one, namespace: openshift-config}
  data: {a: YQ==}
- metadata: {name: two, namespace: openshift-config}
";
    let nested = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"NodeList\",\
        \"items\":[{\"metadata\":{\"name\":\"w1\"}}]}]}";
    let inputs =
        read_ok(&format!("{CONFIG}---\n{typed}---\n{nested}\n---\napiVersion: v1\nkind: List\nitems: []\n")).inputs;
    assert_eq!(inputs.objects.secrets.len(), 2);
    assert!(inputs.cluster.node_labels.present().is_some_and(|labels| labels.contains_key("w1")));

    let untyped = "apiVersion: v1\nkind: List\nitems:\n- kind: Secret\n  apiVersion: v1\n  metadata: {name: a, namespace: openshift-config}\n- metadata: {name: b}\n- 7\n";
    let text = errors(read(untyped));
    assert!(text.contains("in.yaml:7: is not a Kubernetes object: apiVersion, kind missing"), "{text}");
    assert!(text.contains("in.yaml:8: is not a map"), "{text}");
}

#[test]
fn objects_of_no_interest_are_ignored_with_a_note() {
    let mut documents = vec![
        CONFIG.to_owned(),
        CONFIG.replace("name: cluster", "name: other"),
        CONFIG.replace("imageregistry.operator", "operator"),
        object("config.openshift.io/v1", "ClusterOperator", "image-registry", ""),
        object("networking.k8s.io/v1", "Ingress", "cluster", ""),
        object("apps/v1", "Deployment", "other", ""),
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: default}\n".to_owned(),
    ];
    documents.extend((0..5).map(|index| object("v1", "Pod", &format!("p{index}"), "")));
    let expected = [
        "Config/cluster in in.yaml: not an input, ignored",
        "Config/other in in.yaml: the operator only looks at the name cluster, ignored",
        "Deployment/openshift-image-registry/other in in.yaml: not an input, ignored",
        "Ingress/openshift-image-registry/cluster in in.yaml: not an input, ignored",
        "5 of kind Pod, the first Pod/openshift-image-registry/p0 in in.yaml: not an input, ignored",
        "Secret/default/a in in.yaml: not an input, ignored",
    ];
    assert_eq!(read_ok(&documents.join("---\n")).notes, expected);
    documents.reverse();
    assert_eq!(read_ok(&documents.join("---\n")).notes, expected);
}

/// Mistakes, each with the words that must tell of it.
#[test]
fn mistakes_are_named_with_place_and_remedy() {
    let secret = |rest: &str| object("v1", "Secret", "keys", rest);
    let config = |from: &str, to: &str| CONFIG.replace(from, to);
    let cases: Vec<(String, &[&str])> = vec![
        (String::new(), &["inputs: there is no document in them; give at least Infrastructure or Config"]),
        ("# a comment\n".to_owned(), &["there is no document"]),
        ("---\n---\n".to_owned(), &["there is no document"]),
        (secret(""), &["inputs: there is nothing to render; add Config/cluster"]),
        ("- 1\n".to_owned(), &["in.yaml:1: is not a map"]),
        ("# text\njust text\n".to_owned(), &["in.yaml:2: is not a map"]),
        ("kind: Config\n".to_owned(), &["in.yaml:1: is not a Kubernetes object: apiVersion, metadata.name missing"]),
        ("IMAGE: a\nRELEASE_VERSION: b\n".to_owned(), &["variables of the operator are given with --env-file"]),
        (
            "a: 1\n---\n\nb: [\n---\nc: 1\n".to_owned(),
            &["in.yaml:1:", "in.yaml:4: is not valid YAML: unclosed bracket"],
        ),
        ("a: 1\na: 2\n---\n- 1\n".to_owned(), &["in.yaml:2: the key \"a\" is given twice", "in.yaml:4: is not a map"]),
        ("a: *b\n".to_owned(), &["an alias (*name) refers to no anchor; put quotes"]),
        ("a: !b c\n".to_owned(), &["a tag (!name) has no meaning here"]),
        ("a: .inf\n".to_owned(), &["a number is not finite"]),
        (
            config("/v1", "/v1alpha1"),
            &["Config/cluster (in.yaml:1): apiVersion: ", "; write imageregistry.operator.openshift.io/v1\n"],
        ),
        (config("imageregistry.operator.openshift.io/v1", "v1"), &["; write imageregistry.operator.openshift.io/v1\n"]),
        (config("openshift.io", "openshift.com"), &["; write imageregistry.operator.openshift.io/v1\n"]),
        (config("kind: Config", "kind: Confg"), &["kind: there is no kind Confg in", "write Config\n"]),
        (object("core/v1", "Secret", "a", ""), &["core/v1 is not served for the kind Secret; write v1\n"]),
        (object("apps/v1", "deployment", "image-registry", ""), &["write Deployment\n"]),
        (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n".to_owned(),
            &["Secret/a (in.yaml:1): metadata.namespace: is missing; write the namespace"],
        ),
        (config("replicas: 1", "replicas: yes"), &["Config/cluster (in.yaml:1): spec.replicas: "]),
        (config("replicas: 1", "replicas: 0644"), &["spec.replicas: "]),
        (config("replicas", "replica"), &["spec.replica: ", "did you mean \"replicas\"?"]),
        (config("spec:", "sepc: {}\nspec:"), &["sepc: ", "did you mean \"spec\"?"]),
        (config("spec:", "items: [1]\nspec:"), &["items: unknown field"]),
        (
            secret("data: {a: '?'}"),
            &["Secret/openshift-image-registry/keys (in.yaml:1): data.a: is not base64; encode"],
        ),
        (
            secret("data: {tls.key: 7}"),
            &["data[tls.key]: has the wrong type: a number instead of text; put the value in quotes"],
        ),
        (secret("data: text"), &["data: has the wrong type: text instead of a map"]),
        (secret("immutable: 1"), &["immutable: has the wrong type"]),
        (object("v1", "ConfigMap", "a", "binaryData: {k: '?'}"), &["binaryData.k: is not base64"]),
        (
            "apiVersion: v1\nkind: Node\nmetadata: {name: w1, labels: {a: true}}\n".to_owned(),
            &["Node/w1 (in.yaml:1): metadata.labels.a: has the wrong type: a boolean instead of text"],
        ),
        (
            object(
                "apps/v1",
                "Deployment",
                "image-registry",
                "spec: {replicas: many, template: {spec: {containers: [{name: a}, {name: 7}]}}}",
            ),
            &[
                "spec.replicas: has the wrong type: string instead of",
                "spec.template.spec.containers[1].name: has the wrong type: integer",
            ],
        ),
        (
            INFRASTRUCTURE.replace("demo-x7k2p", "[]"),
            &["status.infrastructureName: has the wrong type: sequence instead of a string"],
        ),
    ];
    for (text, words) in cases {
        let found = errors(read(&text));
        for word in words {
            assert!(found.contains(word), "{word:?} is not in\n{found}for\n{text}");
        }
    }
}

#[test]
fn a_duplicate_is_named_with_both_places() {
    let text = format!("{CONFIG}---\n{PRUNER}---\n{CONFIG}");
    assert_eq!(
        errors(read(&text)),
        "in.yaml:11: Config/cluster was already given at in.yaml:1; give each object once\n"
    );
    let other = CONFIG.replace("replicas: 1", "replicas: 2");
    let texts = [Text { name: "b.yaml", content: CONFIG }, Text { name: "a.yaml", content: &other }];
    let forward = errors(from_documents(texts, Environment::default()));
    assert_eq!(forward, "b.yaml:1: Config/cluster was already given at a.yaml:1; give each object once\n");
    assert_eq!(forward, errors(from_documents([texts[1], texts[0]], Environment::default())));
}

#[test]
fn no_value_is_quoted_in_a_message() {
    let encoded = "YzRuNHJ5"; // the canary in base64
    let secret = |rest: &str| object("v1", "Secret", "keys", rest);
    let deployment = |env: &str| {
        let spec = format!("spec: {{template: {{spec: {{containers: [{{name: registry, env: [{env}]}}]}}}}}}");
        object("apps/v1", "Deployment", "image-registry", &spec)
    };
    let cases = [
        secret(&format!("data: {{a: {CANARY}%}}")),
        secret(&format!("data: {CANARY}")),
        secret(&format!("data: {{a: [{CANARY}]}}")),
        secret(&format!("type: [{CANARY}]")),
        secret(&format!("immutable: {CANARY}")),
        secret(&format!("stringData: {{a: \"{CANARY}")),
        secret(&format!("stringData: {{a: '{CANARY}' '{CANARY}'}}")),
        secret(&format!("stringData: {{a: !{CANARY} a}}")),
        secret(&format!("stringData: {{a: *{CANARY}}}")),
        secret(&format!("stringData: {{a: @{CANARY}}}")),
        secret(&format!("stringData: {{a: {CANARY}: {CANARY}}}")),
        secret(&format!("stringData: {{a: \"\\q{CANARY}\"}}")),
        secret(&format!("data: {{a: {encoded}, a: {encoded}}}")),
        secret(&format!("data: {{a: {encoded}}}\nimmutable: 1")),
        deployment(&format!("{{name: REGISTRY_HTTP_SECRET, value: [{CANARY}]}}")),
        deployment(&format!("{{name: REGISTRY_HTTP_SECRET, valueFrom: {CANARY}}}")),
        CONFIG.replace("replicas: 1", &format!("replicas: 1, httpSecret: [{CANARY}]")),
        CONFIG.replace("replicas: 1", &format!("replicas: many, httpSecret: {CANARY}")),
        CONFIG.replace("name: cluster", &format!("name: cluster, annotations: {CANARY}")),
        object("route.openshift.io/v1", "Route", "r", &format!("spec: {{tls: {{key: [{CANARY}]}}}}")),
        object("route.openshift.io/v1", "Route", "r", &format!("spec: {{tls: {CANARY}}}")),
    ];
    for text in cases {
        let problems = read(&text).expect_err(&text);
        let found = format!("{}{problems:?}", lines(&problems));
        assert!(!found.contains(CANARY) && !found.contains(encoded), "a value leaked:\n{found}for\n{text}");
    }
}

#[test]
fn the_http_secret_of_the_running_registry_is_kept() {
    let deployment = object(
        "apps/v1",
        "Deployment",
        "image-registry",
        "spec: {template: {spec: {containers: [{name: registry, env: [{name: REGISTRY_HTTP_SECRET, value: minted}]}]}}}",
    );
    let inputs = read_ok(&format!("{CONFIG}---\n{deployment}")).inputs;
    assert_eq!(inputs.minted.http_secret.as_ref().map(|secret| secret.expose()), Some("minted"));
    let own = CONFIG.replace("replicas: 1", "replicas: 1, httpSecret: own");
    assert!(read_ok(&format!("{own}---\n{deployment}")).inputs.minted.http_secret.is_none());
}

#[test]
fn bombs_are_defused() {
    let levels: String = (1..30).map(|level| format!("l{level}: &l{level} [*l{0}, *l{0}]\n", level - 1)).collect();
    let config_map = object("v1", "ConfigMap", "a", "");
    let repeated = "*a,".repeat(9_000);
    let cases = [
        (format!("{config_map}l0: &l0 x\n{levels}"), "write the values out instead of using anchors"),
        (format!("{config_map}a: &a {}\nb: [{repeated}]\n", "x".repeat(1_000_000)), "write the values out"),
        (format!("{config_map}a: &a [*a]\n"), "an alias refers to itself"),
        (format!("a: {}", "[".repeat(200_000)), "nested too deeply"),
        ((0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(), "nested too deeply"),
        (format!("{config_map}a: [{}]\n", "1,".repeat(700_000)), "more values than are accepted"),
    ];
    for (text, words) in cases {
        let started = Instant::now();
        let found = errors(read(&format!("{CONFIG}---\n{text}")));
        assert!(found.contains(words), "{words:?} is not in\n{found}");
        assert!(started.elapsed() < Duration::from_secs(5), "{words} took {:?}", started.elapsed());
    }
    // Aliases are fine as such.
    let modest = object("v1", "ConfigMap", "a", "data: &d {k: v}\nother: {<<: *d}\nmore: *d");
    assert!(read(&format!("{CONFIG}---\n{modest}")).is_ok());
    // A flood of broken documents ends early.
    assert!(errors(read(&"a: 1\n---\n".repeat(10_000))).lines().count() <= 21);
}

#[test]
fn the_environment_is_read_as_text() -> Outcome {
    let text = "IMAGE: registry.example.com/a\nRELEASE_VERSION: 4.20\nPOD_NAME:\nHTTP_PROXY: true\n";
    let environment = environment_from_text(Text { name: "env.yaml", content: text }).map_err(|it| lines(&it))?;
    assert_eq!(environment.release_version.as_deref(), Some("4.20"));
    assert_eq!(environment.pod_name, None);

    for (text, words) in [
        (
            "IMAGE: a\nIMAGE_PRUNNER: b\n",
            "env.yaml:2: IMAGE_PRUNNER is not a variable of the operator; did you mean IMAGE_PRUNER?",
        ),
        ("SOMETHING_ELSE: b\n", "leave it out; known are IMAGE, IMAGE_PRUNER,"),
        ("IMAGE: [a]\n", "env.yaml:1: has a value of the wrong type; write one map"),
        ("- IMAGE\n", "write one map of variables and text"),
        ("IMAGE: a\n---\nIMAGE: b\n", "holds more than one document; write one map"),
        ("IMAGE: a\nIMAGE: b\n", "env.yaml:2: the key \"IMAGE\" is given twice"),
    ] {
        let found = lines(&environment_from_text(Text { name: "env.yaml", content: text }).expect_err(text));
        assert!(found.contains(words), "{words:?} is not in\n{found}");
    }

    let directory = tempfile::tempdir()?;
    let (input, env) = (directory.path().join("in.yaml"), directory.path().join("env.yaml"));
    fs::write(&input, "a: 1\n")?;
    fs::write(&env, "IMAGES: a\n")?;
    let found = errors(load(std::slice::from_ref(&input), EnvSource::File(&env)));
    assert_eq!(found.lines().count(), 2, "problems of both are reported: {found}");
    let missing = errors(load(&[input], EnvSource::File(Path::new("no-such-env.yaml"))));
    assert!(
        missing.contains("no-such-env.yaml: cannot be read: it does not exist; check the path given with --env-file"),
        "{missing}"
    );

    let variables = BTreeMap::from([("IMAGE".to_owned(), "a".to_owned()), ("HOME".to_owned(), "/".to_owned())]);
    fs::write(directory.path().join("in.yaml"), CONFIG)?;
    let loaded = load(&[directory.path().to_owned()], EnvSource::Variables(variables)).map_err(|it| lines(&it))?;
    assert_eq!(loaded.inputs.environment.image.as_deref(), Some("a"));
    Ok(())
}

#[test]
fn directories_are_walked_in_order_and_once() -> Outcome {
    let directory = tempfile::tempdir()?;
    let root = directory.path();
    fs::create_dir_all(root.join("deep/er"))?;
    fs::create_dir_all(root.join(".hidden"))?;
    fs::write(root.join("deep/er/config.yml"), CONFIG)?;
    fs::write(
        root.join("infrastructure.json"),
        "{\"apiVersion\":\"config.openshift.io/v1\",\"kind\":\"Infrastructure\",\"metadata\":{\"name\":\"cluster\"}}",
    )?;
    for skipped in [".hidden/a.yaml", ".a.yaml", "env.yaml", "deep/env.yml", "notes.txt"] {
        fs::write(root.join(skipped), "not: [yaml")?;
    }
    std::os::unix::fs::symlink(root, root.join("deep/loop"))?;
    std::os::unix::fs::symlink(root.join("deep/er/config.yml"), root.join("again.yaml"))?;
    let paths = [root.to_owned(), root.to_owned(), root.join("deep/er/config.yml")];
    let inputs = load(&paths, no_variables()).map_err(|it| lines(&it))?.inputs;
    assert!(inputs.config.present().is_some() && inputs.cluster.infrastructure.present().is_some());

    fs::write(root.join("odd-name"), PRUNER)?;
    let named = load(&[root.join("odd-name")], no_variables()).map_err(|it| lines(&it))?;
    assert!(named.inputs.image_pruner.present().is_some(), "a file that is named is read whatever its name");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named() -> Outcome {
    let directory = tempfile::tempdir()?;
    let root = directory.path();
    fs::create_dir(root.join("empty"))?;
    fs::create_dir(root.join("blank"))?;
    fs::write(root.join("blank/a.yaml"), "# nothing\n---\n")?;
    fs::write(root.join("latin.yaml"), b"a: 1\nb: caf\xe9\n")?;
    fs::write(root.join("bom.yaml"), format!("\u{feff}{CONFIG}"))?;
    fs::create_dir(root.join("broken"))?;
    std::os::unix::fs::symlink("nowhere", root.join("broken/link.yaml"))?;
    // A socket cannot be opened by anybody, not even by root.
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket.yaml"))?;
    let names = ["missing.yaml", "empty", "blank", "latin.yaml", "bom.yaml", "broken", "socket.yaml"];
    let paths: Vec<PathBuf> = names.iter().map(|name| root.join(name)).collect();
    let found = errors(load(&paths, no_variables())).replace(&format!("{}/", root.display()), "");
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(
        found.get(..5).unwrap_or_default(),
        [
            "blank: holds no document; put *.yaml, *.yml or *.json files with Kubernetes objects into it",
            "broken/link.yaml: cannot be read: it does not exist; check the path given with -f",
            "empty: holds no input file; put *.yaml, *.yml or *.json files with Kubernetes objects into it",
            "latin.yaml:2: is not UTF-8 at byte 11; save it as UTF-8 text",
            "missing.yaml: cannot be read: it does not exist; check the path given with -f",
        ]
    );
    assert!(found.get(5).is_some_and(|line| line.starts_with("socket.yaml: cannot be read: ")), "{found:?}");
    assert_eq!(found.len(), 6);
    Ok(())
}

#[test]
fn huge_files_are_refused_unread() -> Outcome {
    let directory = tempfile::tempdir()?;
    let huge = directory.path().join("huge.yaml");
    File::create(&huge)?.set_len(50 * 1024 * 1024)?;
    let started = Instant::now();
    let found = errors(load(&[huge], no_variables()));
    assert!(found.contains("huge.yaml: is larger than 8 MiB; leave out objects"), "{found}");
    assert!(started.elapsed() < Duration::from_millis(200), "took {:?}", started.elapsed());

    // Many files that are too large together, although none is by itself.
    let line = format!("# {}\n", "x".repeat(1_000_000));
    let paths: Vec<PathBuf> = (0..6).map(|index| directory.path().join(format!("{index}.yaml"))).collect();
    for path in &paths {
        fs::write(path, format!("{CONFIG}{}", line.repeat(7)))?;
    }
    let found = errors(load(&paths, no_variables()));
    assert!(found.contains("4.yaml: the inputs are larger than 32 MiB together"), "{found}");
    // An endless file has no size on disk.
    let found = errors(load(&["/dev/zero".into()], no_variables()));
    assert!(found.contains("/dev/zero: is larger than 8 MiB"), "{found}");
    Ok(())
}

/// Every error fixture of this module fails, for the reason that it is named after.
#[test]
fn the_error_fixtures_fail_as_they_should() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let expected: &[(&str, &[&str])] = &[
        ("unknown-field", &["spec.storage.s3.buckets", "\"bucket\""]),
        ("wrong-type", &["spec.replicas"]),
        ("bad-duration", &["spec.requests.read.maxWaitInQueue"]),
        ("bad-quantity", &["spec.resources.requests.memory"]),
        ("bad-cron", &["spec.schedule"]),
        (
            "duplicate-object",
            &["input.yaml:66: Secret/openshift-image-registry/installer-cloud-credentials", "input.yaml:33;"],
        ),
        ("non-utf8", &["is not UTF-8 at byte 421"]),
        ("yaml-bomb", &["instead of using anchors and aliases"]),
        ("empty-input", &["holds no document"]),
        ("not-kubernetes", &["input.yaml:46: is not a Kubernetes object"]),
        ("wrong-api-version", &["write imageregistry.operator.openshift.io/v1"]),
        ("bad-base64", &["data.aws_secret_access_key: is not base64"]),
        (
            "several-problems",
            &[
                "RELEASE_VERSIONS",
                "is not base64",
                "spec.logging",
                "spec.rolloutStrategie",
                "spec.schedule",
                "spec.keepTagRevision",
            ],
        ),
        ("unparsable-yaml", &["input.yaml:51: is not valid YAML: unclosed quote"]),
        ("env-unknown-variable", &["env.yaml:3: IMAGE_PRUNNER", "IMAGE_PRUNER?"]),
    ];
    for (name, words) in expected {
        let directory = root.join(format!("error-{name}"));
        let found = errors(load(std::slice::from_ref(&directory), EnvSource::File(&directory.join("env.yaml"))));
        for word in *words {
            assert!(found.contains(word), "error-{name}: {word:?} is not in\n{found}");
        }
        assert_eq!(found.lines().count() > 1, matches!(*name, "several-problems" | "wrong-api-version"), "{found}");
    }
}
