//! The servers and clients that storage tests use do what those tests rely on.

use crate::support::servers::{Aws, Keys, Moto};
use serde_json::json;

fn s3(action: &str) -> serde_json::Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

#[test]
fn moto_checks_signatures_and_permissions() {
    let moto = Moto::start();
    let operator = moto.aws(&moto.keys);
    let bucket = json!({"Bucket": "images"});
    operator.call("s3", "create_bucket", bucket.clone()).unwrap();
    let listed = operator.call("s3", "list_buckets", json!({})).unwrap();
    assert_eq!(listed["Buckets"][0]["Name"], "images");

    let nobody = moto.aws(&moto.user_without_permissions("nobody"));
    assert_eq!(nobody.call("s3", "head_bucket", bucket.clone()), Err("403".to_owned()));
    assert_eq!(nobody.call("s3", "list_objects_v2", bucket.clone()), Err("AccessDenied".to_owned()));
    let forged = Keys { secret: "forged".to_owned(), ..moto.keys.clone() };
    let forged = moto.aws(&forged).call("s3", "list_objects_v2", bucket.clone());
    assert_eq!(forged, Err("SignatureDoesNotMatch".to_owned()));
    let unsigned = Aws { keys: None, ..operator };
    assert_eq!(unsigned.call("s3", "list_objects_v2", bucket), Err("AccessDenied".to_owned()));
}

#[test]
fn moto_gives_sessions_to_holders_of_tokens() {
    let moto = Moto::start();
    moto.aws(&moto.keys).call("s3", "create_bucket", json!({"Bucket": "images"})).unwrap();
    let role = moto.role("registry", s3("s3:ListBucket"));
    let session = moto.aws(&moto.assume(&role, "a.web.token").unwrap());
    session.call("s3", "list_objects_v2", json!({"Bucket": "images"})).unwrap();
    let refused = session.call("s3", "delete_bucket", json!({"Bucket": "images"}));
    assert_eq!(refused, Err("AccessDenied".to_owned()));
}
