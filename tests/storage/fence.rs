//! A process that does not lead any more writes to no cloud.

use crate::support::internet::{Internet, Request, Response};
use crate::world::World;
use cluster_image_registry_operator::net::Network;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test]
async fn nothing_is_created_by_who_does_not_lead() {
    let internet = Internet::start();
    let created = AtomicBool::new(false);
    let s3 = move |request: &Request| {
        created.fetch_or(request.method == "PUT", Ordering::SeqCst);
        Response::new(if created.load(Ordering::SeqCst) { 200 } else { 404 })
    };
    internet.answer("*.amazonaws.com", Arc::new(s3));
    let leads = Arc::new(AtomicBool::new(false));
    let guard = Arc::clone(&leads);
    let network = Network::new(Some(&internet.proxy()), "", internet.ca_pem()).unwrap();
    let network = network.guarded(move || guard.load(Ordering::SeqCst));
    let platform = json!({ "type": "AWS", "aws": { "region": "us-east-1" } });
    let keys = json!({ "aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret" });
    let mut world = World::on(platform, json!({ "s3": {} }), keys, network);
    let writes = || internet.calls().iter().filter(|call| call.method != "HEAD" && call.method != "GET").count();

    world.settle().await;
    assert!(world.trouble.as_ref().is_some_and(|why| why.contains("another process leads now")), "{:?}", world.trouble);
    assert_eq!(writes(), 0);

    // The same goes out as soon as it may.
    leads.store(true, Ordering::SeqCst);
    world.settle().await;
    assert!(writes() > 0);
}
