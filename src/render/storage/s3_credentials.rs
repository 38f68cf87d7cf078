//! Credentials for S3, as an ini file in AWS's shared-credentials form.

use super::action::Credentials;
use super::trust::incomplete_secret;
use crate::inputs::{Inputs, SecretBytes, SecretData};
use crate::problem::Problem;
use crate::render::context::missing_object;
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, USER_CONFIGURATION};

/// The ini file and where it came from.
pub struct Found {
    /// The Secret.
    pub from: Credentials,
    /// The file, as it is mounted.
    pub ini: SecretBytes,
}

/// The user's keys if there are any, else the minted ones. An incomplete Secret is never made up for by the other.
///
/// # Errors
/// Neither Secret was seen, or the one that counts lacks a key.
pub fn find(inputs: &Inputs) -> Result<Found, Problem> {
    if let Some(user) = inputs.objects.secret(NAMESPACE, USER_CONFIGURATION) {
        let keys = ["REGISTRY_STORAGE_S3_ACCESSKEY", "REGISTRY_STORAGE_S3_SECRETKEY"];
        let [access, secret] = keys.map(|key| user.data.get(key));
        let (Some(access), Some(secret)) = (access, secret) else {
            let missing = keys.into_iter().filter(|key| !user.data.contains_key(*key)).collect::<Vec<_>>();
            return Err(incomplete_secret(USER_CONFIGURATION, &missing));
        };
        return Ok(Found { from: Credentials::User, ini: ini(access, secret) });
    }
    let Some(minted) = inputs.objects.secret(NAMESPACE, CLOUD_CREDENTIALS) else {
        let looked_at = inputs.objects.secret_was_looked_at(NAMESPACE, CLOUD_CREDENTIALS);
        return Err(missing_object("Secret", NAMESPACE, CLOUD_CREDENTIALS, looked_at, "spec.storage.s3"));
    };
    from_minted(minted).map(|ini| Found { from: Credentials::Cloud, ini })
}

fn from_minted(minted: &SecretData) -> Result<SecretBytes, Problem> {
    let filled = |key: &str| minted.data.get(key).filter(|value| !value.expose().is_empty());
    if let Some(file) = filled("credentials") {
        return Ok(file.clone());
    }
    match (filled("aws_access_key_id"), filled("aws_secret_access_key")) {
        (Some(access), Some(secret)) => Ok(ini(access, secret)),
        _ => Err(incomplete_secret(CLOUD_CREDENTIALS, &["credentials", "aws_access_key_id and aws_secret_access_key"])),
    }
}

/// Two static keys as the default profile.
fn ini(access: &SecretBytes, secret: &SecretBytes) -> SecretBytes {
    let mut file = b"[default]\naws_access_key_id = ".to_vec();
    file.extend_from_slice(access.expose());
    file.extend_from_slice(b"\naws_secret_access_key = ");
    file.extend_from_slice(secret.expose());
    file.push(b'\n');
    SecretBytes::from(file)
}
