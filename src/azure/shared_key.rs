//! Shared Key: requests signed with the account's key ("Authorize with Shared Key", Blob service REST reference).

use crate::api::secret::Secret;
use crate::net::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE,
};
use http::request::Parts;
use sha2::Sha256;

/// The headers that are signed by value, in the reference's order. Requests have no body here, and a length of zero is
/// signed as if it were not there.
const SIGNED: [HeaderName; 11] = [
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    HeaderName::from_static("content-md5"),
    CONTENT_TYPE,
    DATE,
    IF_MODIFIED_SINCE,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
    RANGE,
];

/// The value of the header `Authorization`. The request must be complete otherwise, `x-ms-date` included.
///
/// # Errors
/// If the key is not base64.
pub fn authorization(account: &str, key: &Secret, request: &Parts, query: &[(&str, &str)]) -> Result<String, Failure> {
    let key = STANDARD.decode(key.expose()).map_err(|_| Failure::unusable("the account's key is not base64"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| Failure::unusable("the account's key is empty"))?;
    mac.update(to_sign(account, request, query).as_bytes());
    Ok(format!("SharedKey {account}:{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn to_sign(account: &str, request: &Parts, query: &[(&str, &str)]) -> String {
    let value = |name: &HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut lines = vec![request.method.to_string()];
    lines.extend(SIGNED.iter().map(|name| value(name).to_owned()));
    let mut own: Vec<&HeaderName> = request.headers.keys().filter(|name| name.as_str().starts_with("x-ms-")).collect();
    own.sort_by_key(|name| name.as_str());
    lines.extend(own.into_iter().map(|name| format!("{name}:{}", value(name).trim())));
    lines.push(format!("/{account}{}", request.uri.path()));
    let mut query = query.to_vec();
    query.sort_unstable();
    lines.extend(query.into_iter().map(|(key, value)| format!("{key}:{value}")));
    lines.join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::to_sign;
    use http::Request;

    /// The example "Get Container Metadata" of the reference, with this form's query.
    #[test]
    fn the_string_to_sign_is_that_of_the_reference() {
        let request = Request::get("https://myaccount.blob.core.windows.net/mycontainer?comp=metadata")
            .header("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT")
            .header("x-ms-version", "2015-02-21")
            .body(())
            .unwrap();
        let query = [("restype", "container"), ("comp", "metadata"), ("timeout", "20")];
        assert_eq!(
            to_sign("myaccount", &request.into_parts().0, &query),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n\
             /myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20"
        );
    }
}
