//! The network: whether a pod that says where it connects to gets there.

use super::super::objects::Objects;
use kube::Error;
use serde_json::{Map, Value};

/// A Service's host and port, as the environment of a pod's container names them.
pub struct Target {
    service: String,
    namespace: String,
    port: i64,
}

impl Target {
    /// Where a pod connects to that ends by itself and has HOST and PORT.
    pub fn of(pod: &Value) -> Option<Self> {
        let variables = pod.pointer("/spec/containers/0/env")?.as_array()?;
        let value = |name: &str| variables.iter().find(|variable| variable["name"] == name)?["value"].as_str();
        let mut host = value("HOST")?.split('.').map(str::to_owned);
        let (service, namespace, port) = (host.next()?, host.next()?, value("PORT")?.parse().ok()?);
        (pod["spec"]["restartPolicy"] == "Never").then_some(Target { service, namespace, port })
    }

    /// Whether there is a way from the pod to a ready pod of the Service; else what is in it.
    pub async fn is_reached(&self, objects: &Objects, pod: &Value) -> Result<Result<(), String>, Error> {
        let Target { service, namespace, port } = self;
        let Some(found) = objects.try_get("v1", "Service", namespace, service).await? else {
            return Ok(Err(format!("there is no Service {service}")));
        };
        let ports = found["spec"]["ports"].as_array().into_iter().flatten();
        let Some(target_port) =
            ports.filter(|found| found["port"] == *port).find_map(|found| found["targetPort"].as_i64())
        else {
            return Ok(Err(format!("Service {service} has no port {port}")));
        };
        let slices = objects.list("discovery.k8s.io/v1", "EndpointSlice", namespace).await?;
        let slices =
            slices.iter().filter(|slice| slice["metadata"]["labels"]["kubernetes.io/service-name"] == *service);
        let endpoints = slices.filter_map(|slice| slice["endpoints"].as_array()).flatten();
        let ready = endpoints.filter(|endpoint| endpoint["conditions"]["ready"] == true);
        let names: Vec<&Value> = ready.map(|endpoint| &endpoint["targetRef"]["name"]).collect();
        let pods = objects.list("v1", "Pod", namespace).await?;
        let mut targets = pods.iter().filter(|pod| names.contains(&&pod["metadata"]["name"]));
        let policies = objects.list("networking.k8s.io/v1", "NetworkPolicy", namespace).await?;
        let from = pod["metadata"]["namespace"].as_str().unwrap_or_default();
        let home = objects.try_get("v1", "Namespace", "", from).await?.unwrap_or_default();
        let source = Source { namespace: &home["metadata"], pod: &pod["metadata"], is_at_home: from == namespace };
        if names.is_empty() {
            return Ok(Err(format!("Service {service} has no ready endpoint")));
        }
        if targets.any(|target| source.is_let_in(target, &policies, target_port)) {
            return Ok(Ok(()));
        }
        Ok(Err(format!("no NetworkPolicy in {namespace} allows TCP port {target_port} from {from}")))
    }
}

/// Who wants to get in: metadata of the namespace and of the pod.
struct Source<'a> {
    namespace: &'a Value,
    pod: &'a Value,
    is_at_home: bool,
}

impl Source<'_> {
    /// A pod that no policy selects is open to all; else one of those that do has to allow it.
    fn is_let_in(&self, target: &Value, policies: &[Value], port: i64) -> bool {
        let is_about = |policy: &&Value| {
            let types = policy["spec"]["policyTypes"].as_array();
            selects(&policy["spec"]["podSelector"], &target["metadata"]["labels"])
                && types.is_some_and(|types| types.iter().any(|type_| type_ == "Ingress"))
        };
        let mut about = policies.iter().filter(is_about).peekable();
        let rules = |policy: &Value| policy["spec"]["ingress"].as_array().cloned().unwrap_or_default();
        about.peek().is_none() || about.flat_map(rules).any(|rule| self.matches(&rule) && has_port(&rule, port))
    }

    fn matches(&self, rule: &Value) -> bool {
        let is_peer = |peer: &Value| {
            let is_of_namespace = match &peer["namespaceSelector"] {
                Value::Null => self.is_at_home,
                selector => selects(selector, &self.namespace["labels"]),
            };
            let is_pod = peer["podSelector"].is_null() || selects(&peer["podSelector"], &self.pod["labels"]);
            peer["ipBlock"].is_null() && is_of_namespace && is_pod
        };
        rule["from"].as_array().is_none_or(|peers| peers.is_empty() || peers.iter().any(is_peer))
    }
}

fn has_port(rule: &Value, port: i64) -> bool {
    let is_it = |found: &Value| found["port"] == port && found["protocol"].as_str().unwrap_or("TCP") == "TCP";
    rule["ports"].as_array().is_none_or(|ports| ports.is_empty() || ports.iter().any(is_it))
}

/// Whether a label selector selects these labels.
fn selects(selector: &Value, labels: &Value) -> bool {
    let none = Map::new();
    let wanted = selector["matchLabels"].as_object().unwrap_or(&none);
    let holds = |expression: &Value| {
        let value = &labels[expression["key"].as_str().unwrap_or_default()];
        let is_listed = expression["values"].as_array().is_some_and(|values| values.contains(value));
        match expression["operator"].as_str() {
            Some("In") => is_listed,
            Some("NotIn") => !is_listed,
            Some("Exists") => !value.is_null(),
            Some("DoesNotExist") => value.is_null(),
            other => panic!("a label selector has no operator {other:?}"),
        }
    };
    wanted.iter().all(|(key, value)| labels[key] == *value)
        && selector["matchExpressions"].as_array().is_none_or(|expressions| expressions.iter().all(holds))
}
