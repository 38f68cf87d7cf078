//! A control plane that stands still or begins anew.

use super::run::{Run, all};
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{condition, now, object};
use std::time::{Duration, Instant};

/// More than there is to mend, with a report of each kind or two.
const WRITES: usize = 14;

#[tokio::test]
async fn a_control_plane_that_stands_still_is_waited_for() {
    let cluster = Cluster::acquire().await;
    let (run, installed) = Run::installed(&cluster).await;
    let degraded = async || {
        let found = now(&cluster, &object("ClusterOperator", "image-registry")).await;
        condition(&found, "Degraded")["lastTransitionTime"].to_string()
    };
    let never_degraded = degraded().await;
    for restarts in [false, true] {
        let begin = Instant::now();
        if restarts {
            cluster.restart_api_server().await;
        } else {
            cluster.pause_etcd();
            tokio::time::sleep(Duration::from_secs(if all() { 30 } else { 5 })).await;
            cluster.resume_etcd();
        }
        let what = if restarts { "the API server was restarted" } else { "etcd stood still" };
        let service = object("Service", "image-registry");
        eventually(Duration::from_secs(60), what, async || {
            cluster.delete(&service).await.map_err(|error| error.to_string())
        })
        .await;
        run.proxy.log().stir();
        run.converges(what, &installed).await;
        let writes = run.proxy.log().writes_since(begin);
        assert!((1..=WRITES).contains(&writes.len()), "{what}: {writes:#?}");
        assert_eq!(degraded().await, never_degraded, "{what}: it was Degraded meanwhile");
        assert!(!run.operator.log().contains("leader election lost"), "{what}: {}", run.operator.log());
    }
}
