//! What is wanted of a medium: the action and everything that its outcome depends on.

use crate::inputs::Inputs;
use crate::render::names::{
    CLOUD_CREDENTIALS, NAMESPACE, OPENSHIFT_CONFIG, OPENSHIFT_CONFIG_MANAGED, USER_CONFIGURATION,
};
use crate::render::storage::action::{Medium, StorageAction};
use sha2::{Digest, Sha256};

/// A hash of an action and what it is carried out with. Another one means that something has changed: the settings, the
/// credentials, the CAs or the endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish([u8; 32]);

impl Wish {
    /// The wish that follows from an action and the inputs.
    pub(super) fn of(action: &StorageAction, inputs: &Inputs) -> Self {
        let mut hash = Sha256::new();
        // `may_create` turns when the status names the medium, which changes nothing for one that is there.
        let StorageAction { verb, id: _, management_state, may_create: _, medium } = action;
        hash.update(serde_json::to_vec(&(verb, management_state, medium)).unwrap_or_default());
        for name in [USER_CONFIGURATION, CLOUD_CREDENTIALS] {
            for (key, value) in inputs.objects.secret(NAMESPACE, name).iter().flat_map(|secret| &secret.data) {
                hash.update(key);
                hash.update((value.expose().len() as u64).to_le_bytes());
                hash.update(value.expose());
            }
        }
        let trusted = match medium {
            Medium::S3(bucket) => bucket.trusted_ca.as_deref().unwrap_or_default(),
            _ => "",
        };
        let cas = [
            (OPENSHIFT_CONFIG, trusted),
            (OPENSHIFT_CONFIG, "cloud-provider-config"),
            (OPENSHIFT_CONFIG_MANAGED, "kube-cloud-config"),
        ];
        for (namespace, name) in cas {
            for (key, value) in inputs.objects.config_map(namespace, name).iter().flat_map(|map| &map.data) {
                hash.update(key);
                hash.update((value.len() as u64).to_le_bytes());
                hash.update(value);
            }
        }
        Wish(hash.finalize().into())
    }
}
