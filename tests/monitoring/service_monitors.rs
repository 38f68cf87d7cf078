//! ServiceMonitors: what Prometheus scrapes is there, is only the registry and the operator, and is scraped once.

use crate::{documents, list, manifests, read, text};
use serde_json::Value;

const NAMESPACE: &str = "openshift-image-registry";

fn monitor(name: &str) -> Value {
    let mut found = manifests("ServiceMonitor");
    found.retain(|(_, object)| text(object, "/metadata/name") == name);
    let [(_, monitor)] = found.try_into().unwrap();
    assert_eq!(text(&monitor, "/metadata/namespace"), NAMESPACE);
    monitor
}

/// The Service that the operator renders for the registry.
fn rendered() -> Value {
    let documents: Vec<Value> = serde_saphyr::from_multiple(&read("snapshots/aws-default.yaml")).unwrap();
    documents.into_iter().find(|document| document["kind"] == "Service").unwrap()
}

/// Whether a Service has the labels that the monitor selects by, which must be some.
fn selects(monitor: &Value, service: &Value) -> bool {
    let labels = monitor.pointer("/spec/selector/matchLabels").and_then(Value::as_object).expect("a selector");
    !labels.is_empty() && labels.iter().all(|(name, value)| service["metadata"]["labels"].get(name) == Some(value))
}

fn endpoint(monitor: &Value) -> &Value {
    let [endpoint] = list(monitor, "/spec/endpoints") else { panic!("one endpoint, or targets are scraped twice") };
    assert_eq!(text(endpoint, "/scheme"), "https");
    endpoint
}

/// The host that the certificate of a Service is for, as service-ca makes it.
fn host(service: &Value) -> String {
    let [name, namespace] = ["/metadata/name", "/metadata/namespace"].map(|pointer| text(service, pointer));
    format!("{name}.{namespace}.svc")
}

#[test]
fn the_registry_is_scraped_once() {
    let (monitor, service) = (monitor("image-registry"), rendered());
    assert!(selects(&monitor, &service));
    assert_eq!(list(&monitor, "/spec/namespaceSelector/matchNames"), [NAMESPACE]);
    let endpoint = endpoint(&monitor);
    assert_eq!(text(endpoint, "/port"), text(&service, "/spec/ports/0/name"));
    assert_eq!(endpoint.get("targetPort"), None, "with a port, Prometheus' operator disregards it");
    assert_eq!(text(endpoint, "/tlsConfig/serverName"), host(&service));
    assert_eq!(text(endpoint, "/path"), "/extensions/v2/metrics");
    text(endpoint, "/bearerTokenFile");
    let [keep] = list(endpoint, "/relabelings") else { panic!("one relabeling") };
    assert_eq!([text(keep, "/action"), text(keep, "/regex")], ["keep", text(&service, "/metadata/name")]);
    assert_eq!(list(keep, "/sourceLabels"), ["__meta_kubernetes_service_name"]);
}

#[test]
fn the_operator_is_scraped_where_it_serves() {
    let monitor = monitor("image-registry-operator");
    let [service] = documents("manifests/07-operator-service.yaml").try_into().unwrap();
    assert!(selects(&monitor, &service));
    assert!(!selects(&monitor, &rendered()));
    let endpoint = endpoint(&monitor);
    let port = &endpoint["targetPort"];
    assert_eq!(port, &service["spec"]["ports"][0]["targetPort"]);
    assert_eq!(text(endpoint, "/tlsConfig/serverName"), host(&service));
    assert_eq!(endpoint.get("bearerTokenFile"), None, "the operator asks nobody who they are");
    for file in ["07-operator.yaml", "ibm-cloud-managed/07-operator-ibm-cloud-managed.yaml"] {
        // Prometheus' operator finds a targetPort among the ports that a container declares.
        let [deployment] = documents(&format!("manifests/{file}")).try_into().unwrap();
        let ports = list(&deployment, "/spec/template/spec/containers/0/ports");
        assert!(ports.iter().any(|declared| declared["containerPort"] == *port), "{file}: {ports:?}");
        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        assert_eq!(labels["name"], service["spec"]["selector"]["name"], "{file}");
    }
}

#[test]
fn prometheus_may_look_at_what_it_scrapes() {
    let account = |subject: &Value| {
        subject["kind"] == "ServiceAccount"
            && subject["name"] == "prometheus-k8s"
            && subject["namespace"] == "openshift-monitoring"
    };
    for (kind, role, resources, verbs) in [
        ("Role", "prometheus-k8s", vec!["services", "endpoints", "pods"], vec!["get", "list", "watch"]),
        ("ClusterRole", "registry-monitoring", vec!["registry/metrics"], vec!["get"]),
    ] {
        let named = |(_, object): &(String, Value)| object["metadata"]["name"] == role;
        let (_, found) = manifests(kind).into_iter().find(named).unwrap();
        assert_eq!(list(&found, "/rules/0/resources"), resources, "{role}");
        assert_eq!(list(&found, "/rules/0/verbs"), verbs, "{role}");
        let (_, binding) = manifests(&format!("{kind}Binding")).into_iter().find(named).unwrap();
        assert_eq!(binding["roleRef"]["name"], role);
        assert!(list(&binding, "/subjects").iter().all(account), "{role}");
    }
}
