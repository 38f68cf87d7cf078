//! What goes wrong is told with its remedy, and passes when its reason does.

use super::{Amazon, BUCKET, condition, facts, is};
use crate::support::internet::{Fault, Internet, Response, When};
use crate::support::servers::Keys;
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use serde_json::json;

fn error(status: u16, code: &str) -> Response {
    Response::xml(status, &format!("<Error><Code>{code}</Code><Message>own words</Message></Error>"))
}

/// A settling that comes to nothing: the reason of StorageExists, and the message, which holds no secret.
async fn fails(world: &mut World, secret: &str) -> (String, String) {
    world.settle().await;
    let message = world.trouble.clone().expect("it went well");
    assert!(message.starts_with("S3 bucket "), "{message}");
    assert!(!message.contains(secret), "{message}");
    (world.condition("StorageExists").unwrap().1, message)
}

#[tokio::test]
async fn wrong_credentials_are_told_apart_from_missing_permissions() {
    let amazon = Amazon::start();
    let good = &amazon.moto.keys;
    let forged = Keys { secret: "forged-secret".to_owned(), ..good.clone() };
    let (reason, message) = fails(&mut amazon.world_of(&forged, json!({ "s3": {} })), "forged-secret").await;
    assert_eq!(reason, "SignatureDoesNotMatch");
    assert!(message.contains("installer-cloud-credentials"), "{message}");
    let unknown = Keys { access: "AKIAUNKNOWNUNKNOWN00".to_owned(), ..good.clone() };
    let (reason, _) = fails(&mut amazon.world_of(&unknown, json!({ "s3": {} })), &good.secret).await;
    assert_eq!(reason, "InvalidAccessKeyId");
    let nobody = amazon.moto.user_without_permissions("nobody");
    let mut world = amazon.world_of(&nobody, json!({ "s3": {} }));
    let (reason, message) = fails(&mut world, &nobody.secret).await;
    assert_eq!(reason, "AccessDenied");
    assert!(message.contains("s3:ListBucket"), "{message}");

    let credentials = json!({ "aws_access_key_id": good.access, "aws_secret_access_key": good.secret });
    world.secret("installer-cloud-credentials", credentials);
    world.settle_well().await;
    assert_eq!(condition(&world, "StorageExists"), is("True", "CreationSuccessful"));
}

#[tokio::test]
async fn a_setting_that_is_not_permitted_is_told_and_the_others_are_set() {
    let amazon = Amazon::start();
    let actions = ["s3:ListBucket", "s3:CreateBucket", "s3:GetBucketTagging", "s3:GetLifecycleConfiguration"];
    let allowed = json!({ "Effect": "Allow", "Resource": "*", "Action": actions });
    let user = amazon.moto.user("user", Some(allowed));
    let mut world = amazon.world_of(&user, json!({ "s3": {} }));
    world.settle_well().await;
    assert_eq!(
        facts(&world),
        [
            is("True", "PublicAccessBlockSuccessful"),
            is("False", "AccessDenied"),
            is("True", "EncryptionSuccessful"),
            is("False", "AccessDenied"),
        ]
    );
    let (_, _, message) = world.condition("StorageTagged").unwrap();
    assert!(message.contains("grant s3:PutBucketTagging"), "{message}");
}

#[tokio::test]
async fn what_the_service_says_is_told_with_a_remedy() {
    let amazon = Amazon::start();
    let answers = [
        (301, "PermanentRedirect", "HEAD", "WrongRegion", "spec.storage.s3.region of Config/cluster to eu-west-3"),
        (403, "RequestTimeTooSkewed", "GET", "RequestTimeTooSkewed", "synchronise the node's clock"),
        (400, "ExpiredToken", "GET", "ExpiredToken", "session token has expired"),
        (409, "BucketAlreadyExists", "PUT", "BucketAlreadyExists", "taken by another account"),
        (409, "OperationAborted", "PUT", "OperationAborted", "asked again"),
        (400, "TooManyBuckets", "PUT", "TooManyBuckets", "quota"),
    ];
    for (status, code, method, reason, part) in answers {
        let region = if status == 301 { "eu-west-3" } else { "us-east-1" };
        let answer = error(status, code).with_header("x-amz-bucket-region", region);
        if method == "GET" {
            amazon.internet.fault(Fault::answer(Response::new(status)).method("HEAD"));
        }
        amazon.internet.fault(Fault::answer(answer).method(method));
        let mut world = amazon.world(json!({ "s3": {} }));
        let told = fails(&mut world, &amazon.moto.keys.secret).await;
        assert_eq!(told.0, reason);
        assert!(told.1.contains(part), "{}", told.1);
        amazon.internet.clear_faults();
    }
    assert_eq!(amazon.ask("head_bucket", BUCKET), Err("404".to_owned()));
}

