//! The tests: what each is called, for which clusters it is, and the file that says what it does.
//!
//! Tests with [Serial] in their name run alone; all others are run at the same time, by us and beside other tests of the
//! cluster, and change nothing that is not their own.

mod context;
mod deployment;
mod healthy;
mod network_policies;
mod node_ca;
mod patch;
mod policy;
mod probe;
mod pruner;
mod recreation;
mod repairs;
mod reports;
mod route;
mod silence;
mod traffic;
mod wishes;

pub use self::context::Context;

use super::extension;
use super::protocol::{Expression, Lifecycle, Resources, Selector, Spec};
use crate::execute::request::Error;
use std::collections::BTreeMap;
use std::pin::Pin;

/// Why a test came to its end before everything was as it should be.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// Something was not.
    Failed(String),
    /// The cluster is none that it can be run on.
    Skipped(String),
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        Ending::Failed(error.to_string())
    }
}

impl From<String> for Ending {
    fn from(why: String) -> Self {
        Ending::Failed(why)
    }
}

/// How a test ended.
pub type Ended = Result<(), Ending>;

/// What a test does.
pub type Body = for<'a> fn(&'a Context<'a>) -> Pin<Box<dyn Future<Output = Ended> + 'a>>;

/// A test.
pub struct Test {
    /// What is told of it.
    pub spec: Spec,
    /// What it does.
    pub body: Body,
}

/// The clusters that a test is for.
#[derive(Clone, Copy)]
enum Where {
    /// Every cluster that has the registry.
    Everywhere,
    /// Those whose control plane is their own: elsewhere two of the network policies are not installed.
    SelfManaged,
}

/// All tests, in the order in which they are listed and run one by one.
pub fn all() -> Vec<Test> {
    use Where::{Everywhere, SelfManaged};
    vec![
        test(
            "[sig-imageregistry] image-registry operator [NetworkPolicy] should ensure image-registry NetworkPolicies are defined",
            SelfManaged,
            |t| Box::pin(network_policies::defined(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [NetworkPolicy] should enforce cross-namespace ingress traffic to image-registry",
            Everywhere,
            |t| Box::pin(traffic::from_another_namespace(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should report in its ClusterOperator that it is available, and its version",
            Everywhere,
            |t| Box::pin(reports::cluster_operator(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should process every generation of its Config",
            Everywhere,
            |t| Box::pin(reports::config(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should publish the internal registry hostname",
            Everywhere,
            |t| Box::pin(reports::internal_hostname(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should give the registry its address, storage and HTTP secret",
            Everywhere,
            |t| Box::pin(deployment::environment(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should not show the HTTP secret of the registry in reports",
            Everywhere,
            |t| Box::pin(deployment::secrecy(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should have the service CA injected for the registry",
            Everywhere,
            |t| Box::pin(reports::service_ca(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should prune images by a CronJob that follows ImagePruner",
            Everywhere,
            |t| Box::pin(pruner::cron_job(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should run node-ca on every node whatever its taints",
            Everywhere,
            |t| Box::pin(node_ca::everywhere(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator should write nothing while nothing changes",
            Everywhere,
            |t| Box::pin(silence::nothing_is_written(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [NetworkPolicy][Serial][Disruptive] should restore image-registry NetworkPolicies after delete or mutation [Timeout:30m]",
            SelfManaged,
            |t| Box::pin(network_policies::restored(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should repair its Deployment when it is edited",
            Everywhere,
            |t| Box::pin(repairs::deployment(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should repair the selector of its Service when it is edited",
            Everywhere,
            |t| Box::pin(repairs::service(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should repair the ClusterRole of the registry when it is edited",
            Everywhere,
            |t| Box::pin(repairs::cluster_role(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should repair the registry's pull secret when it is edited",
            Everywhere,
            |t| Box::pin(repairs::secret(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial] should repair the schedule of the image pruner when it is edited",
            Everywhere,
            |t| Box::pin(repairs::schedule(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should recreate its Deployment when it is deleted",
            Everywhere,
            |t| Box::pin(recreation::deployment(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should recreate its Service when it is deleted",
            Everywhere,
            |t| Box::pin(recreation::service(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial] should have the default route exactly while it is asked for",
            Everywhere,
            |t| Box::pin(route::comes_and_goes(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should pass the log level on to the registry",
            Everywhere,
            |t| Box::pin(wishes::log_level(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial][Disruptive] should pass node selector and tolerations on to the registry",
            Everywhere,
            |t| Box::pin(wishes::scheduling(t)),
        ),
        test(
            "[sig-imageregistry] image-registry operator [Serial] should refuse a negative number of replicas and say so",
            Everywhere,
            |t| Box::pin(wishes::negative_replicas(t)),
        ),
    ]
}

fn test(name: &'static str, place: Where, body: Body) -> Test {
    let exclude = match place {
        Where::Everywhere => None,
        Where::SelfManaged => Some(Expression::Is("topology", "External")),
    };
    let spec = Spec {
        name,
        original_name: None,
        labels: BTreeMap::new(),
        resources: Resources::default(),
        source: extension::COMPONENT.identifier(),
        lifecycle: Lifecycle::Blocking,
        environment_selector: Selector {
            include: Some(Expression::Has("optionalCapabilities", "ImageRegistry")),
            exclude,
        },
    };
    Test { spec, body }
}

#[cfg(test)]
mod tests {
    use super::all;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_those_of_upstream_are_among_them() {
        let tests = all();
        let names: BTreeSet<&str> = tests.iter().map(|test| test.spec.name).collect();
        assert_eq!(names.len(), tests.len());
        for upstream in [
            "[NetworkPolicy] should ensure image-registry NetworkPolicies are defined",
            "[NetworkPolicy][Serial][Disruptive] should restore image-registry NetworkPolicies after delete or mutation [Timeout:30m]",
            "[NetworkPolicy] should enforce cross-namespace ingress traffic to image-registry",
        ] {
            let name = format!("[sig-imageregistry] image-registry operator {upstream}");
            assert!(names.contains(name.as_str()), "{name}");
        }
    }
}
