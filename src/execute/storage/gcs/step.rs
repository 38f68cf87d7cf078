//! What is asked of Google, and what it takes (<https://cloud.google.com/storage/docs/access-control/iam-json>).

/// A kind of request, for sentences about its refusal.
pub(super) struct Step {
    /// What comes to nothing if it is refused.
    pub(super) what: &'static str,
    /// The permissions it takes.
    pub(super) permission: &'static str,
    /// A predefined role with them.
    pub(super) role: &'static str,
    /// What to do if something is not found.
    pub(super) on_missing: &'static str,
    /// What to do if the request is not accepted.
    pub(super) on_invalid: &'static str,
    /// What follows the role: a further remedy for what is forbidden.
    pub(super) elsewhere: &'static str,
}

const STORAGE_ADMIN: &str = "roles/storage.admin";
const TAG_USER: &str = "roles/resourcemanager.tagUser";
const OTHER_NAME: &str = "check spec.storage.gcs.bucket of Config/cluster";

/// Reading the bucket.
pub(super) const LOOK: Step = Step {
    what: "it cannot be looked at",
    permission: "storage.buckets.get",
    role: STORAGE_ADMIN,
    on_missing: OTHER_NAME,
    on_invalid: OTHER_NAME,
    elsewhere: "; if the bucket is somebody else's, set another name in spec.storage.gcs.bucket of Config/cluster",
};

/// Creating the bucket.
pub(super) const CREATE: Step = Step {
    what: "it cannot be created",
    permission: "storage.buckets.create",
    role: STORAGE_ADMIN,
    on_missing: "check spec.storage.gcs.projectID of Config/cluster",
    on_invalid: "check spec.storage.gcs of Config/cluster: bucket, projectID and region",
    elsewhere: "",
};

/// Setting labels.
pub(super) const LABEL: Step = Step {
    what: "labels cannot be set",
    permission: "storage.buckets.update",
    role: STORAGE_ADMIN,
    on_missing: OTHER_NAME,
    on_invalid: "check the resourceLabels of the platform in Infrastructure/cluster",
    elsewhere: "",
};

/// Setting the default key.
pub(super) const ENCRYPT: Step = Step {
    what: "the default key cannot be set",
    permission: "storage.buckets.update",
    role: STORAGE_ADMIN,
    on_missing: "check spec.storage.gcs.keyID of Config/cluster",
    on_invalid: "check spec.storage.gcs.keyID of Config/cluster, which has to be a key in the bucket's location, as \
                 projects/P/locations/L/keyRings/R/cryptoKeys/K",
    elsewhere: "",
};

/// Listing tags.
pub(super) const LIST_TAGS: Step = Step {
    what: "its tags cannot be listed",
    permission: "storage.buckets.listEffectiveTags",
    role: STORAGE_ADMIN,
    on_missing: OTHER_NAME,
    on_invalid: "check the resourceTags of the platform in Infrastructure/cluster",
    elsewhere: "",
};

/// Binding a tag.
pub(super) const BIND_TAG: Step = Step {
    what: "a tag cannot be bound",
    permission: "storage.buckets.createTagBinding, and resourcemanager.tagValueBindings.create for the tag",
    role: TAG_USER,
    on_missing: "check the resourceTags of the platform in Infrastructure/cluster: there is no such tag",
    on_invalid: "check the resourceTags of the platform in Infrastructure/cluster",
    elsewhere: "",
};

/// Listing what is in the bucket.
pub(super) const LIST: Step = Step {
    what: "its objects cannot be listed",
    permission: "storage.objects.list",
    role: STORAGE_ADMIN,
    on_missing: OTHER_NAME,
    on_invalid: OTHER_NAME,
    elsewhere: "",
};

/// Deleting an object.
pub(super) const EMPTY: Step = Step {
    what: "an object cannot be deleted",
    permission: "storage.objects.delete",
    role: STORAGE_ADMIN,
    on_missing: OTHER_NAME,
    on_invalid: "delete it by hand",
    elsewhere: "",
};

/// Deleting the bucket.
pub(super) const DELETE: Step = Step {
    what: "it cannot be deleted",
    permission: "storage.buckets.delete",
    role: STORAGE_ADMIN,
    on_missing: OTHER_NAME,
    on_invalid: "delete it by hand",
    elsewhere: "",
};
