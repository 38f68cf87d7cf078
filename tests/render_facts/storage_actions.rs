//! What is to be done about the storage medium.

use crate::world::{CONFIG, action, action_json, at, scenario};
use serde_json::{Value, json};

#[test]
fn a_medium_that_has_held_data_is_not_created_again() {
    let may_create = |spec: Value, status: Value| {
        action(&scenario("s3-derived-bucket").storage(spec, status).sound_plan()).unwrap().may_create
    };
    let s3 = |bucket: &str| json!({ "s3": { "bucket": bucket, "region": "us-east-1" } });
    assert!(may_create(s3("images"), json!({})));
    assert!(may_create(s3("images"), s3("others")));
    assert!(!may_create(s3("images"), s3("images")));
    // The same name at another endpoint is another bucket.
    let elsewhere =
        json!({ "s3": { "bucket": "images", "region": "us-east-1", "regionEndpoint": "https://minio.example.com" } });
    assert!(may_create(elsewhere, s3("images")));
}

#[test]
fn the_owner_is_whom_spec_names_else_whom_status_names_else_undecided() {
    let state = |spec: Value, status: Value| {
        let named =
            |state: Value| json!({ "managementState": state, "s3": { "bucket": "images", "region": "us-east-1" } });
        let plan = scenario("s3-derived-bucket").storage(named(spec), named(status)).sound_plan();
        let reported = plan.status.config.as_ref().unwrap().storage_managed;
        (action_json(&plan)["managementState"].clone(), reported)
    };
    assert_eq!(state(json!("Unmanaged"), json!("Managed")), (json!("Unmanaged"), false));
    assert_eq!(state(json!("Managed"), json!("Unmanaged")), (json!("Managed"), true));
    assert_eq!(state(Value::Null, json!("Managed")), (json!("Managed"), true));
    assert_eq!(state(Value::Null, Value::Null), (Value::Null, false));
}

#[test]
fn tags_name_the_cluster_and_then_those_of_the_platform() {
    let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
    let tags = json!([{ "key": "team", "value": "a" }, { "key": "cost", "value": "b" }]);
    let aws = json!({ "status": { "platformStatus": { "aws": { "resourceTags": tags } } } });
    let plan = scenario("s3-derived-bucket").patch("Infrastructure/cluster", aws).sound_plan();
    let own = [tag("kubernetes.io/cluster/demo-x7k2p", "owned"), tag("Name", "demo-x7k2p-image-registry")];
    let all = [own.as_slice(), &[tag("team", "a"), tag("cost", "b")]].concat();
    assert_eq!(action_json(&plan)["medium"]["tags"], json!(all));

    let labels = json!([{ "key": "team", "value": "a" }]);
    let tags = json!([{ "parentID": "organizations/1", "key": "env", "value": "test" }]);
    let gcp = json!({ "status": { "platformStatus": { "gcp": { "resourceLabels": labels, "resourceTags": tags } } } });
    let plan = scenario("gcs-derived-bucket").patch("Infrastructure/cluster", gcp).sound_plan();
    let medium = &action_json(&plan)["medium"];
    assert_eq!(medium["labels"], json!([tag("kubernetes-io-cluster-demo-x7k2p", "owned"), tag("team", "a")]));
    assert_eq!(medium["tags"], json!(["organizations/1/env/test"]));

    let plan = scenario("azure-derived-workload-identity").sound_plan();
    assert_eq!(action_json(&plan)["medium"]["tags"], json!([tag("kubernetes.io_cluster.demo-x7k2p", "owned")]));
}

#[test]
fn a_kms_key_and_a_trusted_ca_reach_the_bucket() {
    let s3 = json!({ "bucket": "images", "region": "any", "keyID": "key-1", "trustedCA": { "name": "s3-ca" } });
    let world = scenario("s3-derived-bucket")
        .config_map("openshift-config", "s3-ca", json!({ "ca-bundle.crt": "fake" }))
        .storage(json!({ "s3": s3 }), json!({}));
    let medium = &action_json(&world.sound_plan())["medium"];
    assert_eq!((&medium["kmsKey"], &medium["trustedCa"]), (&json!("key-1"), &json!("s3-ca")));
}

/// No credential is in a plan's storage action, only where to find it.
#[test]
fn actions_name_the_secret_and_hold_no_value() {
    let text = action_json(&scenario("s3-minted-static-keys").sound_plan()).to_string();
    assert!(text.contains("installer-cloud-credentials") && !text.contains("AKIA"), "{text}");
    let user = scenario("swift-token").sound_plan();
    assert_eq!(action_json(&user)["medium"]["credentials"], "image-registry-private-configuration-user");
}

