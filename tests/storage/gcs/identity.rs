//! Who the operator is to Google.

use super::front::{AUDIENCE, Account, IMPERSONATE, Key, LOGIN, UNIVERSE, WORKLOADS};
use super::{Google, credentials, name};
use serde_json::{Value, json};
use std::time::Duration;

fn count(google: &Google, host: &str) -> usize {
    google.internet.calls().iter().filter(|call| call.host == host).count()
}

#[tokio::test]
async fn a_new_key_takes_effect() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    world.settle_well().await;
    {
        let mut state = google.cloud.state();
        *state.accounts.values_mut().next().unwrap() = Account::new(&[Key::B]);
        state.revoke();
    }
    world.look_again().await;
    assert!(world.trouble.as_ref().is_some_and(|said| said.contains("Invalid JWT Signature")), "{:?}", world.trouble);
    world.secret("installer-cloud-credentials", credentials(&Key::B.file()));
    world.settle_well().await;
    assert_eq!(world.condition("StorageExists").unwrap().0, "True");
}

#[tokio::test]
async fn the_users_key_goes_before_the_clusters() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    world.secret("installer-cloud-credentials", credentials(&Key::B.file()));
    let own = json!({ "REGISTRY_STORAGE_GCS_KEYFILE": Key::A.file().to_string() });
    world.secret("image-registry-private-configuration-user", own);
    world.settle_well().await;
    assert!(google.cloud.bucket(&name(&world)).is_some());
}

#[tokio::test]
async fn tokens_are_kept_until_shortly_before_they_expire() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    world.settle_well().await;
    google.internet.clear_calls();
    for _ in 0..3 {
        world.look_again().await;
    }
    assert_eq!(count(&google, LOGIN), 0);
    // A token that is taken back is renewed without a word.
    google.cloud.state().revoke();
    world.look_again().await;
    assert_eq!((world.trouble.as_deref(), count(&google, LOGIN)), (None, 1));
    // One that has less than five minutes left is not used again.
    google.cloud.state().lifetime = Duration::from_secs(290);
    google.cloud.state().revoke();
    world.look_again().await;
    google.internet.clear_calls();
    world.look_again().await;
    assert_eq!((world.trouble.as_deref(), count(&google, LOGIN)), (None, 1));
}

#[tokio::test]
async fn a_key_of_another_universe_signs_its_own_tokens() {
    let google = Google::start();
    let mut world = google.world(json!({}));
    let mut file = Key::A.file();
    file["universe_domain"] = json!(UNIVERSE);
    world.secret("installer-cloud-credentials", credentials(&file));
    world.settle_well().await;
    assert!(google.cloud.bucket(&name(&world)).is_some());
    let host = format!("storage.{UNIVERSE}");
    assert!(google.internet.calls().iter().all(|call| call.host == host));
}

/// The key file of a workload whose token is in that file.
fn workload(source: Value, impersonates: bool) -> Value {
    let mut file = json!({
        "type": "external_account",
        "audience": AUDIENCE,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": source,
    });
    if impersonates {
        let account = "operator@demo-project.iam.gserviceaccount.com";
        file["service_account_impersonation_url"] =
            json!(format!("https://{IMPERSONATE}/v1/projects/-/serviceAccounts/{account}:generateAccessToken"));
    }
    file
}

#[tokio::test]
async fn a_workload_stands_for_a_service_account() {
    let google = Google::start();
    google.cloud.state().workloads.insert("workload-token".to_owned());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, "workload-token\n").unwrap();
    let mut world = google.world(json!({}));
    let file = workload(json!({ "file": path, "format": { "type": "text" } }), true);
    world.secret("installer-cloud-credentials", credentials(&file));
    world.settle_well().await;
    assert!(google.cloud.bucket(&name(&world)).is_some());
    assert_eq!(count(&google, LOGIN), 0);

    let lacks = "iam.serviceAccounts.getAccessToken";
    google.cloud.forbid(lacks);
    world.restart();
    world.settle().await;
    let said = world.trouble.clone().unwrap();
    assert!(said.contains("give the workload the permission iam.serviceAccounts.getAccessToken"), "{said}");
}

#[tokio::test]
async fn a_workload_with_roles_of_its_own_needs_no_service_account() {
    let google = Google::start();
    {
        let mut state = google.cloud.state();
        state.workloads.insert("workload-token".to_owned());
        state.accounts.insert(WORKLOADS.to_owned(), Account::new(&[]));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token.json");
    std::fs::write(&path, json!({ "id_token": "workload-token" }).to_string()).unwrap();
    let format = json!({ "type": "json", "subject_token_field_name": "id_token" });
    let mut world = google.world(json!({}));
    let file = workload(json!({ "file": path, "format": format }), false);
    world.secret("installer-cloud-credentials", credentials(&file));
    world.settle_well().await;
    assert!(google.cloud.bucket(&name(&world)).is_some());
    assert_eq!(count(&google, IMPERSONATE), 0);
}

#[tokio::test]
async fn a_workloads_token_is_read_anew_with_every_renewal() {
    let google = Google::start();
    google.cloud.state().workloads.insert("first".to_owned());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, "first").unwrap();
    let mut world = google.world(json!({}));
    let file = workload(json!({ "file": path }), true);
    world.secret("installer-cloud-credentials", credentials(&file));
    world.settle_well().await;
    {
        let mut state = google.cloud.state();
        state.workloads = ["second".to_owned()].into();
        state.revoke();
    }
    std::fs::write(&path, "second").unwrap();
    world.look_again().await;
    assert_eq!(world.trouble, None);
    google.cloud.state().revoke();
    std::fs::remove_file(&path).unwrap();
    world.look_again().await;
    let said = world.trouble.clone().unwrap();
    assert!(said.contains("credential_source.file") && said.contains("cannot be read"), "{said}");
}
