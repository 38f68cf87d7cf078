//! Whether an OpenStack has a Swift that can be used: what the bootstrap storage depends on.

use super::super::trouble::Trouble;
use super::api::{Api, NO_SWIFT, Request};
use super::credential::Credential;
use crate::api::storage::SwiftStorage;
use crate::inputs::Inputs;
use crate::net::Network;
use crate::render::storage::{swift, swift_credentials};
use http::{Method, StatusCode};

const SUBJECT: &str = "Swift";

/// Whether containers can be listed with the minted credentials (Secret installer-cloud-credentials). Without Swift in
/// the catalogue, without an account or without the right to use it, they cannot.
///
/// # Errors
/// Whatever does not say one or the other: credentials that are missing or not accepted, no answer, an answer that may
/// be another one later. Then nothing is to be decided.
pub async fn swift_is_usable(inputs: &Inputs, network: &Network) -> Result<bool, Trouble> {
    let api = open(inputs, network)?;
    // Show account details and list containers (GET).
    let answer = match api.send(&Request::new(Method::GET, "?format=json&limit=1")).await {
        Ok(answer) => answer,
        Err(trouble) if trouble.reason == NO_SWIFT => return Ok(false),
        Err(trouble) => return Err(trouble),
    };
    match answer.status {
        status if status.is_success() => Ok(true),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(false),
        _ => Err(api.refused("containers cannot be listed", &answer)),
    }
}

fn open(inputs: &Inputs, network: &Network) -> Result<Api, Trouble> {
    let wrong = |problem: crate::problem::Problem| Trouble::new(problem.reason, format!("{SUBJECT}: {problem}"));
    let found = swift_credentials::find_minted(inputs).map_err(wrong)?;
    let account = swift::account(&SwiftStorage::default(), &found).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Trouble::new(problems.first().map_or("", |problem| problem.reason), format!("{SUBJECT}: {}", all.join("; ")))
    })?;
    let credential = Credential::new(found).ok_or_else(|| {
        let message =
            format!("{SUBJECT}: clouds.yaml of Secret installer-cloud-credentials holds no complete credentials");
        Trouble::new("CredentialsIncomplete", message)
    })?;
    Api::new(SUBJECT.to_owned(), account, credential, inputs, network)
}