#[test]
fn shared_keys_are_refused_under_workload_identity_only() {
    let disabled = |name: &str| action_json(&scenario(name).plan())["medium"]["disableSharedKey"].clone();
    assert_eq!(disabled("azure-derived-workload-identity"), true);
    assert_eq!(disabled("azure-client-secret-not-ready"), false);
    assert_eq!(disabled("azure-account-key"), false);
}

/// What only the service can tell is asked for first; the registry follows with the next plan.
#[test]
fn the_action_goes_ahead_while_credentials_are_pending() {
    for name in ["azure-client-secret-not-ready", "ibmcos-derived-pending"] {
        let plan = scenario(name).plan();
        assert_eq!(plan.problems[0].reason, "StorageNotReady");
        assert_eq!(action_json(&plan)["verb"], "ensure", "{name}");
        assert!(plan.manifests().all(|manifest| manifest.id().kind != "Deployment"));
    }
}

#[test]
fn a_claim_is_created_only_under_the_default_name() {
    let created = |storage: Value| {
        let plan = scenario("pvc-unnamed").storage(storage, json!({})).sound_plan();
        let create = &action_json(&plan)["medium"]["create"];
        create.pointer("/spec/accessModes").cloned().unwrap_or_default()
    };
    assert_eq!(created(json!({ "pvc": {} })), json!(["ReadWriteMany"]));
    assert_eq!(created(json!({ "pvc": { "claim": "images" } })), Value::Null);
    let users = json!({ "managementState": "Unmanaged", "pvc": { "claim": "image-registry-storage" } });
    assert_eq!(created(users), Value::Null);
}

#[test]
fn an_empty_dir_needs_no_action() {
    let plan = scenario("none-emptydir").sound_plan();
    assert_eq!(action(&plan), None);
    assert_eq!(at(&plan, "Deployment/image-registry", "/spec/template/spec/volumes/0/emptyDir"), Some(&json!({})));
}

/// A volume for one node allows one pod, which has to go before the next one comes.
#[test]
fn access_modes_limit_replicas_and_strategy() {
    let problems = |modes: Value, replicas: i32, strategy: &str| {
        let world = scenario("pvc-rwo-recreate")
            .patch("PersistentVolumeClaim/images", json!({ "spec": { "accessModes": modes } }))
            .patch(CONFIG, json!({ "spec": { "replicas": replicas, "rolloutStrategy": strategy } }));
        world.plan().problems.into_iter().map(|problem| problem.path).collect::<Vec<_>>()
    };
    let (once, many) = (json!(["ReadWriteOnce"]), json!(["ReadWriteOnce", "ReadWriteMany"]));
    assert_eq!(problems(once.clone(), 1, "Recreate"), [""; 0]);
    assert_eq!(problems(once.clone(), 0, "Recreate"), [""; 0]);
    assert_eq!(problems(once, 2, "RollingUpdate"), ["spec.replicas", "spec.rolloutStrategy"]);
    assert_eq!(problems(many, 2, "RollingUpdate"), [""; 0]);
    assert_eq!(problems(json!(["ReadOnlyMany"]), 1, "Recreate"), ["spec.storage.pvc.claim"]);
}

#[test]
fn a_swift_container_is_named_with_the_project_it_is_in() {
    let action = action_json(&scenario("openstack-swift-user-secret").sound_plan());
    let fields = ["authURL", "authVersion", "domain", "tenant", "tenantID", "regionName"];
    let told = fields.map(|field| action["medium"][field].clone());
    assert_eq!(json!(told), json!(["https://ks.example.com/v3", 3, "Default", "proj", "proj-id", "regionOne"]));
    assert_eq!(action["medium"].get("domainID"), None);
}

#[test]
fn a_swift_container_has_no_slash_and_at_most_256_bytes_in_its_name() {
    for name in ["a/b", &"x".repeat(257)] {
        let patch = json!({ "spec": { "storage": { "swift": { "container": name } } } });
        let plan = scenario("openstack-swift-user-secret").patch(CONFIG, patch).plan();
        let problem = plan.problems.iter().find(|problem| problem.path == "spec.storage.swift.container");
        assert_eq!(problem.map(|problem| problem.reason), Some("ContainerNameInvalid"), "{name}");
    }
}
