//! CronJob `image-pruner`.

use super::settings::Settings;
use crate::render::manifest::{Manifest, metadata, strings};
use crate::render::names::{NAMESPACE, PRUNER, PRUNER_ACCOUNT, SERVICE_CA};
use crate::render::pods::{PRIORITY_CLASS, required_scc};
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobSpec, JobTemplateSpec};
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, PodSpec, PodTemplateSpec, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

const CA_DIRECTORY: &str = "/var/run/configmaps/serviceca";

/// Runs its arguments, and again up to five times with growing pauses: the registry or the API server may be
/// restarting, and the next regular run may be a day away.
const RETRY: &str = "set -eu
if \"$@\"; then
  exit 0
fi
attempt=1
while [ \"$attempt\" -le 5 ]; do
  pause=$((attempt * 30))
  echo \"pruning failed, attempt $attempt of 5 to repeat it follows in $pause seconds\" >&2
  sleep \"$pause\"
  status=0
  \"$@\" || status=$?
  if [ \"$status\" -eq 0 ]; then
    exit 0
  fi
  attempt=$((attempt + 1))
done
exit \"$status\"
";

/// The CronJob.
pub fn build(settings: &Settings) -> Manifest {
    let cron_job = CronJob {
        metadata: metadata(NAMESPACE, PRUNER),
        spec: CronJobSpec {
            schedule: settings.schedule.clone(),
            suspend: Some(settings.suspend),
            concurrency_policy: Some("Forbid".to_owned()),
            starting_deadline_seconds: Some(3600),
            successful_jobs_history_limit: Some(settings.history.0),
            failed_jobs_history_limit: Some(settings.history.1),
            job_template: JobTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(strings([("created-by", PRUNER)])), ..ObjectMeta::default() }),
                spec: Some(JobSpec { backoff_limit: Some(0), template: template(settings), ..JobSpec::default() }),
            },
            time_zone: None,
        },
        status: None,
    };
    Manifest::new(NAMESPACE, PRUNER, &cron_job)
}

fn template(settings: &Settings) -> PodTemplateSpec {
    let container = Container {
        name: PRUNER.to_owned(),
        image: Some(settings.image.clone()),
        command: Some(vec!["/bin/sh".to_owned()]),
        args: Some(arguments(settings)),
        resources: Some(settings.resources.clone()),
        security_context: Some(SecurityContext { read_only_root_filesystem: Some(true), ..SecurityContext::default() }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![VolumeMount {
            name: SERVICE_CA.to_owned(),
            mount_path: CA_DIRECTORY.to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        }]),
        ..Container::default()
    };
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(strings([("app", PRUNER)])),
            annotations: Some(strings([required_scc("restricted-v2")])),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            containers: vec![container],
            restart_policy: Some("Never".to_owned()),
            service_account_name: Some(PRUNER_ACCOUNT.to_owned()),
            priority_class_name: Some(PRIORITY_CLASS.to_owned()),
            affinity: settings.affinity.clone(),
            node_selector: settings.node_selector.clone(),
            tolerations: settings.tolerations.clone(),
            volumes: Some(vec![Volume {
                name: SERVICE_CA.to_owned(),
                config_map: Some(ConfigMapVolumeSource {
                    name: SERVICE_CA.to_owned(),
                    ..ConfigMapVolumeSource::default()
                }),
                ..Volume::default()
            }]),
            ..PodSpec::default()
        }),
    }
}

fn arguments(settings: &Settings) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["-c", RETRY, "arg0", "oc", "adm", "prune", "images", "--confirm=true"].map(str::to_owned).to_vec();
    arguments.extend([
        format!("--certificate-authority={CA_DIRECTORY}/service-ca.crt"),
        format!("--keep-tag-revisions={}", settings.keep_tag_revisions),
        format!("--keep-younger-than={}", settings.keep_younger_than),
        format!("--ignore-invalid-refs={}", settings.ignore_invalid_references),
        format!("--loglevel={}", settings.log_level),
    ]);
    // Without a registry only the images in the API are pruned.
    if settings.registry_host.is_empty() {
        arguments.push("--prune-registry=false".to_owned());
    } else {
        arguments.push("--prune-registry=true".to_owned());
        arguments.push(format!("--registry-url=https://{}", settings.registry_host));
    }
    arguments
}
