//! The reference's end-to-end tests, as far as they can be played without real pods. Clouds are those of the tests.
//!
//! | reference | here |
//! |---|---|
//! | TestHTTPSecretDefaulter | `config::http_secret` |
//! | TestPodResourceConfiguration | `config::pod_resources` |
//! | TestPodTolerationsConfiguration | `config::pod_tolerations` |
//! | TestPodAffinityConfiguration | `config::pod_affinity` |
//! | TestRolloutStrategyConfiguration | `config::rollout_strategy` |
//! | TestRequests | `config::requests` |
//! | TestDisableRedirect | `config::disable_redirect` |
//! | TestReadOnly | `config::read_only` |
//! | TestScaleUp, TestScaleDown | `config::scale_up`, `config::scale_down`; pods are placed without regard to anti-affinity |
//! | TestDegraded | `config::a_negative_number_of_replicas` |
//! | TestRouteConfiguration | `routes::default_and_extra_routes` |
//! | TestSecureRouteConfiguration | `routes::secure_route` |
//! | TestOperandProxyConfiguration | `cluster_settings::operand_proxy` |
//! | TestObservedConfigTLSSecurityProfile, TestGlobalTLSCopy | `cluster_settings::tls_profile` |
//! | TestAdditionalTrustedCA | `cluster_settings::additional_trusted_ca` |
//! | TestVersionReporting | `cluster_settings::version` |
//! | TestBasicEmptyDir | `lifecycle::basic_empty_dir`, `lifecycle::no_hot_loop`; lines of the registry's log need real pods |
//! | TestBaremetalAndVSphereDefaults | `lifecycle::bootstrap_by_platform` |
//! | TestBootstrapFailToUpdateSpec | `lifecycle::bootstrap_by_platform`: no error is logged on the way |
//! | TestRecreateDeployment | `lifecycle::recreate_deployment` |
//! | TestRestoreDeploymentAfterUserChanges | `lifecycle::restore_deployment` |
//! | TestManagementStateUnmanaged | `lifecycle::unmanaged` |
//! | TestManagementStateRemoved, TestImageConfigWhenRemoved | `lifecycle::removed` |
//! | TestPruneRegistryFlag | `lifecycle::prune_registry`, before and after `lifecycle::removed` |
//! | TestAWSDefaults, TestAWSFinalizerDeleteS3Bucket | `crate::storage::life` |
//! | TestAWSUnableToCreateBucketOnStartup | `crate::storage::once::apply_says_why_there_is_no_bucket` |
//! | TestAWSUpdateCredentials | `crate::storage::rotated` |
//! | TestAWSChangeS3Encryption, TestS3Minio | `tests/storage/s3` |
//! | TestOperatorProxyConfiguration | every test of a cloud: they are all behind a proxy |
//! | TestGCSDay2 | `tests/storage/gcs`, `tests/storage/lifecycle/gcs.rs` |
//! | TestAzurePrivateStorageAccount, TestPrivateStorageAccountVNetSubnetDiscovery | `tests/storage/azure/private.rs` |
//! | TestDefaultPVC | `storage::default_pvc` |
//! | TestStorageManagementState | `storage::management_state`, with a claim |
//! | TestRemovedToManagedTransition, with a claim | `storage::removed_and_managed` |
//! | TestSwapStorage | `storage::swap_storage` |
//! | TestCustomRWXPVC, TestCustomRWOPVC | `storage::custom_rwx`, `storage::custom_rwo` |
//! | TestNodeCADaemonAlwaysDeployed, TestNodeCADaemonChangesReverted | `drift::node_ca` |
//! | NetworkPolicies are defined; are restored | `drift::network_policies`; two of the four are the installer's |
//! | TestLeaderElection | `leader_election::one_of_three_leads` |
//! | TestPruner | `pruner::defaults`, `pruner::wishes` |
//! | TestNodeCAGracefulShutdown | `tests/node_ca_sync.rs`, with the process alone |
//! | TestImageRegistryGracefulShutdown, TestPrunerPodCompletes, TestPrunerIgnoreInvalidImageReferences | none: real pods |
//! | NetworkPolicy enforces ingress | none: real pods |
//! | TestImageRegistryRemovedWithImages, with a push instead of a build | `tests/storage/lifecycle` |
//!
//! Beyond the reference: failing pruner Jobs and a pruner that is deleted (`pruner`), routes that are refused
//! (`routes::refused_route`), wrong values and several storages (`config`), a namespace without its annotation
//! (`lifecycle`), and what others add to objects of the operator (`drift`, `lifecycle::restore_deployment`).

mod cluster_settings;
mod config;
mod drift;
mod leader_election;
mod lifecycle;
mod pruner;
mod routes;
mod storage;
pub mod support;
