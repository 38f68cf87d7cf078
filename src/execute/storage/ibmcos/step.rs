//! What is asked of IBM Cloud, for sentences.

/// A service of IBM Cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Iam,
    Manager,
    Controller,
    Storage,
}

impl Service {
    /// Its name, for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Service::Iam => "IAM",
            Service::Manager => "the Resource Manager",
            Service::Controller => "the Resource Controller",
            Service::Storage => "Object Storage",
        }
    }
}

/// A request: what it means if it fails, and the role that it takes.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) service: Service,
    pub(super) what: &'static str,
    pub(super) role: &'static str,
}

const fn step(service: Service, what: &'static str, role: &'static str) -> Step {
    Step { service, what, role }
}

// Roles: "IAM roles and actions" of IBM Cloud's documentation, Cloud Object Storage and resource groups.
const VIEWER: &str = "Viewer for Cloud Object Storage in the resource group";
const EDITOR: &str = "Editor for Cloud Object Storage in the resource group";
const READER: &str = "Reader for the service instance";
const WRITER: &str = "Writer for the service instance";

pub(super) const TOKEN: Step = step(Service::Iam, "there is no token for the API key", "");
pub(super) const GROUP: Step =
    step(Service::Manager, "the resource group cannot be looked up", "Viewer for the resource group");
pub(super) const GET_INSTANCE: Step = step(Service::Controller, "the service instance cannot be looked at", VIEWER);
pub(super) const LIST_INSTANCES: Step = step(Service::Controller, "service instances cannot be listed", VIEWER);
pub(super) const CREATE_INSTANCE: Step = step(Service::Controller, "the service instance cannot be created", EDITOR);
pub(super) const DELETE_INSTANCE: Step = step(Service::Controller, "the service instance cannot be deleted", EDITOR);
pub(super) const GET_KEY: Step = step(Service::Controller, "the resource key cannot be looked at", EDITOR);
pub(super) const LIST_KEYS: Step = step(Service::Controller, "resource keys cannot be listed", EDITOR);
pub(super) const CREATE_KEY: Step = step(Service::Controller, "the resource key cannot be created", EDITOR);
pub(super) const DELETE_KEY: Step = step(Service::Controller, "the resource key cannot be deleted", EDITOR);
pub(super) const LOOK: Step = step(Service::Storage, "it cannot be looked at", READER);
pub(super) const LIST_BUCKETS: Step =
    step(Service::Storage, "the buckets of the service instance cannot be listed", READER);
pub(super) const CREATE: Step = step(Service::Storage, "it cannot be created", WRITER);
pub(super) const LIST: Step = step(Service::Storage, "its content cannot be listed", READER);
pub(super) const EMPTY: Step = step(Service::Storage, "its content cannot be deleted", WRITER);
pub(super) const DELETE: Step = step(Service::Storage, "it cannot be deleted", WRITER);
