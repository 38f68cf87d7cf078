//! What Azure has against a step, and what goes wrong on the way.

use super::cloud::{CONTAINER, Cloud, exists, silent};
use super::state::CLIENT_SECRET;
use crate::support::internet::{Fault, Response, When};
use crate::world::World;
use serde_json::json;

async fn refused(cloud: &Cloud, world: &mut World) -> (String, String) {
    world.settle().await;
    let trouble = world.trouble.clone().expect("it went well");
    assert!(silent(world, &[CLIENT_SECRET, &cloud.key(&cloud.account), "c2lnbmF0dXJl", "token-"]), "{trouble}");
    (world.condition("StorageExists").unwrap().1, trouble)
}

#[tokio::test]
async fn a_name_that_is_taken_or_none_is_said_to_be() {
    let cloud = Cloud::start();
    cloud.state().taken.insert(cloud.users.clone());
    let named = |name: &str| json!({ "azure": { "accountName": name, "container": "images" } });
    let (reason, trouble) = refused(&cloud, &mut cloud.world(named(&cloud.users))).await;
    assert_eq!(reason, "AccountAlreadyExists");
    assert!(trouble.contains("is taken by another subscription or resource group; name another one"), "{trouble}");
    let (reason, trouble) = refused(&cloud, &mut cloud.world(named("Not-A-Name"))).await;
    assert_eq!(reason, "AccountNameInvalid");
    assert!(trouble.contains("is no name for a storage account"), "{trouble}");
    assert_eq!(cloud.state().created, 0);
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named() {
    for action in ["Microsoft.Storage/storageAccounts/write", "Microsoft.Storage/storageAccounts/listKeys/action"] {
        let cloud = Cloud::start();
        cloud.state().denied = vec![action];
        let mut world = cloud.world(cloud.derived());
        let (reason, trouble) = refused(&cloud, &mut world).await;
        assert_eq!(reason, "AuthorizationFailed");
        let remedy = format!("give the identity the role Contributor on the resource group (it lacks {action})");
        assert!(trouble.ends_with(&remedy), "{trouble}");
        cloud.state().denied.clear();
        world.settle_well().await;
        assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
    }
}

#[tokio::test]
async fn whoever_may_not_ask_about_names_may_create_accounts() {
    let cloud = Cloud::start();
    cloud.state().denied = vec!["Microsoft.Storage/checknameavailability"];
    cloud.world(cloud.derived()).settle_well().await;
    assert_eq!(cloud.state().created, 1);
}

#[tokio::test]
async fn a_subscription_and_a_resource_group_that_are_not_there_are_said_to_be() {
    let cloud = Cloud::start();
    let mut credentials = cloud.credentials();
    credentials["azure_client_secret"] = json!(CLIENT_SECRET);
    credentials["azure_subscription_id"] = json!("other");
    let (reason, trouble) = refused(&cloud, &mut cloud.world_with(cloud.derived(), credentials.clone())).await;
    assert_eq!(reason, "SubscriptionNotFound", "{trouble}");
    credentials["azure_subscription_id"] = cloud.credentials()["azure_subscription_id"].clone();
    credentials["azure_resourcegroup"] = json!("other");
    let (reason, trouble) = refused(&cloud, &mut cloud.world_with(cloud.derived(), credentials)).await;
    assert_eq!(reason, "ResourceGroupNotFound", "{trouble}");
}

#[tokio::test]
async fn storms_pass() {
    let cloud = Cloud::start();
    let busy = |status| Fault::answer(Response::new(status).with_header("Retry-After", "0"));
    for host in ["management.azure.com", "login.microsoftonline.com", "*.blob.core.windows.net"] {
        cloud.internet.fault(busy(429).host(host).first(2));
        cloud.internet.fault(busy(503).host(host).first(1));
    }
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    assert_eq!((exists(&world).as_str(), cloud.state().created), ("True CreationSuccessful", 1));
}

#[tokio::test]
async fn a_storm_without_end_is_told_and_ends() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    cloud.internet.fault(Fault::answer(Response::new(503)).host("management.azure.com").method("PUT"));
    let (reason, trouble) = refused(&cloud, &mut world).await;
    assert!(reason == "Http503" && trouble.ends_with("it is asked again"), "{reason} {trouble}");
    cloud.internet.clear_faults();
    world.settle_well().await;
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
}

#[tokio::test]
async fn a_lost_answer_is_made_up_for_whichever_it_is() {
    let cloud = Cloud::start();
    for k in 1.. {
        cloud.internet.break_at(k, When::After);
        let mut world = cloud.world(cloud.derived());
        world.settle().await;
        let broke = cloud.internet.broke();
        cloud.internet.mend();
        world.settle_well().await;
        assert_eq!(world.at("/spec/storage/managementState"), "Managed", "call {k}");
        assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER], "call {k}");
        world.edit(json!({ "spec": { "managementState": "Removed" } }));
        world.settle_well().await;
        if !broke {
            assert!(k > 13, "there were {} calls only", k - 1);
            break;
        }
    }
}

