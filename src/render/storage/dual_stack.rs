//! Which AWS regions have S3 endpoints that answer over IPv4 and IPv6 alike.

/// Beginnings of the names of isolated regions, which have no dual-stack endpoints (aws-sdk-go v1, partitions
/// aws-iso, aws-iso-b, aws-iso-e and aws-iso-f).
const ISOLATED: [&str; 4] = ["us-iso-", "us-isob-", "eu-isoe-", "us-isof-"];

/// Whether S3 has a dual-stack endpoint in the region.
///
/// The reference asks the SDK without strict matching, so a region that is newer than the SDK has one as well: only
/// an isolated region, an empty name and one that cannot be part of a host name have none.
pub fn has_dual_stack_s3(region: &str) -> bool {
    let is_host_label = !region.is_empty()
        && region.len() <= 63
        && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    is_host_label && !ISOLATED.iter().any(|isolated| region.starts_with(isolated))
}

#[cfg(test)]
mod tests {
    use super::has_dual_stack_s3;

    #[test]
    fn all_but_isolated_regions_have_dual_stack() {
        for region in ["us-east-1", "cn-north-1", "us-gov-west-1", "mx-central-1", "eusc-de-east-1"] {
            assert!(has_dual_stack_s3(region), "{region}");
        }
        for region in ["", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "a.b", "eu de", "-a"]
        {
            assert!(!has_dual_stack_s3(region), "{region}");
        }
    }
}