#[tokio::test]
async fn storms_pass_and_a_lasting_one_is_told() {
    let amazon = Amazon::start();
    for (status, code, method) in
        [(503, "SlowDown", "PUT"), (429, "TooManyRequests", "GET"), (500, "InternalError", "HEAD")]
    {
        amazon.internet.fault(Fault::answer(error(status, code)).method(method).first(2));
    }
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    assert!(facts(&world).iter().all(|(status, _)| status == "True"), "{:?}", facts(&world));

    amazon.internet.fault(Fault::answer(error(503, "SlowDown")).path("encryption").range(1..=8));
    world.restart();
    world.settle_well().await;
    assert_eq!(facts(&world)[2], is("False", "SlowDown"));
    assert_eq!(facts(&world)[3], is("True", "EnableCleanupSuccessful"));
    assert_eq!(condition(&world, "StorageExists"), is("True", "S3BucketExists"));
    amazon.internet.clear_faults();
    amazon.internet.fault(Fault::answer(Response::new(503)));
    world.restart();
    let (reason, _) = fails(&mut world, &amazon.moto.keys.secret).await;
    assert_eq!(reason, "ServiceUnavailable");
}

#[tokio::test]
async fn a_bucket_whose_creation_was_not_answered_is_taken_over() {
    let amazon = Amazon::start();
    amazon.internet.fault(Fault::freeze(When::After).method("PUT").first(1));
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    assert_eq!(condition(&world, "StorageExists"), is("True", "CreationSuccessful"));
    assert!(facts(&world).iter().all(|(status, _)| status == "True"), "{:?}", facts(&world));
}

#[tokio::test]
async fn responses_may_be_lost_at_any_call() {
    let amazon = Amazon::start();
    // Calls of a settling and of a removal; each is repeated once after its response was lost.
    for method in ["HEAD", "PUT", "GET", "POST", "DELETE"] {
        for nth in [1, 3, 5, 7, 9] {
            amazon.internet.fault(Fault::lose_response().method(method).nth(nth));
        }
    }
    let mut world = amazon.world(json!({ "s3": {} }));
    world.settle_well().await;
    assert!(facts(&world).iter().all(|(status, _)| status == "True"), "{:?}", facts(&world));
    amazon.call("put_object", BUCKET, json!({ "Key": "a", "Body": "x" })).unwrap();
    amazon.call("create_multipart_upload", BUCKET, json!({ "Key": "b" })).unwrap();
    world.edit(json!({ "spec": { "managementState": "Removed" } }));
    world.settle_well().await;
    assert_eq!(amazon.ask("head_bucket", BUCKET), Err("404".to_owned()));
}

#[tokio::test]
async fn an_unknown_ca_is_not_trusted() {
    let amazon = Amazon::start();
    let others = Internet::start();
    let network = Network::new(Some(&amazon.internet.proxy()), "", others.ca_pem()).unwrap();
    let mut world = amazon.world(json!({ "s3": {} }));
    world.reach_through(network);
    let (reason, message) = fails(&mut world, &amazon.moto.keys.secret).await;
    assert_eq!(reason, "CertificateNotTrusted");
    assert!(message.contains("add its CA"), "{message}");

    let cloud = json!({ "ca-bundle.pem": amazon.internet.ca_pem() });
    world.config_map("openshift-config-managed", "kube-cloud-config", cloud);
    world.settle_well().await;
    assert_eq!(condition(&world, "StorageExists"), is("True", "CreationSuccessful"));
}
