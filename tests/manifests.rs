//! `manifests/`: what installs the operator is complete, and its parts fit together.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const NAMESPACE: &str = "openshift-image-registry";
const OPERATOR: &str = "cluster-image-registry-operator";
const IBM: &str = "ibm-cloud-managed/07-operator-ibm-cloud-managed.yaml";
/// The profiles in which the operator runs in the cluster that it serves.
const SELF_MANAGED: [&str; 2] = ["self-managed-high-availability", "single-node-developer"];
const ELSEWHERE: [&str; 2] = ["hypershift", "ibm-cloud-managed"];

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests").join(file)
}

fn documents(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn document(file: &str) -> Value {
    let [document] = documents(file).try_into().unwrap();
    document
}

/// The YAML files that are applied, in their order.
fn files() -> BTreeSet<String> {
    let entries = fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter(|name| name.ends_with(".yaml")).chain([IBM.to_owned()]).collect()
}

/// All objects with their file.
fn objects() -> Vec<(String, Value)> {
    files()
        .into_iter()
        .flat_map(|file| documents(&file).into_iter().map(move |object| (file.clone(), object)))
        .collect()
}

fn name(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let namespace = text("/metadata/namespace");
    let namespace = if namespace.is_empty() { namespace } else { format!("{namespace}/") };
    format!("{} {namespace}{}", text("/kind"), text("/metadata/name"))
}

fn profiles(object: &Value) -> BTreeSet<&str> {
    let annotations = object["metadata"]["annotations"].as_object().unwrap();
    let included = annotations.iter().filter(|(_, value)| *value == "true");
    included.filter_map(|(key, _)| key.strip_prefix("include.release.openshift.io/")).collect()
}

/// The objects of the operator that OpenShift ships, by file: whoever replaces that one finds nothing left over and
/// nothing missing.
#[test]
fn the_objects_of_the_reference_are_there() {
    let found: BTreeSet<String> = objects().iter().map(|(_, object)| name(object)).collect();
    let credentials = "CredentialsRequest openshift-cloud-credential-operator/openshift-image-registry";
    let of_clouds = ["", "-azure", "-gcs", "-ibmcos", "-ibmcos-powervs", "-openstack"];
    let mut wanted: BTreeSet<String> = of_clouds.iter().map(|cloud| format!("{credentials}{cloud}")).collect();
    wanted.extend(
        [
            "ClusterOperator image-registry",
            "ClusterRole cluster-image-registry-operator",
            "ClusterRoleBinding default-account-cluster-image-registry-operator",
            "CustomResourceDefinition configs.imageregistry.operator.openshift.io",
            "CustomResourceDefinition imagepruners.imageregistry.operator.openshift.io",
            "Namespace openshift-image-registry",
        ]
        .map(str::to_owned),
    );
    let namespaced = [
        "ConfigMap image-registry-operator-config",
        "ConfigMap trusted-ca",
        "Deployment cluster-image-registry-operator",
        "NetworkPolicy default-deny-all",
        "NetworkPolicy image-registry-operator-networkpolicy",
        "Role cluster-image-registry-operator",
        "Role node-ca",
        "RoleBinding cluster-image-registry-operator",
        "RoleBinding node-ca",
        "Service image-registry-operator",
        "ServiceAccount cluster-image-registry-operator",
        "ServiceAccount node-ca",
    ];
    wanted.extend(namespaced.iter().map(|object| object.replacen(' ', &format!(" {NAMESPACE}/"), 1)));
    let missing: Vec<&String> = wanted.difference(&found).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The cluster-version operator takes files that begin with a 0, and objects of the capability and the profile.
#[test]
fn every_object_says_where_it_belongs() {
    for (file, object) in objects() {
        let what = format!("{file}: {}", name(&object));
        assert!(file == IBM || file.starts_with('0'), "{file}");
        if object["kind"] == "CustomResourceDefinition" {
            continue;
        }
        let capability = match object["kind"].as_str().unwrap() {
            "CredentialsRequest" => "ImageRegistry+CloudCredential",
            _ => "ImageRegistry",
        };
        assert_eq!(object["metadata"]["annotations"]["capability.openshift.io/name"], capability, "{what}");
        let wanted: BTreeSet<&str> = match object["kind"].as_str().unwrap() {
            "NetworkPolicy" => SELF_MANAGED.into(),
            "Deployment" if file == IBM => ELSEWHERE.into(),
            "Deployment" => SELF_MANAGED.into(),
            _ => SELF_MANAGED.into_iter().chain(ELSEWHERE).collect(),
        };
        assert_eq!(profiles(&object), wanted, "{what}");
    }
}

/// No object is in two files that `oc apply -f manifests/` takes, since it would go back and forth between them.
#[test]
fn no_object_is_there_twice() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (file, object) in objects().into_iter().filter(|(file, _)| file != IBM) {
        let before = seen.insert(name(&object), file.clone());
        assert_eq!(before, None, "{} is in {file}, too", name(&object));
    }
}

/// What needs the namespace comes after it, in the order of the files.
#[test]
fn the_namespace_comes_first() {
    let mut names = objects().into_iter().map(|(_, object)| object).skip_while(|object| object["kind"] != "Namespace");
    assert_eq!(name(&names.next().unwrap()), format!("Namespace {NAMESPACE}"));
    let before = objects().into_iter().take_while(|(_, object)| object["kind"] != "Namespace");
    let early: Vec<String> = before.filter(|(_, o)| o["metadata"]["namespace"] == NAMESPACE).map(|(f, _)| f).collect();
    assert!(early.is_empty(), "{early:?}");
}

#[test]
fn deployments_differ_in_where_they_run_only() {
    let (mut here, mut elsewhere) = (document("07-operator.yaml"), document(IBM));
    let selector = here["spec"]["template"]["spec"].as_object_mut().unwrap().remove("nodeSelector");
    assert_eq!(selector, Some(json!({"node-role.kubernetes.io/master": ""})));
    for deployment in [&mut here, &mut elsewhere] {
        deployment["metadata"].as_object_mut().unwrap().remove("annotations");
    }
    assert_eq!(here, elsewhere);
}

fn container() -> Value {
    let deployment = document("07-operator.yaml");
    deployment["spec"]["template"]["spec"]["containers"][0].clone()
}

/// A release puts its own images in the place of these, by `image-references`.
#[test]
fn every_image_is_replaced_by_the_release() {
    let references = document("image-references");
    let tags = references["spec"]["tags"].as_array().unwrap();
    let known: BTreeMap<&str, &str> =
        tags.iter().map(|tag| (tag["name"].as_str().unwrap(), tag["from"]["name"].as_str().unwrap())).collect();
    assert_eq!(known.keys().copied().collect::<Vec<_>>(), ["cli", OPERATOR, "docker-registry"]);
    let container = container();
    assert_eq!(container["image"], known[OPERATOR]);
    let variable = |name: &str| {
        let variables = container["env"].as_array().unwrap();
        variables.iter().find(|variable| variable["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(variable("OPERATOR_IMAGE"), known[OPERATOR]);
    assert_eq!(variable("IMAGE"), known["docker-registry"]);
    assert_eq!(variable("IMAGE_PRUNER"), known["cli"]);
}

#[test]
fn mounts_and_volumes_belong_together() {
    let deployment = document("07-operator.yaml");
    let spec = &deployment["spec"]["template"]["spec"];
    let names = |list: &Value| -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let container = container();
    assert_eq!(names(&spec["volumes"]), names(&container["volumeMounts"]));
    let mounted = |file: &str| {
        let mounts = container["volumeMounts"].as_array().unwrap();
        mounts.iter().any(|mount| file.starts_with(mount["mountPath"].as_str().unwrap()))
    };
    for argument in container["args"].as_array().unwrap() {
        let (_, file) = argument.as_str().unwrap().split_once('=').unwrap();
        assert!(mounted(file), "{file}");
    }
    assert_eq!(spec["serviceAccountName"], document("03-sa.yaml")["metadata"]["name"]);
}

/// Prometheus finds the operator's pod through the Service, and the policies let it in.
#[test]
fn the_metrics_are_reached() {
    let deployment = document("07-operator.yaml");
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], *labels);
    let service = document("07-operator-service.yaml");
    assert_eq!(service["spec"]["selector"], *labels);
    let policy = document("07-image-registry-operator-networkpolicy.yaml");
    assert_eq!(policy["spec"]["podSelector"]["matchLabels"], *labels);
    let config: Value =
        serde_saphyr::from_str(document("07-operator-config.yaml")["data"]["config.yaml"].as_str().unwrap()).unwrap();
    let address = config["servingInfo"]["bindAddress"].as_str().unwrap();
    let port = json!(address.trim_start_matches(':').parse::<u16>().unwrap());
    assert_eq!(container()["ports"][0]["containerPort"], port);
    assert_eq!(service["spec"]["ports"][0]["targetPort"], port);
    assert_eq!(policy["spec"]["ingress"][0]["ports"][0]["port"], port);
}

/// The clouds' credentials end up where the operator and the registry look for them.
#[test]
fn credentials_are_asked_for_in_one_secret() {
    for (file, object) in objects().into_iter().filter(|(_, object)| object["kind"] == "CredentialsRequest") {
        let wanted = json!({"name": "installer-cloud-credentials", "namespace": NAMESPACE});
        assert_eq!(object["spec"]["secretRef"], wanted, "{file}");
        let accounts = &object["spec"]["serviceAccountNames"];
        assert!(accounts.is_null() || *accounts == json!([OPERATOR, "registry"]), "{file}");
    }
}

/// What the drivers tell to grant when it is missing, the operator's own credentials have.
#[test]
fn credentials_have_the_permissions_that_are_asked_for() {
    for (driver, file, list, prefixes) in [
        ("s3", "01-registry-credentials-request.yaml", "/statementEntries/0/action", ["s3:", "s3:"]),
        ("gcs", "01-registry-credentials-request-gcs.yaml", "/permissions", ["storage.", "resourcemanager."]),
    ] {
        let request = document(file);
        let granted = request["spec"]["providerSpec"].pointer(list).unwrap().as_array().unwrap();
        let named = permissions_in(driver, prefixes);
        assert!(named.len() > 5, "{named:?}");
        let lacking: Vec<&String> = named.iter().filter(|permission| !granted.contains(&json!(permission))).collect();
        assert!(lacking.is_empty(), "{file} lacks {lacking:?}");
    }
}

/// The permissions that the text of a driver names.
fn permissions_in(driver: &str, prefixes: [&str; 2]) -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/execute/storage").join(driver);
    let texts = fs::read_dir(sources).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    // Every second part of a line is within quotes.
    let quoted = |text: String| -> Vec<String> { text.split('"').skip(1).step_by(2).map(str::to_owned).collect() };
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let permission = |word: &String| {
        let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || [':', '.'].contains(&letter));
        plain && !word.ends_with(':') && prefixes.iter().any(|prefix| word.starts_with(prefix))
    };
    lines.flat_map(quoted).filter(permission).filter(|word| word != "storage.googleapis.com").collect()
}
