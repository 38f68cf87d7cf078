//! Killed at any write, without the answer to it, or when it was lost on its way, the operator ends where it ends
//! undisturbed.

use super::dump::Dump;
use super::run::{Run, all, asked, held};
use super::script::{At, Writes};
use crate::cluster::Cluster;
use crate::cluster::operator::Options;
use crate::e2e::support::{READY, REMOVED, config};
use crate::install::empty_dir;
use crate::storage::Aws;
use serde_json::json;
use std::time::Instant;

/// Never: to count the writes.
const NEVER: usize = usize::MAX;
/// How often a run may have fewer writes than the one before.
const TRIES: usize = 4;

/// What the writes are part of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scenario {
    /// Installation with storage in the pod.
    EmptyDir,
    /// Installation with a bucket that the operator makes.
    Bucket,
    /// Removal of that, with what is in it.
    Removed,
}

/// The same run again and again.
struct Sweep<'a> {
    cluster: &'a Cluster,
    scenario: Scenario,
    aws: Option<Aws>,
}

/// How a run ended.
struct Ended {
    dump: Dump,
    buckets: Vec<String>,
    writes: usize,
    /// The write to which something happened.
    hit: Option<String>,
}

impl<'a> Sweep<'a> {
    async fn new(cluster: &'a Cluster, scenario: Scenario) -> Self {
        let aws = if scenario == Scenario::EmptyDir { None } else { Some(Aws::around(cluster).await) };
        Sweep { cluster, scenario, aws }
    }

    /// A run in which that happens at the `k`-th write, up to the end that is expected.
    async fn run(&self, k: usize, at: At, expected: Option<&Dump>) -> Ended {
        self.cluster.reset().await;
        if let Some(aws) = &self.aws {
            empty(aws);
            aws.surround(self.cluster).await;
        } else {
            self.cluster.apply(&empty_dir()).await.unwrap();
        }
        let environment = self.aws.as_ref().map_or(Options::default().environment, Aws::environment);
        let writes = Writes::default();
        let ([api, cloud], holds) = writes.faults(k, at);
        let proxy = super::proxy::Proxy::before(self.cluster);
        let arm = |proxy: &super::proxy::Proxy| {
            proxy.fault(api);
            self.aws.iter().zip([cloud]).for_each(|(aws, cloud)| aws.internet.fault(cloud));
        };
        let mut run;
        if self.scenario == Scenario::Removed {
            run = Run::behind(proxy, self.cluster, &environment);
            run.reports("before the removal", &READY).await;
            let aws = self.aws.as_ref().unwrap();
            for key in ["docker/registry/v2/a", "docker/registry/v2/b"] {
                let bucket = aws.buckets().remove(0);
                aws.s3("put_object", json!({ "Bucket": bucket, "Key": key, "Body": "x" })).unwrap();
            }
            arm(&run.proxy);
            run.proxy.log().stir();
            self.cluster.merge(&config(), json!({ "spec": { "managementState": "Removed" } })).await.unwrap();
        } else {
            arm(&proxy);
            run = Run::behind(proxy, self.cluster, &environment);
        }
        let what = format!("{:?}, {at:?} {k}", self.scenario);
        let is_killed = !holds.is_empty();
        if is_killed && held(&run, &holds).await {
            run.operator.kill();
        }
        drop(holds);
        if is_killed {
            run.proxy.clear_faults();
            self.aws.iter().for_each(|aws| aws.internet.clear_faults());
            run.again().await;
        }
        let dump = match expected {
            Some(expected) => {
                run.converges(&format!("{what}, {:?}", writes.hit()), expected).await;
                expected.clone()
            }
            None => run.reports(&what, if self.scenario == Scenario::Removed { &REMOVED } else { &READY }).await,
        };
        self.aws.iter().for_each(|aws| aws.internet.clear_faults());
        let buckets = self.aws.iter().flat_map(Aws::buckets).collect();
        Ended { dump, buckets, writes: writes.count(), hit: writes.hit() }
    }

    /// A run in which something did happen at the `k`-th write. Reports that come together are one write, so that there
    /// may be fewer than were counted before; then it is the last that there was.
    async fn hits(&self, mut k: usize, at: At, expected: &Dump) -> Ended {
        for _ in 0..TRIES {
            let ended = self.run(k, at, Some(expected)).await;
            if ended.hit.is_some() {
                return ended;
            }
            println!("{at:?} {k}: there were {} writes", ended.writes);
            k = ended.writes.min(k - 1).max(1);
        }
        panic!("{:?}, {at:?} {k}: nothing was hit in {TRIES} runs", self.scenario);
    }

    /// An undisturbed run, and then one for each of these writes.
    async fn sweep(&self) {
        let undisturbed = self.run(NEVER, At::LoseAnswer, None).await;
        let last = undisturbed.writes;
        assert!(last >= 5, "{last} writes are not what {:?} takes", self.scenario);
        assert_eq!(undisturbed.buckets.len(), usize::from(self.scenario == Scenario::Bucket));
        let each = [At::KillBefore, At::KillAfter, At::LoseAnswer, At::LoseRequest];
        let mut cases = vec![(last / 4, At::KillAfter), (last / 2, At::LoseRequest), (last * 6 / 7, At::LoseAnswer)];
        cases.extend(self.aws.iter().map(|_| (1, At::KillAfterStored)));
        if let Some(asked) = asked() {
            cases.retain(|(_, at)| *at == At::KillAfterStored);
            cases.extend((1..=last).flat_map(|k| each.map(|at| (k, at))));
            cases.retain(|(k, at)| all() || [format!("{at:?}"), format!("{at:?} {k}")].contains(&asked));
            assert!(!cases.is_empty(), "FAULTS={asked:?} is not all, KillAfter or as \"KillAfter 7\", up to {last}");
        }
        println!("{:?}: {last} writes, {} runs", self.scenario, cases.len());
        for (k, at) in cases {
            let begin = Instant::now();
            let Ended { hit, buckets, .. } = self.hits(k, at, &undisturbed.dump).await;
            println!("{at:?} {k}, {hit:?}: {:?}", begin.elapsed());
            assert_eq!(buckets, undisturbed.buckets, "{:?}, {at:?} {k}, {hit:?}", self.scenario);
        }
    }
}

/// Removes everything that is stored.
fn empty(aws: &Aws) {
    for bucket in aws.buckets() {
        let listed = aws.s3("list_objects_v2", json!({ "Bucket": bucket })).unwrap();
        for object in listed["Contents"].as_array().into_iter().flatten() {
            aws.s3("delete_object", json!({ "Bucket": bucket, "Key": object["Key"] })).unwrap();
        }
        // The stand-in keeps tags for the next bucket of that name.
        aws.s3("delete_bucket_tagging", json!({ "Bucket": bucket })).unwrap();
        aws.s3("delete_bucket", json!({ "Bucket": bucket })).unwrap();
    }
}

#[tokio::test]
async fn an_installation_ends_the_same_wherever_it_is_broken_off() {
    let cluster = Cluster::acquire().await;
    Sweep::new(&cluster, Scenario::EmptyDir).await.sweep().await;
}

#[tokio::test]
async fn an_installation_ends_with_one_bucket_wherever_it_is_broken_off() {
    let cluster = Cluster::acquire().await;
    Sweep::new(&cluster, Scenario::Bucket).await.sweep().await;
}

#[tokio::test]
async fn a_removal_ends_the_same_wherever_it_is_broken_off() {
    let cluster = Cluster::acquire().await;
    Sweep::new(&cluster, Scenario::Removed).await.sweep().await;
}
