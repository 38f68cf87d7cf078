//! The servers and clients that storage tests use do what those tests rely on.

use crate::scenarios::{CONFIG, DEPLOYMENT, manifest, scenario, secret_data};
use crate::support::servers::aws::shared_credentials;
use crate::support::servers::azurite::{self, Azurite};
use crate::support::servers::minio::{self, Minio};
use crate::support::servers::{Aws, Gcs, Keys, Kind, Moto, Registry, from_deployment, push_pull, stock, try_push_pull};
use cluster_image_registry_operator::render::Plan;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn s3(action: &str) -> serde_json::Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

#[test]
fn moto_checks_signatures_and_permissions() {
    let moto = Moto::start();
    let operator = moto.aws(&moto.keys);
    let bucket = json!({"Bucket": "images"});
    operator.call("s3", "create_bucket", bucket.clone()).unwrap();
    let listed = operator.call("s3", "list_buckets", json!({})).unwrap();
    assert_eq!(listed["Buckets"][0]["Name"], "images");

    let nobody = moto.aws(&moto.user_without_permissions("nobody"));
    assert_eq!(nobody.call("s3", "head_bucket", bucket.clone()), Err("403".to_owned()));
    assert_eq!(nobody.call("s3", "list_objects_v2", bucket.clone()), Err("AccessDenied".to_owned()));
    let forged = Keys { secret: "forged".to_owned(), ..moto.keys.clone() };
    let forged = moto.aws(&forged).call("s3", "list_objects_v2", bucket.clone());
    assert_eq!(forged, Err("SignatureDoesNotMatch".to_owned()));
    let unsigned = Aws { keys: None, ..operator };
    assert_eq!(unsigned.call("s3", "list_objects_v2", bucket), Err("AccessDenied".to_owned()));
}

#[test]
fn moto_gives_sessions_to_holders_of_tokens() {
    let moto = Moto::start();
    moto.aws(&moto.keys).call("s3", "create_bucket", json!({"Bucket": "images"})).unwrap();
    let role = moto.role("registry", s3("s3:ListBucket"));
    let session = moto.aws(&moto.assume(&role, "a.web.token").unwrap());
    session.call("s3", "list_objects_v2", json!({"Bucket": "images"})).unwrap();
    let refused = session.call("s3", "delete_bucket", json!({"Bucket": "images"}));
    assert_eq!(refused, Err("AccessDenied".to_owned()));
    assert_eq!(moto.assume(&role, "a.web.token\n").err().as_deref(), Some("InvalidIdentityToken"));
    let other = role.replace("registry", "other");
    assert_eq!(moto.assume(&other, "a.web.token").err().as_deref(), Some("AccessDenied"));
}

