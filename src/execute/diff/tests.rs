//! Tests of [`super`].

#![allow(clippy::unwrap_used)]

use super::*;

fn live(body: Value) -> Live {
    Live::with_all_managers(body).unwrap()
}

fn deployment(image: &str, secret: &str, replicas: u8) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "r", "namespace": "n", "resourceVersion": replicas.to_string(), "managedFields": [
            { "manager": "kubectl-edit", "operation": "Update", "fieldsV1": { "f:spec": {
                "f:replicas": {}, "f:template": { "f:spec": { "f:containers": {
                    "k:{\"name\":\"registry\"}": { "f:image": {} } } } } } } },
            { "manager": "image-registry-operator", "operation": "Apply", "fieldsV1": { "f:spec": { "f:paused": {} } } },
        ] },
        "spec": { "replicas": replicas, "paused": false, "template": { "spec": { "containers": [
            { "name": "registry", "image": image, "env": [{ "name": "REGISTRY_HTTP_SECRET", "value": secret }] },
        ] } } },
        "status": { "replicas": replicas },
    })
}

#[test]
fn fields_have_paths_owners_and_no_secrets() {
    let before = live(deployment("old", "correct-horse", 1));
    let mut new = deployment("new", "battery-staple", 2);
    new["spec"]["template"]["spec"]["containers"][0]["tty"] = true.into();
    let changes = between(&before, &new);
    let text: Vec<String> = changes
        .iter()
        .map(|Change { path, old, new, owners }| {
            let value = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
            format!("{path} {} {} {}", value(old), value(new), owners.join(","))
        })
        .collect();
    let container = "spec.template.spec.containers[registry]";
    assert_eq!(
        text,
        [
            "spec.replicas 1 2 kubectl-edit".to_owned(),
            format!("{container}.env[REGISTRY_HTTP_SECRET].value \"<masked>\" \"<masked>\" "),
            format!("{container}.image \"old\" \"new\" kubectl-edit"),
            format!("{container}.tty - true "),
        ]
    );
    assert_eq!(between(&before, before.body()), []);
}

#[test]
fn only_wanted_fields_count_where_a_part_is_wanted() {
    let config = json!({ "apiVersion": "v1", "kind": "Config", "metadata": { "name": "c" },
        "spec": { "replicas": 1, "storage": { "s3": { "bucket": "b" } } } });
    let changes =
        wanted(&live(config), &json!({ "spec": { "httpSecret": "x", "storage": { "s3": { "region": "r" } } } }));
    let paths: Vec<(&str, Option<&str>)> =
        changes.iter().map(|change| (change.path.as_str(), change.new.as_ref().and_then(Value::as_str))).collect();
    assert_eq!(paths, [("spec.httpSecret", Some(MASKED)), ("spec.storage.s3.region", Some("r"))]);
}

#[test]
fn lists_are_compared_by_key_then_by_place_then_as_a_whole() {
    let object = |value: Value| json!({ "kind": "X", "metadata": { "name": "x" }, "spec": value });
    for (old, new, want) in [
        (json!([1, 2]), json!([1, 3]), vec!["spec[1]"]),
        (json!([1, 2]), json!([1]), vec!["spec"]),
        (json!([{ "name": "a" }, { "name": "b" }]), json!([{ "name": "b" }, { "name": "a" }]), vec!["spec"]),
        (json!([{ "name": "a", "v": 1 }]), json!([{ "name": "b" }, { "name": "a" }]), vec!["spec[a].v", "spec[b]"]),
        (json!({ "cpu": "1000m" }), json!({ "cpu": 1 }), vec![]),
        (json!({ "a.b/c": 1 }), json!({}), vec!["spec[a.b/c]"]),
    ] {
        let changes = between(&live(object(old)), &object(new));
        assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), want);
    }
}

#[test]
fn what_the_reference_wrote_and_nobody_renders_goes() {
    let mut object = deployment("i", "s", 1);
    object["metadata"]["managedFields"] = json!([
        { "manager": "reference", "operation": "Update", "fieldsV1": { "f:metadata": { "f:annotations": {
            ".": {}, "f:sum": {}, "f:kept": {}, "f:shared": {} } }, "f:spec": { "f:paused": {} } } },
        { "manager": "user", "operation": "Update", "fieldsV1": { "f:metadata": { "f:annotations": { "f:shared": {} } } } },
    ]);
    object["metadata"]["annotations"] = json!({ "sum": "1", "kept": "2", "shared": "3" });
    let rendered = json!({ "metadata": { "annotations": { "kept": "2" } }, "spec": { "paused": false } });
    let gone = left_behind(&live(object), &["reference"], &rendered);
    assert_eq!(gone.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["metadata.annotations.sum"]);
}

#[test]
fn what_others_add_to_a_pod_goes_and_what_they_add_beside_it_stays() {
    let mut object = deployment("i", "s", 1);
    object["metadata"]["managedFields"] = json!([{ "manager": "user", "operation": "Update", "fieldsV1": { "f:spec": {
        "f:paused": {}, "f:template": { "f:spec": { "f:hostNetwork": {} } } } } }]);
    object["spec"]["paused"] = json!(true);
    object["spec"]["template"]["spec"]["hostNetwork"] = json!(true);
    let part = crate::execute::live::whole("Deployment").unwrap();
    let gone = additions(&live(object), part, &json!({ "spec": { "template": { "spec": {} } } }));
    let gone: Vec<_> = gone.iter().map(|change| (change.path.as_str(), change.owners.join(","))).collect();
    assert_eq!(gone, [("spec.template.spec.hostNetwork", "user".to_owned())]);
}
