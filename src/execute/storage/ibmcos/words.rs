//! How the bucket and what belongs to it are called, and sentences about them.

use crate::execute::storage::trouble::Trouble;
use crate::net::Failure;
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, USER_CONFIGURATION};
use crate::render::storage::action::{Credentials, IbmCosBucket, Medium};

/// Names for people.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// The bucket with its place.
    pub(super) bucket: String,
    /// The Secret with the API key, and the key in it.
    pub(super) secret: String,
}

impl Words {
    /// How the bucket and its settings are called.
    pub(super) fn of(medium: &IbmCosBucket) -> Self {
        let (secret, key) = place(medium.credentials);
        Words {
            bucket: Medium::Ibmcos(Box::new(medium.clone())).to_string(),
            secret: format!("Secret {NAMESPACE}/{secret} ({key})"),
        }
    }

    /// Something about the bucket that is the matter.
    pub(super) fn trouble(&self, reason: &str, matter: &str) -> Trouble {
        Trouble::new(reason, format!("{}: {matter}", self.bucket))
    }

    /// There was no answer.
    pub(super) fn no_answer(&self, what: &str, failure: &Failure) -> Trouble {
        Trouble::no_answer(&format!("{}: {what}", self.bucket), failure)
    }

    /// The answer is none of that service's.
    pub(super) fn unreadable(&self, what: &str, why: &str) -> Trouble {
        self.trouble("UnexpectedAnswer", &format!("{what}: {why}; check the endpoint and the proxy"))
    }

    /// The bucket is there, but where the registry's key does not reach.
    pub(super) fn elsewhere(&self, instance: Option<&str>) -> Trouble {
        let where_ = instance.map_or_else(
            || "there is no service instance of this cluster's that could hold it".to_owned(),
            |crn| format!("it is not in service instance {crn}"),
        );
        let matter = format!(
            "it exists, but {where_}; set spec.storage.ibmcos.serviceInstanceCRN of Config/cluster to the service \
             instance that holds it, or name another bucket"
        );
        self.trouble("BucketInOtherInstance", &matter)
    }

    /// The name belongs to somebody else.
    pub(super) fn taken(&self) -> Trouble {
        let matter = "the name is taken by a bucket that is not in this cluster's service instance; choose another \
                      spec.storage.ibmcos.bucket of Config/cluster, or set spec.storage.ibmcos.serviceInstanceCRN to \
                      the service instance that holds it. The name of a bucket that was just deleted is free again \
                      after some minutes";
        self.trouble("BucketNameTaken", matter)
    }
}

/// The Secret with the API key and its key there (the reference's).
pub(super) fn place(credentials: Credentials) -> (&'static str, &'static str) {
    match credentials {
        Credentials::User => (USER_CONFIGURATION, "REGISTRY_STORAGE_IBMCOS_IAMAPIKEY"),
        Credentials::Cloud => (CLOUD_CREDENTIALS, "ibmcloud_api_key"),
    }
}
