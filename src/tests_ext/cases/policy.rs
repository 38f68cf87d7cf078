//! What a NetworkPolicy allows, whichever rules it says it with.

use serde_json::{Value, json};

/// Whether its podSelector is this one.
///
/// # Errors
/// What it selects instead.
pub fn selects(policy: &Value, labels: &Value) -> Result<(), String> {
    let found = &policy["spec"]["podSelector"];
    let wanted = if *labels == json!({}) { json!({}) } else { json!({ "matchLabels": labels }) };
    if *found == wanted { Ok(()) } else { Err(format!("spec.podSelector is {found}, not {wanted}")) }
}

/// Whether it is about these directions and no other.
///
/// # Errors
/// Which it is about instead.
pub fn is_about(policy: &Value, types: &[&str]) -> Result<(), String> {
    let found = &policy["spec"]["policyTypes"];
    let has = |type_: &&str| found.as_array().is_some_and(|found| found.iter().any(|found| found == *type_));
    let all = types.iter().all(has) && found.as_array().is_some_and(|found| found.len() == types.len());
    if all { Ok(()) } else { Err(format!("spec.policyTypes is {found}, not {types:?}")) }
}

/// Whether it has no rule at all.
///
/// # Errors
/// The rules.
pub fn allows_nothing(policy: &Value) -> Result<(), String> {
    let rules = ["ingress", "egress"].map(|direction| policy["spec"][direction].as_array().map_or(0, Vec::len));
    if rules == [0, 0] { Ok(()) } else { Err(format!("spec has {} ingress and {} egress rules", rules[0], rules[1])) }
}

/// Whether everybody may reach this port of the pods (`ingress`), or the pods this port of everybody (`egress`).
///
/// # Errors
/// The rules that do not allow it.
pub fn allows(policy: &Value, direction: &str, protocol: &str, port: i64) -> Result<(), String> {
    let peers = if direction == "ingress" { "from" } else { "to" };
    let rules = policy["spec"][direction].as_array();
    let allows = |rule: &Value| is_for_all(&rule[peers]) && has_port(&rule["ports"], protocol, port);
    if rules.is_some_and(|rules| rules.iter().any(allows)) {
        return Ok(());
    }
    Err(format!("spec.{direction} does not allow {protocol} port {port}: {}", policy["spec"][direction]))
}

/// No list of peers stands for everybody, and so does an empty selector of namespaces for the cluster.
fn is_for_all(peers: &Value) -> bool {
    peers.as_array().is_none_or(|peers| peers.is_empty() || peers.contains(&json!({"namespaceSelector": {}})))
}

fn has_port(ports: &Value, protocol: &str, port: i64) -> bool {
    let is_it = |found: &Value| {
        let first = found["port"].as_i64();
        let last = found["endPort"].as_i64().or(first);
        found["protocol"].as_str().unwrap_or("TCP") == protocol
            && (found["port"].is_null() || first.is_some_and(|first| first <= port) && last >= Some(port))
    };
    ports.as_array().is_none_or(|ports| ports.is_empty() || ports.iter().any(is_it))
}

#[cfg(test)]
mod tests {
    use super::{allows, is_about, selects};
    use serde_json::{Value, json};

    #[test]
    fn rules_that_say_the_same_are_the_same() {
        let policy = |rule: Value| json!({"spec": {"ingress": [{"ports": [{"port": 1}]}, rule]}});
        let rule = |from: Value, ports: Value| policy(json!({"from": from, "ports": ports}));
        let tcp = || json!([{"port": 5000, "protocol": "TCP"}]);
        for policy in [
            policy(json!({})),
            policy(json!({"ports": [{"port": 5000}]})),
            rule(json!([]), json!([])),
            rule(json!([{"namespaceSelector": {}}]), tcp()),
            rule(json!(null), json!([{"port": 4000, "endPort": 5000}])),
        ] {
            assert_eq!(allows(&policy, "ingress", "TCP", 5000), Ok(()), "{policy}");
            assert!(allows(&policy, "egress", "TCP", 5000).is_err(), "{policy}");
        }
        for policy in [
            rule(json!([{"namespaceSelector": {"matchLabels": {"a": "b"}}}]), tcp()),
            rule(json!([{"podSelector": {}}]), tcp()),
            policy(json!({"ports": [{"port": 5000, "protocol": "UDP"}]})),
            policy(json!({"ports": [{"port": 5001}, {"port": "registry"}]})),
        ] {
            assert!(allows(&policy, "ingress", "TCP", 5000).is_err(), "{policy}");
        }
    }

    #[test]
    fn a_selector_is_that_one_or_another() {
        let policy = json!({"spec": {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Egress"]}});
        assert_eq!(selects(&policy, &json!({"a": "b"})), Ok(()));
        assert!(selects(&policy, &json!({})).is_err());
        assert_eq!(is_about(&policy, &["Egress"]), Ok(()));
        assert!(is_about(&policy, &["Egress", "Ingress"]).is_err());
        assert_eq!(selects(&json!({"spec": {"podSelector": {}}}), &json!({})), Ok(()));
    }
}
