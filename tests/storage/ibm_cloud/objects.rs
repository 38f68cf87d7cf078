//! Object Storage: tokens, service instances and names are checked here; the content is that of a real S3 server, to
//! which requests go signed.

use super::{Shared, State};
use crate::support::internet::{Request, Response};
use crate::support::servers::Keys;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::time::SystemTime;

const CREATE: &str = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                      <LocationConstraint>us-south-smart</LocationConstraint></CreateBucketConfiguration>";
/// What is passed on, by method and the query's first name.
const PASSED_ON: [(&str, &str); 5] =
    [("GET", "versions"), ("GET", "uploads"), ("POST", "delete"), ("DELETE", "uploadId"), ("DELETE", "")];

fn refused(request: &Request, status: u16, code: &str) -> Response {
    if request.method == "HEAD" {
        return Response::new(status);
    }
    Response::xml(status, &format!("<Error><Code>{code}</Code><Message>{code}.</Message></Error>"))
}

pub fn answer(shared: &Shared, request: &Request) -> Response {
    let state = shared.state();
    if !state.is_authorised(request) {
        return refused(request, 403, "AccessDenied");
    }
    let bucket = request.path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
    let instance = request.header("ibm-service-instance-id").to_owned();
    let is_instance =
        state.instances.iter().any(|known| known["crn"] == instance.as_str() && known["state"] == "active");
    if bucket.is_empty() {
        let is_list = request.method == "GET" && request.query.starts_with("extended");
        if !is_list || !is_instance {
            return refused(request, 400, "InvalidRequest");
        }
        return list(&state, request, &instance);
    }
    match (request.method.as_str(), request.query.as_str()) {
        ("PUT", "") if request.path == format!("/{bucket}") => {
            if !is_instance || request.header("content-type") != "application/xml" || request.text() != CREATE {
                return refused(request, 400, "MalformedXML");
            }
            drop(state);
            create(shared, request, bucket, instance)
        }
        _ if state.foreign.contains(&bucket) => refused(request, 403, "AccessDenied"),
        _ if !state.buckets.contains_key(&bucket) => refused(request, 404, "NoSuchBucket"),
        ("HEAD", "") => Response::new(200),
        (method, query) => {
            let first = query.split(['=', '&']).next().unwrap_or_default();
            if !PASSED_ON.contains(&(method, first)) {
                return refused(request, 400, "InvalidRequest");
            }
            if method == "POST" && request.header("content-md5").len() != 24 {
                return refused(request, 400, "MissingContentMD5");
            }
            drop(state);
            let response = pass_on(shared, request);
            if (method, first) == ("DELETE", "") && response.status == 204 {
                shared.state().buckets.remove(&bucket);
            }
            response
        }
    }
}

fn create(shared: &Shared, request: &Request, bucket: String, instance: String) -> Response {
    let is_taken = {
        let state = shared.state();
        state.foreign.contains(&bucket) || state.buckets.contains_key(&bucket)
    };
    if is_taken {
        return refused(request, 409, "BucketAlreadyExists");
    }
    let mut plain = request.clone();
    plain.body = Bytes::new();
    let response = pass_on(shared, &plain);
    if response.status == 200 {
        shared.state().buckets.insert(bucket, (instance, "us-south-smart".to_owned()));
    }
    response
}

/// Two on a page.
fn list(state: &State, request: &Request, instance: &str) -> Response {
    let marker = request.parameter("marker").unwrap_or_default();
    let found = state.buckets.iter().filter(|(name, (of, _))| of == instance && **name > marker);
    let found: Vec<String> = found
        .map(|(name, (_, location))| {
            format!("<Bucket><Name>{name}</Name><LocationConstraint>{location}</LocationConstraint></Bucket>")
        })
        .collect();
    let buckets: String = found.iter().take(2).map(String::as_str).collect();
    let elements = format!(
        "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>o</ID></Owner>\
         <IsTruncated>{}</IsTruncated><MaxKeys>2</MaxKeys><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>",
        found.len() > 2
    );
    Response::xml(200, &elements)
}

/// What the S3 server answers to the same request, signed.
fn pass_on(shared: &Shared, request: &Request) -> Response {
    let moto = shared.moto();
    let url = format!("{}{}", moto.endpoint, request.target);
    let message = http::Request::builder().method(request.method.as_str()).uri(&url);
    let signed = signed(message.body(request.body.clone()).unwrap(), &moto.keys);
    tokio::runtime::Handle::current().block_on(async {
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client.request(signed.map(Full::new)).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::new(parts.status.as_u16()).with_header("content-type", "application/xml").with_body(body)
    })
}

fn signed(mut request: http::Request<Bytes>, keys: &Keys) -> http::Request<Bytes> {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = Credentials::new(&keys.access, &keys.secret, None, None, "test").into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("s3")
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let uri = request.uri().to_string();
    let method = request.method().to_string();
    let signable = SignableRequest::new(&method, uri, std::iter::empty(), SignableBody::Bytes(request.body())).unwrap();
    let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}