#[tokio::test]
async fn an_account_that_was_deleted_is_told_and_not_made_anew() {
    for by_token in [false, true] {
        let cloud = Cloud::start();
        let storage = cloud.derived();
        let mut world = if by_token { cloud.world_by_token(storage) } else { cloud.world(storage) };
        world.settle_well().await;
        let path = cloud.state().account_path(&cloud.account);
        cloud.state().delete(&path).unwrap();
        cloud.blobs.remove_all(&cloud.account);
        if by_token {
            // As if its name were not known any more.
            cloud.internet.fault(Fault::refuse().host("*.blob.core.windows.net"));
        }
        world.look_again().await;
        assert_eq!(exists(&world), "False StorageGone");
        world.restart();
        world.settle().await;
        assert_eq!((exists(&world).as_str(), cloud.state().created), ("False StorageGone", 1));
        world.edit(json!({ "spec": { "managementState": "Removed" } }));
        world.settle_well().await;
        assert_eq!(exists(&world), "False ContainerDeleted");
    }
}

#[tokio::test]
async fn a_container_that_was_deleted_is_told_and_its_account_goes() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    cloud.blobs.remove_all(&cloud.account);
    world.look_again().await;
    assert_eq!(exists(&world), "False StorageGone");
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert!(!cloud.has_account(&cloud.account));
}

#[tokio::test]
async fn a_lock_is_named_and_what_is_left_goes_after_it() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    cloud.state().locked = true;
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    let (reason, trouble) = refused(&cloud, &mut world).await;
    assert!(reason == "ScopeLocked" && trouble.contains("take the lock"), "{reason} {trouble}");
    cloud.state().locked = false;
    world.settle_well().await;
    assert!(!cloud.has_account(&cloud.account));
}

#[tokio::test]
async fn a_firewall_is_named() {
    let cloud = Cloud::start();
    let mut world = cloud.world(cloud.derived());
    world.settle_well().await;
    let path = cloud.state().account_path(&cloud.account);
    cloud.state().resource_mut(&path).unwrap()["properties"]["publicNetworkAccess"] = json!("Disabled");
    world.look_again().await;
    let (reason, trouble) = refused(&cloud, &mut world).await;
    assert_eq!(reason, "AuthorizationFailure");
    assert!(trouble.contains("firewall of the account"), "{trouble}");
    assert_eq!(exists(&world), "Unknown AuthorizationFailure");
}

#[tokio::test]
async fn a_container_on_its_way_out_is_waited_for() {
    let cloud = Cloud::start();
    let going = Response::new(409).with_header("x-ms-error-code", "ContainerBeingDeleted");
    cloud.internet.fault(Fault::answer(going).method("PUT").path("restype=container").first(1));
    cloud.world(cloud.derived()).settle_well().await;
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
}

#[tokio::test]
async fn a_new_account_s_name_takes_its_time_to_be_known() {
    let cloud = Cloud::start();
    cloud.internet.fault(Fault::refuse().host("*.blob.core.windows.net").first(4));
    cloud.world(cloud.derived()).settle_well().await;
    assert_eq!(cloud.blobs.containers(&cloud.account), [CONTAINER]);
}

#[tokio::test]
async fn tokens_that_were_revoked_are_asked_for_again() {
    for by_token in [false, true] {
        let cloud = Cloud::start();
        let storage = cloud.derived();
        let mut world = if by_token { cloud.world_by_token(storage) } else { cloud.world(storage) };
        world.settle_well().await;
        cloud.state().tokens.clear();
        if !by_token {
            // Makes the operator ask the Resource Manager.
            cloud.state().keys.get_mut(&cloud.account).unwrap()[0] = super::blobs::other_key("new", 1);
        }
        world.look_again().await;
        assert_eq!((world.trouble.as_deref(), exists(&world).as_str()), (None, "True CreationSuccessful"));
    }
}

#[tokio::test]
async fn another_operation_on_the_account_is_waited_for() {
    let cloud = Cloud::start();
    let error = json!({ "error": { "code": "StorageAccountOperationInProgress", "message": "wait" } });
    let busy = Response::json(409, &error);
    cloud.internet.fault(Fault::answer(busy).host("management.azure.com").method("PUT").first(1));
    cloud.world(cloud.derived()).settle_well().await;
    assert_eq!(cloud.state().created, 1);
}

#[tokio::test]
async fn an_operation_that_fails_is_told() {
    let cloud = Cloud::start();
    super::private::with_network(&cloud);
    let error = json!({ "code": "PrivateEndpointQuota", "message": "There are too many." });
    let failed = Response::json(200, &json!({ "status": "Failed", "error": error }));
    cloud.internet.fault(Fault::answer(failed).path("/operationStatuses/").first(1));
    let mut world = cloud.world(super::private::internal());
    let (reason, trouble) = refused(&cloud, &mut world).await;
    assert!(reason == "PrivateEndpointQuota" && trouble.contains("There are too many."), "{reason} {trouble}");
    world.settle_well().await;
}

/// The token is for the Resource Manager alone.
#[tokio::test]
async fn no_other_server_is_asked_how_far_an_operation_is() {
    let cloud = Cloud::start();
    let elsewhere = Response::new(202).with_header("Location", "https://management.azure.com.example.org/x");
    cloud.internet.fault(Fault::answer(elsewhere).host("management.azure.com").method("PUT").first(1));
    let mut world = cloud.world(cloud.derived());
    let (_, trouble) = refused(&cloud, &mut world).await;
    assert!(trouble.contains("refers to another server"), "{trouble}");
    assert!(cloud.internet.calls().iter().all(|call| !call.host.ends_with("example.org")));
}

#[tokio::test]
async fn a_login_service_that_is_not_trusted_is_named() {
    let cloud = Cloud::start();
    cloud.internet.fault(Fault::unknown_ca().host("login.microsoftonline.com"));
    let (reason, trouble) = refused(&cloud, &mut cloud.world(cloud.derived())).await;
    assert_eq!(reason, "CertificateNotTrusted", "{trouble}");
}
