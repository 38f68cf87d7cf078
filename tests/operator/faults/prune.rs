//! Only what is the operator's is deleted, and what may not be deleted yet is deleted later.

use super::run::Run;
use crate::cluster::credentials::OPERATOR;
use crate::cluster::operator::Options;
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{READY, REMOVED, condition, config, exists, is_gone, now, object, patch, until};
use crate::install::empty_dir;
use kube::api::DeleteParams;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What people have put beside the operator's objects.
fn of_the_user() -> Vec<Value> {
    let labels = json!({ "app": "of-the-user" });
    let pod = json!({ "metadata": { "labels": labels },
        "spec": { "containers": [{ "name": "one", "image": "example.com/one" }] } });
    let claim = json!({ "accessModes": ["ReadWriteMany"], "resources": { "requests": { "storage": "1Gi" } } });
    let parts = [
        ("Secret", json!({ "stringData": { "key": "value" } })),
        ("ConfigMap", json!({ "data": { "key": "value" } })),
        ("ServiceAccount", json!({})),
        ("PersistentVolumeClaim", json!({ "spec": claim })),
        ("Service", json!({ "spec": { "ports": [{ "port": 80 }] } })),
        ("Route", json!({ "spec": { "to": { "kind": "Service", "name": "of-the-user", "weight": 100 } } })),
        ("NetworkPolicy", json!({ "spec": { "podSelector": { "matchLabels": labels } } })),
        ("Deployment", json!({ "spec": { "replicas": 0, "selector": { "matchLabels": labels }, "template": pod } })),
    ];
    let whole = |(kind, rest): (&str, Value)| {
        let mut whole = object(kind, "of-the-user");
        // With the label that the operator's objects have, which makes nothing the operator's.
        whole["metadata"]["labels"] = json!({ "docker-registry": "default" });
        whole.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        whole
    };
    parts.into_iter().map(whole).collect()
}

async fn uids(cluster: &Cluster, objects: &[Value]) -> Vec<Value> {
    let mut uids = Vec::new();
    for object in objects {
        let found = now(cluster, object).await;
        assert!(found["metadata"]["uid"].is_string(), "{object} is gone");
        assert!(found["metadata"]["deletionTimestamp"].is_null(), "{found}");
        uids.push(json!([object["kind"], found["metadata"]["uid"]]));
    }
    uids
}

#[tokio::test]
async fn what_is_not_the_operators_survives_every_change() {
    let cluster = Cluster::acquire().await;
    let of_user = of_the_user();
    for object in &of_user {
        cluster.apply(object).await.unwrap();
    }
    let before = uids(&cluster, &of_user).await;
    let (run, _) = Run::installed(&cluster).await;
    assert_eq!(uids(&cluster, &of_user).await, before, "installed");

    let routes = json!([{ "name": "one" }, { "name": "two" }]);
    let claim = json!({ "emptyDir": null, "pvc": { "claim": "of-the-user" } });
    for (spec, conditions) in [
        (json!({ "routes": routes, "defaultRoute": true }), READY),
        (json!({ "routes": null, "defaultRoute": false }), READY),
        (json!({ "storage": claim }), READY),
        (json!({ "storage": { "pvc": null, "emptyDir": {}, "managementState": null } }), READY),
        (json!({ "managementState": "Removed" }), REMOVED),
        (json!({ "managementState": "Managed" }), READY),
    ] {
        let what = spec.to_string();
        run.proxy.log().stir();
        patch(&cluster, spec).await;
        run.reports(&what, &conditions).await;
        assert_eq!(uids(&cluster, &of_user).await, before, "{what}");
        // A Route goes when the garbage collector has looked for what depends on it.
        let route = object("Route", "one");
        if what.contains("two") {
            exists(&cluster, &route).await;
        } else {
            is_gone(&cluster, &route).await;
        }
        if conditions == REMOVED {
            // The name is one that is to go, and is taken over once it is to be there again.
            let mut policy = object("NetworkPolicy", "image-registry-networkpolicy");
            policy["spec"] = json!({ "podSelector": { "matchLabels": { "app": "of-the-user" } } });
            cluster.apply(&policy).await.unwrap();
            let before = uids(&cluster, &[policy.clone()]).await;
            run.proxy.log().stir();
            run.reports("with a policy of that name", &conditions).await;
            assert_eq!(uids(&cluster, &[policy]).await, before, "of the user, with a name of the operator's");
        }
    }
}

