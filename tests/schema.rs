//! The generated CRDs and schemas against the committed files, against the real CRDs,
//! and the validator against a table of documents.
//!
//! `UPDATE_CRDS=1` rewrites the generated files. `REAL_CRDS=<directory>` with the CRDs of
//! openshift/api checks (with `UPDATE_CRDS=1` rewrites) the digests in `real-crds/`, which
//! hold their facts (types, limits, defaults) without any text.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cluster_image_registry_operator::api::crd;
use cluster_image_registry_operator::api::validate::{
    CONFIG_SCHEMA, FieldProblem, IMAGE_PRUNER_SCHEMA, known_rule, parse_config, parse_image_pruner, validate_config,
    validate_image_pruner,
};
use serde_json::{Map, Value, json};

/// File of the real and of our CRD, and name of the digest.
const FILES: [(&str, &str); 2] = [("00_configs.crd.yaml", "configs"), ("01_imagepruners.crd.yaml", "imagepruners")];

/// Fields of Kubernetes types: newer fields of ours are welcome there.
const K8S_FIELDS: [&str; 5] = ["affinity", "privateKey", "resources", "tolerations", "topologySpreadConstraints"];

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn updating() -> bool {
    std::env::var_os("UPDATE_CRDS").is_some()
}

/// Asserts that a file holds `expected`, or writes it.
fn assert_file(path: &str, expected: &str) {
    let file = in_repository(path);
    if updating() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} is not current: run this test once with UPDATE_CRDS=1");
}

/// Descriptions go, but not fields that are called so.
fn without_descriptions(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(k, v)| *k != "description" || !v.is_string());
            Value::Object(kept.map(|(k, v)| (k.clone(), without_descriptions(v))).collect())
        }
        Value::Array(items) => items.iter().map(without_descriptions).collect(),
        other => other.clone(),
    }
}

