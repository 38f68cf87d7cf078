//! The tags of a bucket at AWS.

use super::action::Tag;
use crate::api::openshift::infrastructure::ResourceTag;
use crate::render::context::Context;

/// The longest key and the longest value, in characters (EC2 and S3, "Tag restrictions").
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;
/// Namespaces of keys that belong to Kubernetes and OpenShift, with everything below them.
const RESERVED: [&str; 2] = ["kubernetes.io", "openshift.io"];

/// The cluster's mark, the bucket's name for people, and the platform's tags. The mark comes first.
pub(super) fn tags(context: &Context<'_>) -> Vec<Tag> {
    let infrastructure = context.infrastructure().map_or("", |status| status.infrastructure_name.as_str());
    let mut tags = Vec::new();
    if !infrastructure.is_empty() {
        tags.push(Tag::new(format!("kubernetes.io/cluster/{infrastructure}"), "owned"));
        tags.push(Tag::new("Name", format!("{infrastructure}-image-registry")));
    }
    let platform = of_platform(context).filter(|tag| refusal(tag).is_none());
    tags.extend(platform.map(|tag| Tag::new(&tag.key, &tag.value)));
    tags
}

/// What there is to say of the platform's tags that are not set.
pub fn left_out(context: &Context<'_>) -> impl Iterator<Item = String> {
    of_platform(context).filter_map(|tag| {
        let why = refusal(tag)?;
        Some(format!("tag {:?} of Infrastructure/cluster is not set on the S3 bucket: {why}", tag.key))
    })
}

fn of_platform<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a ResourceTag> + use<'a> {
    let platform = context.platform().and_then(|platform| platform.aws.as_ref());
    platform.into_iter().flat_map(|aws| &aws.resource_tags)
}

/// Why a tag of the platform cannot be set; the operator's own are not among them.
fn refusal(tag: &ResourceTag) -> Option<&'static str> {
    let ResourceTag { key, value } = tag;
    let namespace = key.split_once('/').map_or("", |(namespace, _)| namespace);
    let is_in = |reserved: &&str| {
        namespace.strip_suffix(*reserved).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(is_allowed) {
        Some("its key is not 1 to 128 letters, digits or any of _.:/=+-@")
    } else if value.len() > LONGEST_VALUE || !value.bytes().all(is_allowed) {
        Some("its value is not up to 256 letters, digits or any of _.:/=+-@")
    } else if key.eq_ignore_ascii_case("Name") {
        Some("the operator sets Name itself")
    } else if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        Some("keys that begin with aws: are Amazon's")
    } else if RESERVED.iter().any(is_in) {
        Some("its namespace is reserved for Kubernetes and OpenShift")
    } else {
        None
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.:/=+-@".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use crate::api::openshift::infrastructure::ResourceTag;

    fn is_set(key: &str, value: &str) -> bool {
        refusal(&ResourceTag { key: key.to_owned(), value: value.to_owned() }).is_none()
    }

    #[test]
    fn only_tags_that_aws_takes_are_set() {
        for key in ["team", "a.b:c/d=e+f-g@h_i", "mykubernetes.io/x", "kubernetesXio/x", "openshift.io", "names"] {
            assert!(is_set(key, ""), "{key}");
        }
        let reserved = ["kubernetes.io/x", "k8s.kubernetes.io/x", "openshift.io/x", "a.b.openshift.io/x/y"];
        for key in reserved.iter().chain(&["", "Name", "NAME", "aws:x", "AWS:x", "a,b", "a;b", "a b", "ü"]) {
            assert!(!is_set(key, ""), "{key}");
        }
        assert!(is_set(&"k".repeat(128), &"v".repeat(256)));
        assert!(!is_set(&"k".repeat(129), "") && !is_set("k", &"v".repeat(257)) && !is_set("k", "a b"));
    }
}