fn on_disk(directory: &Path) -> Vec<(String, String)> {
    let root = directory.to_str().unwrap();
    let given = [("REGISTRY_STORAGE", "filesystem"), ("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", root)];
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn images_go_through_the_registry_of_distribution() {
    let directory = tempfile::tempdir().unwrap();
    let digest = push_pull(&Registry::start(Kind::Distribution, &on_disk(directory.path())));
    assert!(digest.starts_with("sha256:"), "{digest}");
    assert!(directory.path().join("docker/registry/v2/blobs").is_dir());
}

#[test]
fn images_go_through_the_registry_of_debian() {
    let directory = tempfile::tempdir().unwrap();
    push_pull(&Registry::start(Kind::Debian, &on_disk(directory.path())));
    assert!(directory.path().join("docker/registry/v2/blobs").is_dir());
}

#[test]
fn a_registry_that_cannot_start_says_why() {
    let given = [("REGISTRY_STORAGE".to_owned(), "nowhere".to_owned())];
    for kind in [Kind::Distribution, Kind::Debian] {
        let reason = Registry::try_start(kind, &given).err().unwrap();
        assert!(reason.contains("ended") && reason.contains("nowhere"), "{reason}");
    }
}

#[test]
fn what_a_rendered_deployment_mounts_is_written_and_named_where_it_is() {
    let plan = scenario("aws-sts-web-identity").sound_plan();
    let secret_of = |name: &str| match name {
        "image-registry-private-configuration" => in_plan(&plan, name),
        "image-registry-tls" => [("tls.crt", "certificate"), ("tls.key", "key")].map(bytes).into(),
        "trusted-ca" => [("ca-bundle.crt", "anchor")].map(bytes).into(),
        "bound-sa-token" => [("token", "a.web.token")].map(bytes).into(),
        _ => BTreeMap::new(),
    };
    let volumes = tempfile::tempdir().unwrap();
    let environment: BTreeMap<_, _> =
        from_deployment(manifest(&plan, DEPLOYMENT).unwrap(), secret_of, volumes.path()).into_iter().collect();

    let read = |path: &str| fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(read(&environment["REGISTRY_HTTP_TLS_CERTIFICATE"]), "certificate");
    let (_, anchors) = environment["SSL_CERT_DIR"].rsplit_once(':').unwrap();
    assert_eq!(read(&format!("{anchors}/ca-bundle.crt")), "anchor");
    let credentials = read(&environment["REGISTRY_STORAGE_S3_CREDENTIALSCONFIGPATH"]);
    let token = credentials.lines().find_map(|line| line.strip_prefix("web_identity_token_file = ")).unwrap();
    assert_eq!(read(token), "a.web.token");

    let stock: BTreeMap<_, _> =
        stock::environment(Kind::Distribution, &environment.clone().into_iter().collect::<Vec<_>>())
            .into_iter()
            .collect();
    assert_eq!(stock["AWS_SHARED_CREDENTIALS_FILE"], environment["REGISTRY_STORAGE_S3_CREDENTIALSCONFIGPATH"]);
    assert_eq!(stock["REGISTRY_HTTP_ADDR"], "127.0.0.1:0");
}

fn bytes((key, value): (&str, &str)) -> (String, Vec<u8>) {
    (key.to_owned(), value.into())
}

/// The data of a Secret in the plan.
fn in_plan(plan: &Plan, name: &str) -> BTreeMap<String, Vec<u8>> {
    secret_data(plan, name).into_iter().map(|(key, value)| (key, value.into_bytes())).collect()
}

#[test]
fn a_rendered_deployment_stores_images_in_s3() {
    let moto = Moto::start();
    let operator = moto.aws(&moto.keys);
    operator.call("s3", "create_bucket", json!({"Bucket": "reg"})).unwrap();

    let plan = scenario("s3-compatible-on-baremetal")
        .secret(
            "image-registry-private-configuration-user",
            json!({
                "REGISTRY_STORAGE_S3_ACCESSKEY": moto.keys.access,
                "REGISTRY_STORAGE_S3_SECRETKEY": moto.keys.secret,
            }),
        )
        .patch(
            CONFIG,
            json!({"spec": {"storage": {"s3": {
                "regionEndpoint": moto.endpoint, "region": "us-east-1", "virtualHostedStyle": false, "trustedCA": null,
            }}}}),
        )
        .sound_plan();
    let secret_of = |name: &str| match name {
        "image-registry-private-configuration" => in_plan(&plan, name),
        _ => BTreeMap::new(),
    };
    let volumes = tempfile::tempdir().unwrap();
    let mut environment = from_deployment(manifest(&plan, DEPLOYMENT).unwrap(), secret_of, volumes.path());
    environment.push((stock::NO_REDIRECT.0.to_owned(), stock::NO_REDIRECT.1.to_owned()));
    for kind in [Kind::Distribution, Kind::Debian] {
        push_pull(&Registry::start(kind, &environment));
    }
    let nobody = moto.user_without_permissions("nobody");
    fs::write(volumes.path().join("var/run/secrets/cloud/credentials"), shared_credentials(&nobody)).unwrap();
    let registry = Registry::start(Kind::Distribution, &environment);
    assert!(try_push_pull(&registry.address).is_err(), "somebody without permissions pushes");

    let objects = operator.call("s3", "list_objects_v2", json!({"Bucket": "reg"})).unwrap();
    assert!(objects["KeyCount"].as_u64().unwrap() > 4, "{objects}");
    assert!(moto.log().contains("partNumber=2"), "the large layer came in one part");
}

/// A certificate for 127.0.0.1 and its key, as files.
fn certificate(directory: &Path) -> (PathBuf, PathBuf) {
    let issued = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (directory.join("tls.crt"), directory.join("tls.key"));
    fs::write(&certificate, issued.cert.pem()).unwrap();
    fs::write(&key, issued.signing_key.serialize_pem()).unwrap();
    (certificate, key)
}

fn in_azure(azurite: &Azurite, account: &str, key: &str) -> Vec<(String, String)> {
    azurite.send_as(account, key, &[json!(["PUT", "/images?restype=container", {}, ""])]);
    let given = [
        ("REGISTRY_STORAGE", "azure"),
        ("REGISTRY_STORAGE_AZURE_ACCOUNTNAME", account),
        ("REGISTRY_STORAGE_AZURE_ACCOUNTKEY", key),
        ("REGISTRY_STORAGE_AZURE_CONTAINER", "images"),
        ("REGISTRY_STORAGE_AZURE_SERVICEURL", &format!("{}/{account}", azurite.url)),
    ];
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn images_go_into_every_account_of_azurite() {
    let accounts = [("first", "c2VjcmV0"), ("second", "YW5vdGhlcg==")];
    let azurite = Azurite::with(&azurite::Settings { accounts: &accounts, any_version: true, ..Default::default() });
    for (account, key) in accounts {
        let mut given = in_azure(&azurite, account, key);
        // The driver's links to blobs are for HTTPS alone.
        given.push((stock::NO_REDIRECT.0.to_owned(), stock::NO_REDIRECT.1.to_owned()));
        push_pull(&Registry::start(Kind::Distribution, &given));
    }
}

#[test]
fn images_go_into_azurite_with_tls_and_come_from_it_by_links() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(directory.path());
    let accounts = [("first", "c2VjcmV0")];
    let tls = Some((certificate.as_path(), key.as_path()));
    let azurite =
        Azurite::with(&azurite::Settings { accounts: &accounts, tls, any_version: true, ..Default::default() });
    let mut given = in_azure(&azurite, "first", "c2VjcmV0");
    given.push(("SSL_CERT_FILE".to_owned(), certificate.to_str().unwrap().to_owned()));
    push_pull(&Registry::start(Kind::Distribution, &given));
    assert!(azurite.log().contains("sig="), "nobody followed a link");
}

#[test]
fn objects_are_in_fake_gcs_server_wherever_it_is_said_to_be() {
    let gcs = Gcs::behind("https://storage.googleapis.com");
    let bucket = json!({"name": "images"}).to_string();
    let created = gcs.send("POST", "/storage/v1/b?project=demo", &bucket);
    assert_eq!(created.status, 200);
    assert!(created.body.contains("https://storage.googleapis.com/storage/v1/b/images"), "{}", created.body);
    let upload = "/upload/storage/v1/b/images/o?uploadType=media&name=a/b";
    assert_eq!(gcs.send("POST", upload, "content").status, 200);
    let object = gcs.send("GET", "/storage/v1/b/images/o/a%2Fb?alt=media", "");
    assert_eq!((object.status, object.body.as_str()), (200, "content"));
    assert_eq!(gcs.send("GET", "/storage/v1/b/others", "").status, 404);
}

#[test]
fn minio_verifies_what_is_signed() {
    let minio = Minio::start(&minio::Settings { region: "eu-west-1", tls: None });
    let root = minio.aws();
    root.call("s3", "create_bucket", json!({"Bucket": "images"})).unwrap();
    let location = root.call("s3", "get_bucket_location", json!({"Bucket": "images"})).unwrap();
    assert_eq!(location["LocationConstraint"], "eu-west-1");
    let elsewhere = Aws { region: "us-east-1".to_owned(), ..root.clone() };
    let refused = elsewhere.call("s3", "list_objects_v2", json!({"Bucket": "images"}));
    assert_eq!(refused, Err("AuthorizationHeaderMalformed".to_owned()));
    let forged = Aws { keys: Some(Keys { secret: "forged".to_owned(), ..minio.keys.clone() }), ..root };
    let refused = forged.call("s3", "list_objects_v2", json!({"Bucket": "images"}));
    assert_eq!(refused, Err("SignatureDoesNotMatch".to_owned()));
}

#[test]
fn images_go_into_minio_with_tls_and_come_from_it_by_links() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(directory.path());
    let minio = Minio::start(&minio::Settings { tls: Some((&certificate, &key)), ..Default::default() });
    minio.aws().call("s3", "create_bucket", json!({"Bucket": "images"})).unwrap();
    let credentials = directory.path().join("credentials");
    fs::write(&credentials, shared_credentials(&minio.keys)).unwrap();
    let given = [
        ("REGISTRY_STORAGE", "s3"),
        ("REGISTRY_STORAGE_S3_BUCKET", "images"),
        ("REGISTRY_STORAGE_S3_REGION", &minio.region),
        ("REGISTRY_STORAGE_S3_REGIONENDPOINT", &minio.endpoint),
        ("REGISTRY_STORAGE_S3_FORCEPATHSTYLE", "true"),
        ("REGISTRY_STORAGE_S3_CREDENTIALSCONFIGPATH", credentials.to_str().unwrap()),
        ("SSL_CERT_FILE", certificate.to_str().unwrap()),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for kind in [Kind::Distribution, Kind::Debian] {
        let registry = Registry::start(kind, &given);
        push_pull(&registry);
        assert!(registry.log().contains("http.response.status=307"), "the registry gave no link");
    }
}
