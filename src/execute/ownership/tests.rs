//! The comparison against what an API server keeps.

use super::*;
use serde_json::json;

fn rendered() -> Value {
    json!({
        "apiVersion": "v1", "kind": "X", "metadata": { "name": "n", "labels": { "a": "1" } },
        "spec": {
            "ports": [{ "name": "p", "port": 5000, "protocol": "TCP" }],
            "resources": { "requests": { "cpu": "0.1" } },
            "selector": { "x": "y" },
            "disk": {},
        },
    })
}

fn owned() -> Value {
    json!({
        "f:metadata": { "f:labels": { "f:a": {} } },
        "f:spec": {
            "f:ports": { "k:{\"port\":5000,\"protocol\":\"TCP\"}": { ".": {}, "f:name": {}, "f:port": {}, "f:protocol": {} } },
            "f:resources": { "f:requests": { "f:cpu": {} } },
            "f:selector": {},
            "f:disk": {},
        },
    })
}

fn live() -> Value {
    let mut live = rendered();
    live["spec"]["ports"][0]["targetPort"] = json!(5000);
    live["spec"]["resources"]["requests"]["cpu"] = json!("100m");
    live["spec"]["others"] = json!("stays");
    live
}

#[test]
fn equal_fields_need_nothing() {
    assert!(is_as_rendered(&owned(), &rendered(), &live()));
}

#[test]
fn a_changed_value_a_lost_field_and_a_stale_one_need_an_apply() {
    let mut changed = live();
    changed["spec"]["selector"]["x"] = json!("z");
    assert!(!is_as_rendered(&owned(), &rendered(), &changed));

    let mut lost = owned();
    lost["f:spec"].as_object_mut().unwrap().remove("f:disk");
    assert!(!is_as_rendered(&lost, &rendered(), &live()));

    let mut stale = owned();
    stale["f:spec"]["f:gone"] = json!({});
    assert!(!is_as_rendered(&stale, &rendered(), &live()));

    let mut stale_item = owned();
    stale_item["f:spec"]["f:ports"]["k:{\"port\":1,\"protocol\":\"TCP\"}"] = json!({ ".": {}, "f:port": {} });
    assert!(!is_as_rendered(&stale_item, &rendered(), &live()));
}

/// An apply of `affinity: {}` over more leaves the manager with the field, and the object without it.
#[test]
fn an_empty_map_that_was_taken_is_there_by_ownership_alone() {
    let mut gone = live();
    gone["spec"].as_object_mut().unwrap().remove("disk");
    assert!(is_as_rendered(&owned(), &rendered(), &gone));

    let mut full = rendered();
    full["spec"]["disk"] = json!({ "size": 1 });
    assert!(!is_as_rendered(&owned(), &full, &gone));

    let mut other = owned();
    other["f:spec"]["f:disk"] = json!({ "f:size": {} });
    assert!(!is_as_rendered(&other, &rendered(), &gone));
}

#[test]
fn quantities_are_amounts() {
    for (one, other) in [("0.1", "100m"), ("1", "1000m"), ("1Gi", "1024Mi"), ("1k", "1000"), ("1.5", "1500m")] {
        assert!(contains(&json!(one), &json!(other)), "{one} {other}");
    }
    for (one, other) in [("1", "2"), ("true", "1"), ("abc", "abd"), ("1Gi", "1G")] {
        assert!(!contains(&json!(one), &json!(other)), "{one} {other}");
    }
}

#[test]
fn extracting_gives_what_is_owned() {
    let owned = json!({
        "f:metadata": { "f:finalizers": { "v:\"a\"": {} } },
        "f:spec": { "f:s3": { "f:bucket": {} }, "f:list": { "k:{\"name\":\"x\"}": { ".": {}, "f:name": {}, "f:v": {} } } },
    });
    let live = json!({
        "metadata": { "finalizers": ["a", "b"] },
        "spec": { "s3": { "bucket": "b", "region": "r" }, "list": [{ "name": "x", "v": 1, "w": 2 }, { "name": "y" }] },
    });
    let want = json!({
        "metadata": { "finalizers": ["a"] },
        "spec": { "s3": { "bucket": "b" }, "list": [{ "name": "x", "v": 1 }] },
    });
    assert_eq!(extract(&owned, &live), Some(want));
}
