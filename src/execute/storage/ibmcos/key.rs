//! The resource key, whose HMAC pair the registry uses.

use super::Bucket;
use super::controller::Created;
use super::instance::Instance;
use super::step::{CREATE_KEY, GET_KEY, LIST_KEYS};
use crate::api::secret::Secret;
use crate::execute::storage::trouble::{Trouble, quoted};
use serde::Deserialize;
use serde_json::json;

const WRITER: &str = "crn:v1:bluemix:public:iam::::serviceRole:Writer";
const MANAGER: &str = "crn:v1:bluemix:public:iam::::serviceRole:Manager";

/// A resource key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Key {
    pub(super) crn: String,
    pub(super) guid: String,
    pub(super) name: String,
    state: String,
    source_crn: String,
    created_at: String,
    credentials: Option<Credentials>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Credentials {
    /// The access that it takes to see them.
    #[serde(rename = "REDACTED")]
    redacted: Option<String>,
    iam_role_crn: Option<String>,
    cos_hmac_keys: Option<HmacKeys>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct HmacKeys {
    access_key_id: Secret,
    secret_access_key: Secret,
}

/// What a key is not good for the registry for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Flaw {
    OfOtherInstance(String),
    Hidden,
    NoCredentials,
    NoHmac,
    WrongRole(String),
}

impl Key {
    /// Whether it is deleted.
    fn is_gone(&self) -> bool {
        self.state == "removed"
    }

    fn flaw(&self, instance: &Instance) -> Option<Flaw> {
        if self.source_crn != instance.crn {
            return Some(Flaw::OfOtherInstance(self.source_crn.clone()));
        }
        let Some(credentials) = &self.credentials else { return Some(Flaw::NoCredentials) };
        if credentials.redacted.is_some() {
            return Some(Flaw::Hidden);
        }
        let is_text =
            |secret: &Secret| !secret.is_empty() && secret.expose().bytes().all(|byte| byte.is_ascii_graphic());
        let hmac = credentials.cos_hmac_keys.as_ref();
        if !hmac.is_some_and(|hmac| is_text(&hmac.access_key_id) && is_text(&hmac.secret_access_key)) {
            return Some(Flaw::NoHmac);
        }
        let role = credentials.iam_role_crn.as_deref().unwrap_or_default();
        (![WRITER, MANAGER].contains(&role)).then(|| Flaw::WrongRole(role.to_owned()))
    }

    /// The HMAC pair in the form of AWS's shared credentials (the reference's).
    pub(super) fn ini(&self) -> Option<Secret> {
        let HmacKeys { access_key_id, secret_access_key } = self.credentials.as_ref()?.cos_hmac_keys.as_ref()?;
        Some(Secret::from(format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            access_key_id.expose(),
            secret_access_key.expose()
        )))
    }
}

impl Bucket {
    /// The resource key: the one that is named, else the one of our name, created if there is none.
    pub(super) async fn ensure_key(&self, instance: &Instance) -> Result<Key, Trouble> {
        if let Some(key) = self.named_key(instance).await? {
            return Ok(key);
        }
        for attempt in 1.. {
            if let Some(key) = self.key_by_name(instance).await? {
                return Ok(key);
            }
            let body = json!({
                "name": self.medium.instance_name, "source": instance.crn, "role": WRITER,
                "parameters": { "HMAC": true },
            });
            match self.cloud.post::<Key>(&self.controller("resource_keys"), &body, &CREATE_KEY, attempt).await? {
                Created::Now(key) => {
                    return match key.flaw(instance) {
                        None => Ok(key),
                        Some(flaw) => Err(self.flawed(&key.crn, instance, &flaw)),
                    };
                }
                Created::Perhaps(pause) => tokio::time::sleep(pause).await,
            }
        }
        Err(self.cloud.words.trouble("ResourceKeyMissing", "there is no resource key"))
    }

    /// The key that Config names; none if it names none or one that may be replaced and has to be.
    async fn named_key(&self, instance: &Instance) -> Result<Option<Key>, Trouble> {
        let Some(crn) = &self.medium.resource_key_crn else { return Ok(None) };
        let found: Option<Key> = self.cloud.get(&self.controller("resource_keys"), crn, &GET_KEY).await?;
        let found = found.filter(|key| !key.is_gone());
        match found.map(|key| (key.flaw(instance), key)) {
            Some((None, key)) => Ok(Some(key)),
            Some((Some(flaw), _)) if !self.medium.may_replace_key => Err(self.flawed(crn, instance, &flaw)),
            None if !self.medium.may_replace_key => {
                let matter = format!(
                    "resource key {crn} is gone; set spec.storage.ibmcos.resourceKeyCRN of Config/cluster to another \
                     one, or remove that field to have one created"
                );
                Err(self.cloud.words.trouble("ResourceKeyGone", &matter))
            }
            _ => Ok(None),
        }
    }

