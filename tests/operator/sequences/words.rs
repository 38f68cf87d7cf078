//! What people write into the fields whose schema does not say what makes sense.

use serde_json::{Value, json};

/// The claim and the Secret that every world has.
pub const CLAIM: &str = "mine";
pub const CERTIFICATE: &str = "route-tls";

/// The words for a field; none if its schema says it all.
pub fn words(field: &str) -> Vec<Value> {
    let node = "kubernetes.io/hostname";
    match field {
        // Neither may depend on what a test before it has left behind, nor on how late it is.
        "managementState" => {
            [vec!["Managed"; 8], vec!["Removed", "Unmanaged"]].concat().into_iter().map(Value::from).collect()
        }
        "schedule" => ["", "15 3 * * 0", "@yearly", "0 4 1 */3 SUN"].map(Value::from).into(),
        "keepYoungerThanDuration" | "maxWaitInQueue" => ["60m", "1h30m", "0s", "30s"].map(Value::from).into(),
        "observedConfig" => vec![json!({}), json!({"servingInfo": {"minTLSVersion": "VersionTLS13"}})],
        "httpSecret" => vec![json!("a-secret-of-the-user"), json!("another: \u{2028}\u{85}#'\"")],
        "unsupportedConfigOverrides" => vec![
            json!({}),
            json!({"deployment": {"annotations": {"example.com/a": "b", "example.com/u": "\u{2029}ü\u{feff}"}}}),
            json!({"deployment": {"annotations": {"example.com/a": "c"}}, "other": [1]}),
        ],
        "storage" => vec![
            json!({"emptyDir": {}}),
            json!({"emptyDir": {}}),
            json!({"pvc": {}}),
            json!({"pvc": {"claim": CLAIM}}),
            json!({"pvc": {"claim": CLAIM}, "managementState": "Unmanaged"}),
        ],
        "routes" => vec![
            json!([]),
            json!([{"name": "one"}]),
            json!([{"name": "one", "hostname": "one.example.com"}, {"name": "two", "secretName": CERTIFICATE}]),
            json!([{"name": "two", "hostname": "two.example.com"}]),
        ],
        "proxy" => vec![
            json!({}),
            json!({"http": "http://proxy.example.com:3128", "noProxy": ".example.com,10.0.0.0/8"}),
            json!({"https": "https://user@proxy.example.com", "noProxy": ""}),
        ],
        "nodeSelector" => {
            vec![
                json!({"kubernetes.io/os": "linux"}),
                json!({"node-role.kubernetes.io/worker": ""}),
                json!({node: "node-1"}),
            ]
        }
        "tolerations" => vec![
            json!([]),
            json!([{"operator": "Exists"}]),
            json!([{"key": "a", "operator": "Exists", "effect": "NoSchedule"}, {"key": "b", "value": "c", "effect": "NoExecute", "tolerationSeconds": 30}]),
        ],
        "resources" => vec![
            json!({}),
            json!({"limits": {}, "requests": {}}),
            json!({"claims": [], "requests": {"cpu": "0.1"}}),
            json!({"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"memory": "1024Mi"}}),
        ],
        "affinity" => affinities(),
        "topologySpreadConstraints" => vec![
            json!([]),
            json!([{"maxSkew": 1, "topologyKey": node, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": {}}}]),
        ],
        _ => Vec::new(),
    }
}

fn affinities() -> Vec<Value> {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let everywhere = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchExpressions": []}, "namespaces": [], "namespaceSelector": {}});
    vec![
        json!({}),
        json!({"nodeAffinity": {}, "podAffinity": {preferred: []}}),
        json!({"podAntiAffinity": {preferred: [{"weight": 1, "podAffinityTerm": everywhere}], required: []}}),
        json!({"nodeAffinity": {
            required: {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/os", "operator": "Exists", "values": []}]}]},
            preferred: [{"weight": 3, "preference": {"matchFields": []}}],
        }}),
    ]
}
