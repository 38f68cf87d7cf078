//! The service instance that holds the bucket.

use super::Bucket;
use super::controller::Created;
use super::step::{CREATE_INSTANCE, GET_INSTANCE, LIST_INSTANCES};
use crate::execute::storage::trouble::Trouble;
use serde::Deserialize;
use serde_json::json;

/// The plan "standard" of Cloud Object Storage in the global catalog (the reference's).
const PLAN: &str = "744bfc56-d12c-4866-88d5-dac9139e0e5d";
/// Where instances of a global service are.
const TARGET: &str = "bluemix-global";

/// A service instance.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Instance {
    pub(super) crn: String,
    pub(super) guid: String,
    name: String,
    state: String,
    pub(super) resource_group_id: String,
    resource_plan_id: String,
    created_at: String,
}

impl Instance {
    /// Whether the operator made it. A list does not tell tags, and the Tagging API is none that a cluster has an
    /// endpoint of; but the name holds the cluster's infrastructure name, which is given once, and the instance is in
    /// the account of the cluster's API key.
    pub(super) fn is_ours(&self, name: &str) -> bool {
        self.name == name && self.resource_plan_id == PLAN
    }

    /// Whether it is deleted. For a week it can be brought back.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "removed" | "pending_reclamation")
    }
}

impl Bucket {
    /// The service instance, if there is one that can be used.
    ///
    /// # Errors
    /// One that the user named is gone, or it cannot be used now.
    pub(super) async fn find_instance(&mut self) -> Result<Option<Instance>, Trouble> {
        let Some(crn) = self.medium.service_instance_crn.clone() else { return self.instance_by_name().await };
        let found: Option<Instance> =
            self.cloud.get(&self.controller("resource_instances"), &crn, &GET_INSTANCE).await?;
        match found.filter(|instance| !instance.is_gone()) {
            Some(instance) => self.usable(instance).map(Some),
            None if self.medium.may_replace_instance => self.instance_by_name().await,
            None => {
                let matter = format!(
                    "service instance {crn} is gone; restore it, set spec.storage.ibmcos.serviceInstanceCRN of \
                     Config/cluster to another one, or remove that field to have one created"
                );
                Err(self.cloud.words.trouble("InstanceGone", &matter))
            }
        }
    }

    /// The oldest instance of our name.
    async fn instance_by_name(&mut self) -> Result<Option<Instance>, Trouble> {
        let group = self.group().await?;
        let name = &self.medium.instance_name;
        let query = [("name", name.as_str()), ("resource_group_id", group.as_str()), ("resource_plan_id", PLAN)];
        let url = self.controller("resource_instances");
        let found: Vec<Instance> = self.cloud.list(&url, &query, &LIST_INSTANCES).await?;
        let ours = found.into_iter().filter(|instance| instance.is_ours(name) && !instance.is_gone());
        let oldest = ours.min_by(|one, other| (&one.created_at, &one.crn).cmp(&(&other.created_at, &other.crn)));
        oldest.map(|instance| self.usable(instance)).transpose()
    }

    /// An instance that works.
    fn usable(&self, instance: Instance) -> Result<Instance, Trouble> {
        let words = &self.cloud.words;
        let Instance { crn, state, guid, .. } = &instance;
        match state.as_str() {
            "active" if !crn.is_empty() && !guid.is_empty() => Ok(instance),
            "active" => Err(words.unreadable(GET_INSTANCE.what, "the Resource Controller does not tell its CRN")),
            "provisioning" | "pre_provisioning" => {
                let matter = format!("service instance {crn} is being provisioned; wait, it is looked at again");
                Err(words.trouble("InstanceProvisioning", &matter))
            }
            other => {
                let matter = format!(
                    "service instance {crn} is {other:?} and not active; see what IBM Cloud says of it, or set \
                     spec.storage.ibmcos.serviceInstanceCRN of Config/cluster to another one"
                );
                Err(words.trouble("InstanceNotActive", &matter))
            }
        }
    }

    /// The service instance, created if there is none.
    pub(super) async fn ensure_instance(&mut self) -> Result<Instance, Trouble> {
        for attempt in 1.. {
            if let Some(instance) = self.find_instance().await? {
                return Ok(instance);
            }
            let body = json!({
                "name": self.medium.instance_name, "target": TARGET, "resource_group": self.group().await?,
                "resource_plan_id": PLAN, "tags": self.medium.tags,
            });
            let url = self.controller("resource_instances");
            match self.cloud.post::<Instance>(&url, &body, &CREATE_INSTANCE, attempt).await? {
                Created::Now(instance) => return self.usable(instance),
                Created::Perhaps(pause) => tokio::time::sleep(pause).await,
            }
        }
        Err(self.cloud.words.trouble("InstanceMissing", "there is no service instance"))
    }

    /// The id of the resource group.
    async fn group(&mut self) -> Result<String, Trouble> {
        if let Some(group) = &self.group {
            return Ok(group.clone());
        }
        let medium = &self.medium;
        let group = self.cloud.group(&medium.resource_manager_endpoint, &medium.resource_group_name).await?;
        Ok(self.group.insert(group).clone())
    }

    /// A collection of the Resource Controller.
    pub(super) fn controller(&self, collection: &str) -> String {
        format!("{}/v2/{collection}", self.medium.resource_controller_endpoint)
    }
}