    /// The oldest key of our name that the registry can use.
    async fn key_by_name(&self, instance: &Instance) -> Result<Option<Key>, Trouble> {
        let keys = self.keys(instance).await?;
        let ours = keys.into_iter().filter(|key| key.name == self.medium.instance_name);
        let mut ours: Vec<(Option<Flaw>, Key)> = ours.map(|key| (key.flaw(instance), key)).collect();
        ours.sort_by(|(_, one), (_, other)| (&one.created_at, &one.crn).cmp(&(&other.created_at, &other.crn)));
        if let Some(at) = ours.iter().position(|(flaw, _)| flaw.is_none()) {
            return Ok(Some(ours.swap_remove(at).1));
        }
        // Another one would be hidden as well.
        match ours.into_iter().find(|(flaw, _)| *flaw == Some(Flaw::Hidden)) {
            Some((Some(flaw), key)) => Err(self.flawed(&key.crn, instance, &flaw)),
            _ => Ok(None),
        }
    }

    /// All keys of the service instance.
    pub(super) async fn keys(&self, instance: &Instance) -> Result<Vec<Key>, Trouble> {
        let url = format!("{}/{}/resource_keys", self.controller("resource_instances"), instance.guid);
        let keys: Vec<Key> = self.cloud.list(&url, &[("limit", "100")], &LIST_KEYS).await?;
        Ok(keys.into_iter().filter(|key| !key.is_gone()).collect())
    }

    fn flawed(&self, key: &str, instance: &Instance, flaw: &Flaw) -> Trouble {
        const NAME_ANOTHER: &str = "set spec.storage.ibmcos.resourceKeyCRN of Config/cluster to another one, or \
                                    remove that field to have one created";
        let (reason, matter) = match flaw {
            Flaw::OfOtherInstance(other) => (
                "ResourceKeyOfOtherInstance",
                format!("is not valid for service instance {}: it belongs to {}", instance.crn, quoted(other)),
            ),
            Flaw::NoCredentials => {
                ("ResourceKeyWithoutCredentials", "does not have any attached credentials".to_owned())
            }
            Flaw::NoHmac => (
                "ResourceKeyWithoutHMAC",
                "does not contain HMAC keys: it was created without the parameter HMAC".to_owned(),
            ),
            Flaw::WrongRole(role) => (
                "ResourceKeyRoleNotValid",
                format!(
                    "has an IAM role that is not valid, {}: it has to be Writer or Manager",
                    quoted(&format!("{role:?}"))
                ),
            ),
            Flaw::Hidden => {
                let matter = format!(
                    "resource key {key} hides its credentials; give the identity of the API key in {} the role \
                     Manager for the service instance",
                    self.cloud.words.secret
                );
                return self.cloud.words.trouble("ResourceKeyHidden", &matter);
            }
        };
        self.cloud.words.trouble(reason, &format!("resource key {key} {matter}; {NAME_ANOTHER}"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Flaw, Key, WRITER};
    use crate::execute::storage::ibmcos::instance::Instance;
    use serde_json::{Value, json};

    fn key(credentials: Value) -> Key {
        serde_json::from_value(json!({ "crn": "k", "source_crn": "i", "credentials": credentials })).unwrap()
    }

    fn instance(crn: &str) -> Instance {
        serde_json::from_value(json!({ "crn": crn })).unwrap()
    }

    fn flaw(credentials: Value) -> Option<Flaw> {
        key(credentials).flaw(&instance("i"))
    }

    #[test]
    fn keys_are_checked() {
        let hmac = json!({ "access_key_id": "a", "secret_access_key": "s3cret" });
        let good = json!({ "iam_role_crn": WRITER, "cos_hmac_keys": hmac });
        assert_eq!(flaw(good.clone()), None);
        assert_eq!(flaw(Value::Null), Some(Flaw::NoCredentials));
        assert_eq!(flaw(json!({ "REDACTED": "REDACTED" })), Some(Flaw::Hidden));
        assert_eq!(flaw(json!({ "iam_role_crn": WRITER })), Some(Flaw::NoHmac));
        let broken = json!({ "access_key_id": "a", "secret_access_key": "s\n[other]" });
        assert_eq!(flaw(json!({ "iam_role_crn": WRITER, "cos_hmac_keys": broken })), Some(Flaw::NoHmac));
        assert_eq!(flaw(json!({ "cos_hmac_keys": hmac })), Some(Flaw::WrongRole(String::new())));
        assert_eq!(key(good.clone()).flaw(&instance("j")), Some(Flaw::OfOtherInstance("i".to_owned())));
        let ini = key(good.clone()).ini().unwrap();
        assert_eq!(ini.expose(), "[default]\naws_access_key_id = a\naws_secret_access_key = s3cret\n");
        assert!(!format!("{:?}", key(good)).contains("s3cret"));
    }
}
