//! Where buckets are, and where tokens are exchanged for credentials.

use crate::net::encode;
use crate::render::storage::action::S3Bucket;
use http::Uri;

/// Beginnings of the names of regions outside the partition `aws`, and the domain of their services (AWS SDKs,
/// `partitions.json`).
const DOMAINS: [(&str, &str); 7] = [
    ("cn-", "amazonaws.com.cn"),
    ("us-gov-", "amazonaws.com"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("eusc-", "amazonaws.eu"),
];

/// The URL of a bucket, which ends without a slash, and whether its name is in the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) url: String,
    pub(super) in_host: bool,
}

impl Place {
    /// The place of a bucket.
    ///
    /// # Errors
    /// An endpoint or a region that cannot be part of a URL.
    pub(super) fn of(bucket: &S3Bucket) -> Result<Self, String> {
        let name = &bucket.bucket;
        let Endpoint { scheme, authority, path } = match &bucket.endpoint {
            Some(given) => Endpoint::parse(given)?,
            None => Endpoint::of_aws("s3", &bucket.region)?,
        };
        // A certificate for *.host does not hold for a name with dots, and an address has no names below it.
        let in_host = !bucket.path_style && is_label(name) && !is_address(&authority);
        let url = if in_host {
            format!("{scheme}://{name}.{authority}{path}")
        } else {
            format!("{scheme}://{authority}{path}/{}", encode(name))
        };
        Ok(Place { url, in_host })
    }

    /// The URL of an object, whose key is encoded already, or of the bucket itself.
    pub(super) fn of_key(&self, key: &str) -> String {
        match (key, self.in_host) {
            ("", false) => self.url.clone(),
            _ => format!("{}/{key}", self.url),
        }
    }
}

/// The URL of the Security Token Service, which ends with a slash.
///
/// # Errors
/// An endpoint or a region that cannot be part of a URL.
pub(super) fn sts(endpoint: Option<&str>, region: &str) -> Result<String, String> {
    let Endpoint { scheme, authority, path } = match endpoint {
        Some(given) => Endpoint::parse(given)?,
        None => Endpoint::of_aws("sts", region)?,
    };
    Ok(format!("{scheme}://{authority}{path}/"))
}

#[derive(Debug)]
struct Endpoint {
    scheme: String,
    authority: String,
    /// Without a slash at its end.
    path: String,
}

impl Endpoint {
    fn of_aws(service: &str, region: &str) -> Result<Self, String> {
        if !is_label(region) {
            return Err(format!("region {region:?} cannot be part of a host name"));
        }
        let domain = DOMAINS.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("amazonaws.com", |of| of.1);
        let authority = format!("{service}.{region}.{domain}");
        Ok(Endpoint { scheme: "https".to_owned(), authority, path: String::new() })
    }

    /// Users write hosts as well as URLs.
    fn parse(given: &str) -> Result<Self, String> {
        let given = given.trim();
        let url = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
        // The endpoint is not quoted: it may hold a password.
        let uri: Uri = url.parse().map_err(|error| format!("the endpoint is no URL: {error}"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if !matches!(scheme, "http" | "https") || uri.query().is_some() || authority.contains('@') {
            return Err("the endpoint is not http:// or https:// with a host and perhaps a path".to_owned());
        }
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Endpoint { scheme: scheme.to_owned(), authority: authority.to_owned(), path })
    }
}

/// Whether it can be one label of a host name (RFC 1123).
fn is_label(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(is_inner) && !name.starts_with('-') && !name.ends_with('-')
}

fn is_address(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    authority.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Place, sts};
    use crate::render::storage::action::{Credentials, S3Bucket};

    fn place(name: &str, region: &str, endpoint: Option<&str>, path_style: bool) -> Result<Place, String> {
        Place::of(&S3Bucket {
            bucket: name.to_owned(),
            region: region.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            path_style,
            sts_endpoint: None,
            credentials: Credentials::User,
            trusted_ca: None,
            tags: Vec::new(),
            kms_key: None,
        })
    }

    #[test]
    fn every_partition_has_its_domain() {
        for (region, host) in [
            ("us-east-1", "s3.us-east-1.amazonaws.com"),
            ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
            ("us-iso-east-1", "s3.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "s3.us-isob-east-1.sc2s.sgov.gov"),
            ("eu-isoe-west-1", "s3.eu-isoe-west-1.cloud.adc-e.uk"),
            ("us-isof-south-1", "s3.us-isof-south-1.csp.hci.ic.gov"),
            ("eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu"),
        ] {
            let place = place("images", region, None, false).unwrap();
            assert_eq!(place.of_key(""), format!("https://images.{host}/"));
            let url = sts(None, region).unwrap();
            assert_eq!(url, format!("https://{}/", host.replacen("s3.", "sts.", 1)));
        }
    }

    #[test]
    fn endpoints_are_taken_as_users_write_them() {
        for (endpoint, path_style, url) in [
            ("http://127.0.0.1:9000", true, "http://127.0.0.1:9000/images"),
            ("http://127.0.0.1:9000/", false, "http://127.0.0.1:9000/images"),
            ("https://[::1]:9000", false, "https://[::1]:9000/images"),
            ("s3.example.com", true, "https://s3.example.com/images"),
            ("s3.example.com:8443", false, "https://images.s3.example.com:8443/"),
            ("https://gateway.example.com/s3/", true, "https://gateway.example.com/s3/images"),
            ("https://gateway.example.com/s3", false, "https://images.gateway.example.com/s3/"),
        ] {
            assert_eq!(place("images", "r", Some(endpoint), path_style).unwrap().of_key(""), url, "{endpoint}");
        }
        for endpoint in ["ftp://host", "https://", "https://user:hunter2@host", "https://host/?x", "a b"] {
            let error = place("images", "r", Some(endpoint), true).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn names_that_are_no_host_names_are_in_the_path() {
        let dotted = place("my.images", "eu-west-1", None, false).unwrap();
        assert_eq!(dotted.of_key("a/b"), "https://s3.eu-west-1.amazonaws.com/my.images/a/b");
        let old = place("My_Images", "us-east-1", None, false).unwrap();
        assert_eq!(old.of_key(""), "https://s3.us-east-1.amazonaws.com/My_Images");
        assert!(place("images", "no region", None, false).is_err());
    }
}
