//! What the verbs print and write.

use crate::program::{files, run};
use crate::search::{find, silent};
use crate::world::scenarios;
use serde_json::{Value, json};
use std::fs;

/// Besides, the plain rendering holds canaries, so that they would be found.
#[test]
fn every_verb_masks_what_it_prints() {
    let directory = tempfile::tempdir().unwrap();
    let (mut rendered, mut told) = (0, 0);
    for scenario in scenarios(directory.path()) {
        let environment = if scenario.directory.join("env.yaml").exists() { " --env-file env.yaml" } else { "" };
        for verb in ["validate", "render --mask-secrets", "render -o plan", "render --mask-secrets -o json"] {
            let ran = run(&scenario.directory, &format!("{verb} -f input.yaml{environment}"));
            let what = format!("{verb} of {} (exit code {:?})", scenario.name, ran.code);
            silent(&what, &ran.stdout);
            silent(&format!("{what}, standard error"), &ran.stderr);
        }
        let plain = run(&scenario.directory, &format!("render -f input.yaml{environment}"));
        silent(&format!("render of {}, standard error", scenario.name), &plain.stderr);
        rendered += usize::from(plain.code == Some(0));
        told += usize::from(find(&plain.stdout).is_some());
    }
    assert!(rendered > 100 && told > 60, "of {rendered} rendered scenarios, {told} have a secret");
}

#[test]
fn check_masks_golden_files_differences_and_summaries() {
    let directory = tempfile::tempdir().unwrap();
    let all = scenarios(&directory.path().join("fixtures"));
    let check =
        |more: &str| run(directory.path(), &format!("check -f fixtures --golden golden --summary summary {more}"));
    let told = |ran: &crate::program::Ran| {
        let summary = fs::read_to_string(directory.path().join("summary")).unwrap_or_default();
        format!("{}{}{summary}", ran.stdout, ran.stderr)
    };
    fs::create_dir(directory.path().join("golden")).unwrap();
    silent("check without golden files", &told(&check("")));
    silent("check --update", &told(&check("--update")));
    silent("golden files", &files(&directory.path().join("golden")));

    // Somebody has put plain manifests among them, and every object has something else.
    for scenario in &all {
        let mut objects = scenario.objects.clone();
        objects.iter_mut().filter(|object| object["kind"] == "Config").for_each(|config| {
            config["spec"]["replicas"] = json!(7);
        });
        scenario.write(&objects);
        let golden = directory.path().join(format!("golden/{}.yaml", scenario.name));
        let plain = run(&scenario.directory, "render -f input.yaml --env-file env.yaml");
        if plain.code == Some(0) && golden.exists() {
            fs::write(golden, plain.stdout.replace("replicas: 7", "replicas: 8")).unwrap();
        }
    }
    let ran = check("");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("replicas: 8"), "{:.2000}", ran.stdout);
    silent("check of plain golden files", &told(&ran));
}

#[test]
fn directories_of_masked_manifests_have_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    for scenario in scenarios(directory.path()).iter().step_by(5) {
        run(&scenario.directory, "render --mask-secrets -f input.yaml --env-file env.yaml --out-dir out");
        if scenario.directory.join("out").exists() {
            silent(&format!("--out-dir of {}", scenario.name), &files(&scenario.directory.join("out")));
        }
    }
}

/// Each value where something else is expected; such errors like to quote.
#[test]
fn errors_quote_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    let wrong: [fn(Value) -> Value; 3] = [|value| json!([value]), |value| json!({ "value": value }), |_| json!(7)];
    let mut refused = 0;
    for scenario in scenarios(directory.path()).iter().step_by(3) {
        for (number, wrong) in wrong.iter().enumerate() {
            let mut objects = scenario.objects.clone();
            for object in &mut objects {
                let paths: &[&str] = match object["kind"].as_str().unwrap_or_default() {
                    "Secret" => &["/data", "/stringData"],
                    "Config" => &["/spec/proxy"],
                    "Proxy" => &["/status"],
                    _ => &[],
                };
                let maps: Vec<&&str> =
                    paths.iter().filter(|path| object.pointer(path).is_some_and(Value::is_object)).collect();
                for path in maps {
                    let values = object.pointer_mut(path).and_then(Value::as_object_mut).unwrap();
                    values.values_mut().for_each(|value| *value = wrong(value.take()));
                }
                if let Some(secret) = object.pointer_mut("/spec/httpSecret") {
                    *secret = wrong(secret.take());
                }
            }
            scenario.write(&objects);
            let ran = run(&scenario.directory, "render --mask-secrets -f input.yaml");
            silent(&format!("render of {} with wrong types ({number})", scenario.name), &ran.stderr);
            silent(&format!("render of {} with wrong types ({number})", scenario.name), &ran.stdout);
            refused += usize::from(ran.code == Some(2));
        }
    }
    assert!(refused > 80, "{refused}");
}

/// What comes of a secret that stands where a key or a kind should.
#[test]
fn a_secret_in_the_wrong_place_is_not_quoted() {
    let directory = tempfile::tempdir().unwrap();
    let secret = format!("{}+/{}==", crate::search::canary(1), "x".repeat(20));
    let object = |kind: &str, rest: &str| {
        let version = if kind == "Secret" { "v1" } else { "imageregistry.operator.openshift.io/v1" };
        let name = if kind == "Secret" { "installer-cloud-credentials" } else { "cluster" };
        format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: openshift-image-registry}}\n{rest}\n"
        )
    };
    for input in [
        object("Secret", &format!("data: {{\"{secret}\": }}\nstringData: {{\"{secret}\": 7}}")),
        object("Secret", &format!("data: {{\"{secret}\": '!'}}")),
        object("Secret", &format!("data: {{a: b, \"{secret}\": c, \"{secret}\": d}}")),
        object("Secret", &format!("data:\n  key: {secret}\n\tkey: x")),
        object("Secret", &format!("data: {{key: &{secret} x}}")),
        object("Secret", &format!("data: {{key: *{secret}}}")),
        object("Secret", &format!("data: {{key: !<{secret}> x}}")),
        object("Secret", &format!("data: {{key: \"{secret}}}")),
        object("Config", &format!("spec: {{replicas: 1, \"{secret}\": 7, nodeSelector: {{\"{secret}\": 7}}}}")),
        object("Config", &format!("spec: {{replicas: 1, httpSecret: {{\"{secret}\": 7}}}}")),
        object("Config", &format!("spec: {{replicas: 1, proxy: {{https: \"http://u:{secret}@proxy x\"}}}}")),
    ] {
        fs::write(directory.path().join("input.yaml"), &input).unwrap();
        let ran = run(directory.path(), "render --mask-secrets -f input.yaml");
        silent(&input, &ran.stderr);
        silent(&input, &ran.stdout);
    }
}