fn digest(name: &str) -> Value {
    let text = fs::read_to_string(in_repository(&format!("tests/real-crds/{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

const SCHEMA: &str = "/spec/versions/0/schema/openAPIV3Schema";

// ---------------------------------------------------------------- generated files

#[test]
fn manifests_are_current() {
    for (crd, (file, _)) in crd::crds().iter().zip(FILES) {
        assert_file(&format!("manifests/{file}"), &crd::crd_yaml(crd).unwrap());
    }
}

#[test]
fn both_documents_are_in_the_yaml() {
    let parts: Vec<String> = crd::crds().iter().map(|c| crd::crd_yaml(c).unwrap()).collect();
    assert_eq!(crd::crds_yaml().unwrap(), parts.concat());
    for (part, crd) in parts.iter().zip(crd::crds()) {
        assert!(part.starts_with("---\napiVersion: apiextensions.k8s.io/v1\n"));
        assert_eq!(serde_saphyr::from_str::<Value>(part).unwrap(), crd);
    }
}

#[test]
fn validation_schemas_are_current() {
    let [config, image_pruner] = crd::validation_schemas();
    assert_file("src/api/schemas/config.json", &config);
    assert_file("src/api/schemas/image_pruner.json", &image_pruner);
    if !updating() {
        assert_eq!((CONFIG_SCHEMA, IMAGE_PRUNER_SCHEMA), (config.as_str(), image_pruner.as_str()));
    }
}

#[test]
fn editor_schemas_refuse_unknown_fields() {
    let schemas = crd::json_schemas();
    for kind in ["Config", "ImagePruner"] {
        let schema = &schemas[kind];
        assert_eq!(schema["properties"]["kind"]["const"], kind);
        assert_eq!(schema["properties"]["spec"]["additionalProperties"], false);
        assert_eq!(schema["properties"]["metadata"]["additionalProperties"], true);
        assert!(!schema.to_string().contains("x-kubernetes"));
    }
    let spec = &schemas["Config"]["properties"]["spec"]["properties"];
    assert_eq!(spec["observedConfig"]["type"], json!(["object", "null"]));
    assert!(spec["observedConfig"].get("additionalProperties").is_none());
    assert_eq!(spec["nodeSelector"]["additionalProperties"]["type"], "string");
}

// ------------------------------------------------------------------ the real CRDs

#[test]
fn digests_are_those_of_the_real_crds() {
    let Some(directory) = std::env::var_os("REAL_CRDS") else { return };
    for (file, name) in FILES {
        let text = fs::read_to_string(Path::new(&directory).join(file)).unwrap();
        let mut real = without_descriptions(&serde_saphyr::from_str::<Value>(&text).unwrap());
        real.sort_all_objects();
        assert_file(&format!("tests/real-crds/{name}.json"), &format!("{real}\n"));
    }
}

#[test]
fn crds_equal_the_real_ones() {
    for (ours, (_, name)) in crd::crds().iter().zip(FILES) {
        let (mut real, mut ours) = (digest(name), without_descriptions(ours));
        let (real_schema, our_schema) = (take(&mut real), take(&mut ours));
        assert_eq!(ours, real, "envelope of {name}");
        let mut differences = Vec::new();
        compare(&real_schema, &our_schema, name, false, &mut differences);
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

fn take(crd: &mut Value) -> Value {
    crd.pointer_mut(SCHEMA).map(Value::take).unwrap()
}

/// Compares two schemas keyword by keyword. Extra properties of ours count as a
/// difference except beneath the types of Kubernetes.
fn compare(real: &Value, ours: &Value, path: &str, k8s: bool, differences: &mut Vec<String>) {
    let keywords = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    for keyword in keywords(real).union(&keywords(ours)) {
        match (keyword.as_str(), &real[keyword], &ours[keyword]) {
            ("properties", Value::Object(real), Value::Object(ours)) => {
                let names: BTreeSet<&String> = real.keys().chain(ours.keys()).collect();
                for name in names {
                    let path = format!("{path}.{name}");
                    let k8s_here = k8s || K8S_FIELDS.contains(&name.as_str());
                    match (real.get(name), ours.get(name)) {
                        (Some(real), Some(ours)) => compare(real, ours, &path, k8s_here, differences),
                        (Some(_), None) => differences.push(format!("{path}: missing")),
                        (None, _) if k8s => {}
                        (None, _) => differences.push(format!("{path}: not in the real CRD")),
                    }
                }
            }
            ("items" | "additionalProperties", real @ Value::Object(_), ours @ Value::Object(_)) => {
                compare(real, ours, &format!("{path}[]"), k8s, differences);
            }
            (_, real, ours) if real == ours => {}
            (_, real, ours) => differences.push(format!("{path}: {keyword} is {ours}, should be {real}")),
        }
    }
}

#[test]
fn the_comparison_sees_differences() {
    let real = digest("configs").pointer_mut(SCHEMA).map(Value::take).unwrap();
    let count = |pointer: &str, change: &dyn Fn(&mut Map<String, Value>)| {
        let mut ours = real.clone();
        change(ours.pointer_mut(pointer).unwrap().as_object_mut().unwrap());
        let mut differences = Vec::new();
        compare(&real, &ours, "", false, &mut differences);
        differences.len()
    };
    let spec = "/properties/spec/properties";
    assert_eq!(count(spec, &|_| {}), 0);
    assert_eq!(count(spec, &|m| drop(m.remove("replicas"))), 1);
    assert_eq!(count(spec, &|m| drop(m.insert("extra".into(), json!({"type": "string"})))), 1);
    let toleration = format!("{spec}/tolerations/items/properties");
    assert_eq!(count(&toleration, &|m| drop(m.insert("extra".into(), json!({"type": "string"})))), 0);
    assert_eq!(count(&toleration, &|m| drop(m.remove("key"))), 1);
    let chunk = format!("{spec}/storage/properties/s3/properties/chunkSizeMiB");
    assert_eq!(count(&chunk, &|m| drop(m.insert("maximum".into(), 5121.into()))), 1);
    assert_eq!(count("/properties/spec", &|m| drop(m.remove("required"))), 1);
    assert_eq!(count(&format!("{spec}/logLevel"), &|m| drop(m.insert("default".into(), "Debug".into()))), 1);
    assert_eq!(count(&format!("{spec}/requests"), &|m| drop(m.remove("x-kubernetes-map-type"))), 1);
}

#[test]
fn the_validator_covers_every_rule_of_the_schema() {
    let mut unions = Vec::new();
    for schema in [CONFIG_SCHEMA, IMAGE_PRUNER_SCHEMA] {
        visit(&serde_json::from_str(schema).unwrap(), "spec", &mut |schema, path| {
            for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
                assert!(known_rule(rule["rule"].as_str().unwrap()), "{path}: {rule}");
            }
            if let Some(pattern) = schema["pattern"].as_str() {
                assert!(regex_lite::Regex::new(pattern).is_ok(), "{path}: {pattern}");
            }
            if schema.get("anyOf").is_some() && schema.get("x-kubernetes-int-or-string").is_none() {
                unions.push(path.to_owned());
            }
            for keyword in schema.as_object().unwrap().keys() {
                let known = [
                    "additionalProperties",
                    "anyOf",
                    "enum",
                    "format",
                    "items",
                    "maxLength",
                    "maximum",
                    "minLength",
                    "minimum",
                    "nullable",
                    "pattern",
                    "properties",
                    "required",
                    "type",
                    "x-kubernetes-int-or-string",
                    "x-kubernetes-list-map-keys",
                    "x-kubernetes-preserve-unknown-fields",
                    "x-kubernetes-validations",
                ];
                assert!(known.contains(&keyword.as_str()), "{path}: the validator does not know {keyword}");
            }
            if let Some(format) = schema["format"].as_str() {
                assert!(["cron", "duration", "int32", "int64"].contains(&format), "{path}: {format}");
            }
        });
    }
    assert_eq!(unions, ["spec.storage.oss.encryption"]);
}

fn visit(schema: &Value, path: &str, f: &mut dyn FnMut(&Value, &str)) {
    f(schema, path);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        visit(property, &format!("{path}.{name}"), f);
    }
    for keyword in ["items", "additionalProperties"] {
        if schema.get(keyword).is_some() {
            visit(&schema[keyword], &format!("{path}[]"), f);
        }
    }
}

// ------------------------------------------------------------------ the validator

fn config(spec: Value) -> Value {
    let mut spec = spec;
    if let Value::Object(map) = &mut spec {
        map.entry("replicas").or_insert(1.into());
    }
    json!({"apiVersion": "imageregistry.operator.openshift.io/v1", "kind": "Config",
        "metadata": {"name": "cluster"}, "spec": spec})
}

fn pruner(spec: Value) -> Value {
    json!({"apiVersion": "imageregistry.operator.openshift.io/v1", "kind": "ImagePruner",
        "metadata": {"name": "cluster"}, "spec": spec})
}

fn lines(problems: &[FieldProblem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn each_problem_names_its_field_and_a_remedy() {
    let network = |fields: Value| json!({"storage": {"azure": {"networkAccess": fields}}});
    let oss = |fields: Value| json!({"storage": {"oss": {"encryption": fields}}});
    let table: Vec<(Value, &[&str])> = vec![
        // Unknown fields.
        (
            json!({"storage": {"pvc": {"claimName": "x"}}}),
            &[r#"spec.storage.pvc.claimName: unknown field "claimName"; did you mean "claim"?"#],
        ),
        (
            json!({"storage": {"pvc": {"zzz": "x"}}}),
            &[r#"spec.storage.pvc.zzz: unknown field "zzz"; known fields: "claim""#],
        ),
        (
            json!({"storage": {"emptyDir": {"sizeLimit": "1Gi"}}}),
            &[r#"spec.storage.emptyDir.sizeLimit: unknown field "sizeLimit"; remove it: no fields are known here"#],
        ),
        (json!({"Replicas": 2}), &[r#"spec.Replicas: unknown field "Replicas"; did you mean "replicas"?"#]),
        (
            json!({"affinity": {"podAntiAfinity": {}}}),
            &[r#"spec.affinity.podAntiAfinity: unknown field "podAntiAfinity"; did you mean "podAntiAffinity"?"#],
        ),
        // Types.
        (
            json!({"replicas": "2"}),
            &["spec.replicas: expected a whole number, found a string; write it without quotes"],
        ),
        (json!({"replicas": "two"}), &["spec.replicas: expected a whole number, found a string; write a whole number"]),
        (json!({"replicas": 1.5}), &["spec.replicas: expected a whole number, found a fraction; write a whole number"]),
        (
            json!({"readOnly": "true"}),
            &["spec.readOnly: expected true or false, found a string; write it without quotes"],
        ),
        (
            json!({"nodeSelector": {"a": 1}}),
            &["spec.nodeSelector.a: expected a string, found a whole number; write it in quotes"],
        ),
        (json!({"storage": []}), &["spec.storage: expected a mapping, found a list; write a mapping"]),
        (json!({"routes": {}}), &["spec.routes: expected a list, found a mapping; write a list"]),
        (json!({"routes": [null]}), &["spec.routes[0]: expected a mapping, found null; write a mapping"]),
        (json!({"observedConfig": "x"}), &["spec.observedConfig: expected a mapping, found a string; write a mapping"]),
        // Enumerations, also those written as patterns.
        (json!({"logLevel": "debug"}), &[r#"spec.logLevel: "debug" is not an allowed value; did you mean "Debug"?"#]),
        (
            json!({"logLevel": "5"}),
            &[r#"spec.logLevel: "5" is not an allowed value; use one of "", "Normal", "Debug", "Trace", "TraceAll""#],
        ),
        (
            json!({"managementState": "managed"}),
            &[r#"spec.managementState: "managed" is not an allowed value; did you mean "Managed"?"#],
        ),
        (
            json!({"rolloutStrategy": ""}),
            &[r#"spec.rolloutStrategy: "" is not an allowed value; use one of "RollingUpdate", "Recreate""#],
        ),
        // Limits and patterns.
        (
            json!({"storage": {"s3": {"chunkSizeMiB": 3}}}),
            &["spec.storage.s3.chunkSizeMiB: 3 is out of range; use 5 to 5120"],
        ),
        (
            json!({"replicas": 3_000_000_000_u64}),
            &["spec.replicas: 3000000000 is out of range; use -2147483648 to 2147483647"],
        ),
        (
            json!({"requests": {"read": {"maxRunning": 10_000_000_000_000_000_000_u64}}}),
            &["spec.requests.read.maxRunning: 10000000000000000000 is too large; use at most 9223372036854775807"],
        ),
        (
            json!({"storage": {"azure": {"container": "A"}}}),
            &[
                "spec.storage.azure.container: it has 1 characters; use at least 3",
                r#"spec.storage.azure.container: "A" has not the required form; use lower-case letters and digits, with single hyphens between them"#,
            ],
        ),
        (
            json!({"storage": {"azure": {"container": "a".repeat(64)}}}),
            &["spec.storage.azure.container: it has 64 characters; use at most 63"],
        ),
        (
            json!({"storage": {"ibmcos": {"serviceInstanceCRN": "crn"}}}),
            &[
                r#"spec.storage.ibmcos.serviceInstanceCRN: "crn" has not the required form; use the CRN of a cloud-object-storage instance (crn:…::)"#,
            ],
        ),
        // Required fields.
        (json!({"replicas": null}), &["spec.replicas: required field is missing; add replicas"]),
        (
            json!({"routes": [{"name": "a"}, {"hostname": "b"}]}),
            &["spec.routes[1].name: required field is missing; add name"],
        ),
        (
            json!({"storage": {"s3": {"cloudFront": {"baseURL": "u", "privateKey": {"name": "s"}}}}}),
            &[
                "spec.storage.s3.cloudFront.keypairID: required field is missing; add keypairID",
                "spec.storage.s3.cloudFront.privateKey.key: required field is missing; add key",
            ],
        ),
        // Formats.
        (
            json!({"requests": {"read": {"maxWaitInQueue": "1d"}}}),
            &[
                r#"spec.requests.read.maxWaitInQueue: "1d" is not a duration: unknown unit "d" (ns, us, ms, s, m or h); write a duration such as "30s" or "1h30m""#,
            ],
        ),
        (
            json!({"resources": {"requests": {"cpu": "1K"}, "limits": {"memory": 0.5}}}),
            &[
                r#"spec.resources.limits.memory: expected a quantity, found a fraction; write "0.5" in quotes"#,
                r#"spec.resources.requests.cpu: "1K" is not a quantity: the suffix for thousands is a small "k" (or "Ki" for 1024); write a quantity such as "100m" or "256Mi""#,
            ],
        ),
        // Lists with keys.
        (
            json!({"resources": {"claims": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}}),
            &["spec.resources.claims[2]: same name as spec.resources.claims[0]; remove one of the two"],
        ),
        // Rules.
        (
            network(json!({"internal": {}})),
            &[
                "spec.storage.azure.networkAccess.internal: it is forbidden unless type is Internal; write type: Internal, or remove it",
            ],
        ),
        (
            network(json!({"type": "External", "internal": {}})),
            &[
                "spec.storage.azure.networkAccess.internal: it is forbidden unless type is Internal; write type: Internal, or remove it",
            ],
        ),
        (
            oss(json!({"method": "KMS"})),
            &["spec.storage.oss.encryption.kms: it is required with method KMS; add kms.keyID"],
        ),
        (
            oss(json!({"kms": {"keyID": "k"}})),
            &["spec.storage.oss.encryption.kms: it is forbidden unless method is KMS; write method: KMS, or remove it"],
        ),
        // All problems at once.
        (json!({"zzz": 1, "replicas": "x", "logLevel": "x"}), &["spec.zzz", "spec.logLevel", "spec.replicas"]),
    ];
    for (spec, expected) in table {
        let found = lines(&validate_config(&config(spec.clone())));
        assert_eq!(found.len(), expected.len(), "{spec}: {found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{spec}:\n{found}\n{expected}");
        }
    }
}

#[test]
fn pruner_problems() {
    for (spec, expected) in [
        (json!({"schedule": "0 0 * *"}), "spec.schedule: \"0 0 * *\" is not a cron schedule: it has 4 fields"),
        (json!({"keepYoungerThanDuration": "60"}), "spec.keepYoungerThanDuration: \"60\" is not a duration: a unit"),
        (json!({"keepYoungerThan": "60m"}), "spec.keepYoungerThan: expected a whole number"),
        (
            json!({"keepTagRevision": 3}),
            "spec.keepTagRevision: unknown field \"keepTagRevision\"; did you mean \"keepTagRevisions\"?",
        ),
        (
            json!({"successfulJobsHistoryLimit": 1_u64 << 40}),
            "spec.successfulJobsHistoryLimit: 1099511627776 is out of range",
        ),
    ] {
        let found = lines(&validate_image_pruner(&pruner(spec)));
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}\n{expected}");
    }
    let spec = json!({"schedule": "", "keepYoungerThan": 3_600_000_000_000_i64, "keepYoungerThanDuration": "1h0.5s"});
    let parsed = parse_image_pruner(&pruner(spec)).unwrap();
    assert_eq!(parsed.spec.keep_younger_than_duration.unwrap().as_nanos(), 3_600_500_000_000);
}

#[test]
fn documents_that_are_not_ours() {
    let paths = |doc: Value| validate_config(&doc).into_iter().map(|p| p.path).collect::<Vec<_>>();
    assert_eq!(paths(json!([])), [""]);
    assert_eq!(paths(json!({})), ["apiVersion", "kind", "metadata.name", "spec"]);
    assert_eq!(paths(pruner(json!({"replicas": 1}))), ["kind"]);
    let mut doc = config(json!({}));
    doc["data"] = json!({});
    doc["metadata"]["name"] = 1.into();
    assert_eq!(paths(doc), ["data", "metadata.name"]);
}

#[test]
fn a_full_document_passes_and_parses() {
    let spec = json!({
        "managementState": "Managed", "logLevel": "", "operatorLogLevel": "TraceAll", "httpSecret": "s3cr3t",
        "unsupportedConfigOverrides": {"deployment": {"runtimeClassName": null}}, "observedConfig": null,
        "proxy": {"noProxy": ".svc"}, "readOnly": null, "disableRedirect": true,
        "requests": {"read": {"maxRunning": 5, "maxWaitInQueue": "1m30s"}}, "defaultRoute": true,
        "routes": [{"name": "r", "hostname": "h", "secretName": null}], "replicas": 2, "logging": 4,
        "resources": {"requests": {"cpu": 1, "memory": "256Mi"}}, "nodeSelector": {"a": "b"},
        "tolerations": [{"operator": "Exists"}], "rolloutStrategy": "Recreate",
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{}]}}},
        "topologySpreadConstraints": [],
        "storage": {
            "managementState": "Unmanaged", "emptyDir": {}, "pvc": {"claim": "c"},
            "s3": {"bucket": "b", "chunkSizeMiB": 5, "keyID": "k", "trustedCA": {"name": ""}, "virtualHostedStyle": false,
                "cloudFront": {"baseURL": "u", "keypairID": "k", "privateKey": {"key": "k"}, "duration": "20m"}},
            "gcs": {"projectID": "p"}, "swift": {"authURL": "u", "domainID": "d", "tenantID": "t"},
            "azure": {"networkAccess": {"type": "Internal", "internal": {"vnetName": "v1"}}},
            "ibmcos": {"resourceKeyCRN": "crn:v1:a:b:cloud-object-storage:c:d:e:resource-key:f"},
            "oss": {"endpointAccessibility": "", "encryption": {"method": "KMS", "kms": {"keyID": "k"}}},
        },
    });
    let parsed = parse_config(&config(spec)).unwrap_or_else(|p| panic!("{:#?}", lines(&p)));
    assert_eq!(parsed.spec.replicas, 2);
    assert_eq!(parsed.spec.http_secret.as_ref().unwrap().expose(), "s3cr3t");
    assert!(!format!("{parsed:?}").contains("s3cr3t"));
    let s3 = parsed.spec.storage.as_ref().unwrap().s3.as_ref().unwrap();
    assert_eq!(s3.cloud_front.as_ref().unwrap().duration.unwrap().to_string(), "20m0s");
    // Nulls in free-form fields are the user's.
    let overrides = parsed.spec.unsupported_config_overrides.as_ref().unwrap();
    assert_eq!(overrides["deployment"], json!({"runtimeClassName": null}));
    // What the types write is valid again.
    let written = serde_json::to_value(&parsed).unwrap();
    assert_eq!(lines(&validate_config(&written)), [] as [String; 0]);
    assert_eq!(parse_config(&written).unwrap(), parsed);
}

#[test]
fn a_status_is_read_if_it_can_be_and_never_a_problem() {
    let mut doc = config(json!({}));
    doc["metadata"]["managedFields"] = json!([{"manager": "m", "time": "2026-01-01T00:00:00Z"}]);
    doc["status"] = json!({"storageManaged": true, "storage": {}, "new": 1, "conditions": [
        {"type": "Available", "status": "Perhaps", "lastTransitionTime": "2026-01-01T00:00:00Z", "message": ""}]});
    let status = parse_config(&doc).unwrap().status.unwrap();
    assert!(status.storage_managed && status.conditions[0].type_ == "Available");
    doc["status"] = json!({"conditions": "broken"});
    assert_eq!(parse_config(&doc).unwrap().status, None);
    doc["metadata"]["labels"] = json!({"a": 1});
    assert_eq!(parse_config(&doc).unwrap_err()[0].path, "metadata");
}

#[test]
fn the_http_secret_is_never_quoted() {
    for spec in [
        json!({"httpSecret": 73311}),
        json!({"httpSecret": {"73311": 73311}}),
        json!({"httpSecret": ["73311"]}),
        json!({"httpsecret": "73311"}),
        json!({"httpSecret": "73311", "zzz": 1}),
    ] {
        let found = lines(&validate_config(&config(spec.clone())));
        assert!(!found.is_empty() && !found.concat().contains("73311"), "{spec}: {found:?}");
    }
}
