//! Signed requests to S3.

use super::answers::Refusal;
use super::credentials::{Access, Lacking};
use super::endpoint::Place;
use super::words::Words;
use crate::execute::storage::trouble::Trouble;
use crate::net::{Answer, Failure, Http, USER_AGENT, encode_path, pairs};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, USER_AGENT as USER_AGENT_HEADER};
use http::{Method, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use md5::{Digest as _, Md5};
use std::fmt::Display;
use std::time::SystemTime;

/// What is asked of a bucket.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// The object; empty for the bucket itself.
    pub(super) key: &'a str,
    pub(super) query: Vec<(&'a str, &'a str)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    /// What it means if it fails, as "its tags cannot be read".
    pub(super) what: &'static str,
    /// The permission that it takes (Service Authorization Reference, "Amazon S3").
    pub(super) permission: &'static str,
}

impl<'a> Call<'a> {
    /// A request without a body.
    pub(super) fn new(
        method: Method,
        query: &[(&'a str, &'a str)],
        what: &'static str,
        permission: &'static str,
    ) -> Self {
        let query = query.to_vec();
        Call { method, key: "", query, headers: Vec::new(), body: String::new(), what, permission }
    }

    /// The same with a body.
    pub(super) fn with(self, body: String) -> Self {
        Call { body, ..self }
    }
}

/// A bucket at its service, and the right to use it.
pub(super) struct Service {
    pub(super) place: Place,
    pub(super) region: String,
    /// Whether it is at an endpoint that the user or the platform names: perhaps it is not AWS.
    pub(super) is_custom: bool,
    pub(super) http: Http,
    pub(super) access: Access,
    pub(super) words: Words,
}

impl Service {
    /// The answer, or what the service has against it.
    ///
    /// # Errors
    /// There was no answer at all, or there are no credentials.
    pub(super) async fn send(&self, call: &Call<'_>) -> Result<Result<Answer, Refusal>, Trouble> {
        let mut is_new = false;
        loop {
            let keys = self.access.keys().await.map_err(|lacking| self.lacking(&lacking))?;
            let request = || self.request(call, &keys);
            let answer = self.http.ask(request).await;
            let answer = answer.map_err(|failure| self.words.no_answer(call.what, &failure))?;
            if answer.status.is_success() {
                return Ok(Ok(answer));
            }
            let refusal = Refusal::of(&answer);
            if is_new || !refusal.is(&["ExpiredToken", "InvalidToken"]) || !self.access.forget().await {
                return Ok(Err(refusal));
            }
            is_new = true;
        }
    }

    /// What the refusal of a call means.
    pub(super) fn trouble(&self, call: &Call<'_>, refusal: &Refusal) -> Trouble {
        self.words.refused(call.what, call.permission, refusal)
    }

    fn lacking(&self, lacking: &Lacking) -> Trouble {
        let role = self.access.role().unwrap_or_default();
        match lacking {
            Lacking::Unusable(why) => self.words.unusable(why),
            Lacking::NoAnswer(failure) => self.words.no_answer("there are no credentials", failure),
            Lacking::Refused(refusal) => self.words.not_assumed(role, refusal),
        }
    }

    fn request(&self, call: &Call<'_>, keys: &Credentials) -> Result<Request<Full<Bytes>>, Failure> {
        let mut url = self.place.of_key(&encode_path(call.key));
        if !call.query.is_empty() {
            url = format!("{url}?{}", pairs(&call.query));
        }
        let mut request = Request::builder().method(&call.method).uri(&url).header(USER_AGENT_HEADER, USER_AGENT);
        if !call.body.is_empty() {
            request = request.header("content-md5", STANDARD.encode(Md5::digest(call.body.as_bytes())));
            request = request.header(CONTENT_TYPE, "application/xml");
        }
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Bytes::from(call.body.clone())).map_err(|error| cannot(&error))?;
        self.signed(request, keys).map(|request| request.map(Full::new))
    }

    /// Signed by Signature Version 4 as S3 wants it: the path as it is, and the hash of the body in a header.
    fn signed(&self, mut request: Request<Bytes>, keys: &Credentials) -> Result<Request<Bytes>, Failure> {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let identity = keys.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|error| cannot(&error))?
            .into();
        let headers = request.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let uri = request.uri().to_string();
        let body = SignableBody::Bytes(request.body());
        let signable = SignableRequest::new(request.method().as_str(), uri, headers, body);
        let signed = sign(signable.map_err(|error| cannot(&error))?, &parameters).map_err(|error| cannot(&error))?;
        let (instructions, _signature) = signed.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

fn cannot(error: &dyn Display) -> Failure {
    Failure::unusable(format!("the request cannot be made: {error}"))
}
