//! Where services are, by what Keystone says with a token.

use serde::Deserialize;

/// The type of Swift, and of what speaks its API.
const TYPE: &str = "object-store";
/// The name that goes before others of the type.
const NAME: &str = "swift";

/// The answer to a request for a token, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) token: Token,
}

/// What a token is good for.
#[derive(Deserialize)]
pub(super) struct Token {
    /// When it was issued, in the format of RFC 3339.
    #[serde(default)]
    pub(super) issued_at: String,
    /// When it expires.
    #[serde(default)]
    pub(super) expires_at: String,
    /// The project; none if it is for none.
    #[serde(default)]
    pub(super) project: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    pub(super) catalog: Vec<Service>,
}

/// A service of the catalogue.
#[derive(Deserialize)]
pub(super) struct Service {
    #[serde(default, rename = "type")]
    type_: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(default)]
    interface: String,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    region_id: Option<String>,
    #[serde(default)]
    url: String,
}

impl Endpoint {
    fn region(&self) -> &str {
        self.region_id.as_deref().or(self.region.as_deref()).unwrap_or_default()
    }
}

/// What the catalogue has of Swift.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Swift {
    /// The account's URL, without a slash at its end.
    At(String),
    /// It is only in these regions.
    Elsewhere(Vec<String>),
    /// There is none.
    Nowhere,
}

/// The public endpoint of Swift in that region, or in any.
pub(super) fn swift(catalogue: &[Service], region: &str) -> Swift {
    let mut services: Vec<&Service> = catalogue.iter().filter(|service| service.type_ == TYPE).collect();
    services.sort_by_key(|service| service.name != NAME);
    let endpoints = services.iter().flat_map(|service| &service.endpoints);
    let public: Vec<&Endpoint> = endpoints.filter(|endpoint| endpoint.interface == "public").collect();
    if let Some(endpoint) = public.iter().find(|endpoint| region.is_empty() || endpoint.region() == region) {
        return Swift::At(endpoint.url.trim_end_matches('/').to_owned());
    }
    if public.is_empty() {
        return Swift::Nowhere;
    }
    let mut regions: Vec<String> = public.iter().map(|endpoint| endpoint.region().to_owned()).collect();
    regions.sort();
    regions.dedup();
    Swift::Elsewhere(regions)
}

/// Reads a catalogue, for the fuzzing of parsers.
pub(super) fn read_answer(answer: &crate::net::Answer) {
    let services = serde_json::from_slice::<Vec<Service>>(&answer.body).unwrap_or_default();
    drop(swift(&services, "region"));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Service, Swift, swift};
    use serde_json::json;

    fn catalogue() -> Vec<Service> {
        let endpoint = |interface: &str, region: &str, url: &str| json!({ "interface": interface, "region_id": region, "region": region, "url": url });
        serde_json::from_value(json!([
            { "type": "identity", "name": "keystone", "endpoints": [endpoint("public", "one", "https://identity")] },
            { "type": "object-store", "name": "ceph", "endpoints": [
                endpoint("public", "one", "https://ceph"), endpoint("public", "three", "https://ceph.three") ] },
            { "type": "object-store", "name": "swift", "endpoints": [
                endpoint("internal", "one", "http://internal"), endpoint("public", "one", "https://one/"),
                endpoint("public", "two", "https://two/v1/AUTH_p") ] },
        ]))
        .unwrap()
    }

    #[test]
    fn the_public_endpoint_of_the_region_is_taken_and_swift_goes_first() {
        let at = |region: &str| swift(&catalogue(), region);
        assert_eq!(at(""), Swift::At("https://one".to_owned()));
        assert_eq!(at("two"), Swift::At("https://two/v1/AUTH_p".to_owned()));
        assert_eq!(at("three"), Swift::At("https://ceph.three".to_owned()));
        assert_eq!(at("four"), Swift::Elsewhere(["one", "three", "two"].map(str::to_owned).to_vec()));
        assert_eq!(swift(&catalogue()[..1], ""), Swift::Nowhere);
    }
}
