//! Everything in the bucket is encrypted: by a KMS key, or by keys of S3.

use super::answers::{escape, parse};
use super::service::{Call, Service};
use super::setting::{Bad, Good, Subject, unreadable, write};
use http::Method;
use serde::Deserialize;

/// The setting as a condition.
pub(super) const SUBJECT: Subject =
    Subject { type_: "StorageEncrypted", reason: "EncryptionSuccessful", name: "encryption" };

#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(rename = "Rule", default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    apply_server_side_encryption_by_default: ByDefault,
    bucket_key_enabled: bool,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
struct ByDefault {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: String,
    #[serde(rename = "KMSMasterKeyID")]
    key: String,
}

/// Sets the encryption unless it is as it should be. `is_encrypted` becomes whether there is any, also if this fails.
pub(super) async fn settle(service: &Service, key: Option<&str>, is_encrypted: &mut bool) -> Result<Good, Bad> {
    let read =
        Call::new(Method::GET, &[("encryption", "")], "its encryption cannot be read", "s3:GetEncryptionConfiguration");
    let now: Configuration = match service.send(&read).await? {
        Ok(answer) => parse(&answer).map_err(|why| unreadable(service, &read, &why))?,
        // Who may not read may write all the same.
        Err(refusal) if refusal.is(&["ServerSideEncryptionConfigurationNotFoundError", "AccessDenied"]) => {
            Configuration::default()
        }
        Err(refusal) => return Err(Bad::of(service, &read, &refusal)),
    };
    *is_encrypted = now.rules.iter().any(|rule| !rule.apply_server_side_encryption_by_default.algorithm.is_empty());
    let then = wanted(key);
    let is_written = now.rules.as_slice() != std::slice::from_ref(&then);
    if is_written {
        let (what, permission) = ("its encryption cannot be set", "s3:PutEncryptionConfiguration");
        let call = Call::new(Method::PUT, &[("encryption", "")], what, permission);
        write(service, &call.with(document(&then))).await?;
        *is_encrypted = true;
    }
    let algorithm = then.apply_server_side_encryption_by_default.algorithm;
    let message = format!("Default {algorithm} encryption was successfully enabled on the S3 bucket");
    Ok(Good { message, is_written })
}

fn wanted(key: Option<&str>) -> Rule {
    let algorithm = if key.is_some() { "aws:kms" } else { "AES256" }.to_owned();
    let by_default = ByDefault { algorithm, key: key.unwrap_or_default().to_owned() };
    Rule { apply_server_side_encryption_by_default: by_default, bucket_key_enabled: true }
}

fn document(rule: &Rule) -> String {
    let ByDefault { algorithm, key } = &rule.apply_server_side_encryption_by_default;
    let key = match key.as_str() {
        "" => String::new(),
        key => format!("<KMSMasterKeyID>{}</KMSMasterKeyID>", escape(key)),
    };
    format!(
        "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
         <ApplyServerSideEncryptionByDefault><SSEAlgorithm>{algorithm}</SSEAlgorithm>{key}\
         </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>{}</BucketKeyEnabled></Rule>\
         </ServerSideEncryptionConfiguration>",
        rule.bucket_key_enabled
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Configuration, document, wanted};
    use crate::execute::storage::s3::answers::parse_text;

    #[test]
    fn what_is_written_is_what_is_wanted() {
        for key in [None, Some("arn:aws:kms:eu-west-1:1:key/a&b")] {
            let rule = wanted(key);
            let read: Configuration = parse_text(&document(&rule)).unwrap();
            assert_eq!(read.rules, [rule]);
        }
        assert!(!document(&wanted(None)).contains("KMS"));
    }
}