/// A policy by which the operator may delete no Route, and nobody the one that shows whether it is in effect.
fn policy() -> [Value; 2] {
    let api_version = "admissionregistration.k8s.io/v1";
    let metadata = json!({ "name": "tests-keep-routes" });
    let may = format!("request.userInfo.username != '{OPERATOR}' && request.name != 'canary'");
    let rule = json!({ "apiGroups": ["route.openshift.io"], "apiVersions": ["*"], "resources": ["routes"],
        "operations": ["DELETE"] });
    let spec = json!({ "failurePolicy": "Fail", "matchConstraints": { "resourceRules": [rule] },
        "validations": [{ "expression": may, "message": "routes are kept for now" }] });
    let binding = json!({ "policyName": "tests-keep-routes", "validationActions": ["Deny"] });
    [
        json!({ "apiVersion": api_version, "kind": "ValidatingAdmissionPolicy", "metadata": metadata, "spec": spec }),
        json!({ "apiVersion": api_version, "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata,
            "spec": binding }),
    ]
}

#[tokio::test]
async fn what_may_not_be_deleted_yet_is_deleted_once_it_may() {
    let cluster = Cluster::acquire().await;
    let mut spec = empty_dir();
    spec["spec"]["routes"] = json!([{ "name": "one" }]);
    cluster.apply(&spec).await.unwrap();
    let run = Run::start(&cluster, &Options::default().environment);
    let route = object("Route", "one");
    run.reports("installed", &READY).await;
    exists(&cluster, &route).await;

    for object in policy() {
        cluster.apply(&object).await.unwrap();
    }
    let mut canary = object("Route", "canary");
    canary["spec"] = json!({ "to": { "kind": "Service", "name": "any", "weight": 100 } });
    cluster.apply(&canary).await.unwrap();
    let (api, _) = cluster.api_of(&canary);
    let dry_run = DeleteParams { dry_run: true, ..DeleteParams::default() };
    eventually(Duration::from_secs(30), "the policy is in effect", async || {
        match api.delete("canary", &dry_run).await {
            Err(_) => Ok(()),
            Ok(_) => Err("it can be deleted".to_owned()),
        }
    })
    .await;
    let begin = Instant::now();
    patch(&cluster, json!({ "routes": null })).await;
    let told = "routes are kept for now";
    until(&cluster, &config(), told, |found| {
        let progressing = condition(found, "Progressing");
        progressing["status"] == "True" && progressing["message"].as_str().is_some_and(|text| text.contains(told))
    })
    .await;
    assert!(!now(&cluster, &route).await.is_null());
    for object in policy() {
        cluster.delete(&object).await.unwrap();
    }
    is_gone(&cluster, &route).await;
    let deletions = run.proxy.log().writes_since(begin).into_iter().filter(|line| line.starts_with("DELETE")).count();
    assert!((2..=10).contains(&deletions), "{deletions} attempts in {:?}", begin.elapsed());
    run.proxy.log().stir();
    run.reports("after the policy", &READY).await;

    // Somebody's finalizer holds it: it is asked for once, and nothing else waits.
    patch(&cluster, json!({ "routes": [{ "name": "one" }] })).await;
    exists(&cluster, &route).await;
    cluster.merge(&route, json!({ "metadata": { "finalizers": ["example.com/keep"] } })).await.unwrap();
    run.proxy.log().stir();
    run.reports("with a finalizer", &READY).await;
    let begin = Instant::now();
    run.proxy.log().stir();
    patch(&cluster, json!({ "routes": null })).await;
    until(&cluster, &route, "is being deleted", |found| !found["metadata"]["deletionTimestamp"].is_null()).await;
    run.reports("with a Route that is being deleted", &READY).await;
    let writes = run.proxy.log().writes_since(begin);
    assert_eq!(writes.iter().filter(|line| line.starts_with("DELETE")).count(), 1, "{writes:#?}");
    cluster.merge(&route, json!({ "metadata": { "finalizers": null } })).await.unwrap();
    is_gone(&cluster, &route).await;
}
