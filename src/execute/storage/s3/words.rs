//! What S3 answers, in sentences for people.

use super::answers::Refusal;
use super::presence::LIST;
use crate::execute::storage::trouble::{Trouble, quoted};
use crate::net::Failure;
use crate::render::names::{CLOUD_CREDENTIALS, NAMESPACE, USER_CONFIGURATION};
use crate::render::storage::action::{Credentials, Medium, S3Bucket};

/// How the bucket and its credentials are called.
pub(super) struct Words {
    /// The bucket with its place.
    pub(super) bucket: String,
    region: String,
    /// The Secret with the credentials.
    secret: &'static str,
}

impl Words {
    /// How the bucket and its settings are called.
    pub(super) fn of(bucket: &S3Bucket) -> Self {
        Words {
            bucket: Medium::S3(bucket.clone()).to_string(),
            region: bucket.region.clone(),
            secret: match bucket.credentials {
                Credentials::User => USER_CONFIGURATION,
                Credentials::Cloud => CLOUD_CREDENTIALS,
            },
        }
    }

    /// Settings, credentials or CAs that cannot be used.
    pub(super) fn unusable(&self, why: &str) -> Trouble {
        let Words { bucket, secret, .. } = self;
        let message =
            format!("{bucket}: {why}; check Secret {NAMESPACE}/{secret} and spec.storage.s3 of Config/cluster");
        Trouble::new("SettingsUnusable", message)
    }

    /// There was no answer.
    pub(super) fn no_answer(&self, what: &str, failure: &Failure) -> Trouble {
        Trouble::no_answer(&format!("{}: {what}", self.bucket), failure)
    }

    /// The bucket is in another region.
    pub(super) fn wrong_region(&self, right: &str) -> Trouble {
        let Words { bucket, region, .. } = self;
        let message = if right.is_empty() {
            format!(
                "{bucket}: it is not in region {region}; set spec.storage.s3.region of Config/cluster to its region"
            )
        } else {
            format!(
                "{bucket}: it is in region {right}, not {region}; set spec.storage.s3.region of Config/cluster to \
                 {right}"
            )
        };
        Trouble::new("WrongRegion", message)
    }

    /// STS does not give credentials for the token.
    pub(super) fn not_assumed(&self, role: &str, refusal: &Refusal) -> Trouble {
        let Words { bucket, secret, .. } = self;
        let (code, said) = (&refusal.code, said(refusal));
        let remedy = match code.as_str() {
            "AccessDenied" => "check the role's trust policy: it has to name the cluster's issuer and service account",
            "InvalidIdentityToken" | "IDPRejectedClaim" => {
                "check the identity provider in IAM: issuer, audience and thumbprint"
            }
            "ExpiredTokenException" | "ExpiredToken" => "the kubelet renews the token; check the clocks",
            _ => "it is asked again; if that does not help, check the role",
        };
        let message = format!(
            "{bucket}: role {} of Secret {NAMESPACE}/{secret} cannot be assumed: STS answered {code}{said}; {remedy}",
            quoted(role)
        );
        Trouble::new(code, message)
    }

    /// The service refuses a call that failed to do that and takes this permission.
    pub(super) fn refused(&self, what: &str, permission: &str, refusal: &Refusal) -> Trouble {
        let Words { bucket, region, secret } = self;
        let Refusal { code, .. } = refusal;
        let keys = format!("check the credentials in Secret {NAMESPACE}/{secret}");
        let again = "it is asked again".to_owned();
        let (why, remedy) = match code.as_str() {
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "InvalidRegion"
            | "IllegalLocationConstraintException"
                if refusal.region != *region =>
            {
                return self.wrong_region(&refusal.region);
            }
            "InvalidAccessKeyId" => ("the access key is not known there".to_owned(), keys),
            "SignatureDoesNotMatch" => ("the secret key does not belong to the access key".to_owned(), keys),
            "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => {
                ("the session token has expired or is not valid".to_owned(), keys)
            }
            "RequestTimeTooSkewed" | "RequestExpired" => (
                "the clocks of this node and of the service are too far apart".to_owned(),
                "synchronise the node's clock".to_owned(),
            ),
            "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => (
                format!("access is denied{}", said(refusal)),
                if permission == LIST {
                    format!(
                        "it belongs to another account, or the credentials in Secret {NAMESPACE}/{secret} may not use \
                         it: they need {LIST}; name another bucket in spec.storage.s3.bucket, or grant that"
                    )
                } else {
                    format!("grant {permission} to the credentials in Secret {NAMESPACE}/{secret}")
                },
            ),
            "NoSuchBucket" => ("it does not exist any more".to_owned(), again),
            "BucketAlreadyExists" => (
                "the name is taken by another account".to_owned(),
                "name another bucket in spec.storage.s3.bucket of Config/cluster".to_owned(),
            ),
            "InvalidBucketName" => (
                "the name is not one for a bucket".to_owned(),
                "name another bucket in spec.storage.s3.bucket of Config/cluster".to_owned(),
            ),
            "TooManyBuckets" => (
                "the account has as many buckets as it may have".to_owned(),
                "delete some, raise its quota, or name an existing bucket in spec.storage.s3.bucket".to_owned(),
            ),
            "OperationAborted" => ("another operation on it is under way".to_owned(), again),
            "SlowDown" | "ServiceUnavailable" | "TooManyRequests" | "Throttling" | "RequestLimitExceeded" => {
                ("the service asks for fewer requests".to_owned(), again)
            }
            "InternalError" => ("the service had an error of its own".to_owned(), again),
            _ => (format!("the service answered {}{}", refusal.status, said(refusal)), again),
        };
        Trouble::new(code, format!("{bucket}: {what}: {why} ({}); {remedy}", quoted(code)))
    }
}

fn said(refusal: &Refusal) -> String {
    if refusal.message.is_empty() { String::new() } else { format!(": {}", quoted(&refusal.message)) }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Words};

    fn words() -> Words {
        Words { bucket: "S3 bucket b in r".to_owned(), region: "r".to_owned(), secret: "keys" }
    }

    fn refused(code: &str, region: &str) -> (String, String) {
        let refusal =
            Refusal { status: 400, code: code.to_owned(), message: "own words".to_owned(), region: region.to_owned() };
        let trouble = words().refused("it cannot be looked at", "s3:ListBucket", &refusal);
        (trouble.reason, trouble.message)
    }

    #[test]
    fn every_code_leads_to_a_remedy() {
        for (code, part) in [
            ("InvalidAccessKeyId", "Secret openshift-image-registry/keys"),
            ("SignatureDoesNotMatch", "does not belong to the access key"),
            ("ExpiredToken", "session token"),
            ("RequestTimeTooSkewed", "clock"),
            ("AccessDenied", "they need s3:ListBucket"),
            ("BucketAlreadyExists", "taken by another account"),
            ("OperationAborted", "it is asked again"),
            ("SlowDown", "fewer requests"),
            ("Whatever", "own words"),
        ] {
            let (reason, message) = refused(code, "");
            assert_eq!(reason, code);
            assert!(message.starts_with("S3 bucket b in r: it cannot be looked at: "), "{message}");
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn the_right_region_is_named() {
        let (reason, message) = refused("PermanentRedirect", "eu-west-1");
        assert_eq!(reason, "WrongRegion");
        assert!(message.contains("spec.storage.s3.region of Config/cluster to eu-west-1"), "{message}");
        assert_eq!(refused("AuthorizationHeaderMalformed", "r").0, "AuthorizationHeaderMalformed");
    }
}
