//! What Debug shows of everything between files and plan: that is what a panic or a careless log line would print.

use crate::search::silent;
use crate::world::scenarios;
use cluster_image_registry_operator::inputs::files::{EnvSource, Looked, from_live, load, load_objects};
use cluster_image_registry_operator::inputs::{Environment, Minted};
use cluster_image_registry_operator::net::Answer;
use cluster_image_registry_operator::render::render;
use std::fmt::Debug;

#[test]
fn answers_show_no_secret_in_debug() {
    let token = crate::search::canary(0);
    let headers = [(http::header::AUTHORIZATION, http::HeaderValue::from_str(&token).unwrap())].into_iter().collect();
    let answer = Answer { status: http::StatusCode::OK, headers, body: token.into() };
    silent_debug("an answer", &answer);
    silent_debug("a result", &Some(Ok::<_, ()>(answer)));
}

fn silent_debug(what: &str, value: &impl Debug) {
    silent(what, &format!("{value:?}"));
    silent(what, &format!("{value:#?}"));
}

#[test]
fn values_show_no_secret_in_debug() {
    let directory = tempfile::tempdir().unwrap();
    for scenario in scenarios(directory.path()) {
        let name = &scenario.name;
        let paths = [scenario.directory.join("input.yaml")];
        let environment = scenario.directory.join("env.yaml");
        match load(&paths, EnvSource::File(&environment)) {
            Ok(loaded) => {
                silent_debug(&format!("what was loaded of {name}"), &loaded);
                let mut inputs = loaded.inputs;
                inputs.minted = Minted { http_secret: Some(crate::search::canary(0).into()) };
                silent_debug(&format!("the inputs of {name}"), &inputs);
                silent_debug(&format!("the plan of {name}"), &render(&inputs));
            }
            Err(problems) => silent_debug(&format!("the problems of {name}"), &problems),
        }
        let looked = Looked { kind: "Secret", namespace: "openshift-image-registry", name: None };
        let live = from_live(&scenario.objects, [looked], Environment::default());
        silent_debug(&format!("the live inputs of {name}"), &live);
        silent_debug(&format!("the plan from live inputs of {name}"), &render(&live));
        if let Err(problems) = load_objects(&paths) {
            silent_debug(&format!("the problems of the objects of {name}"), &problems);
        }
    }
}
