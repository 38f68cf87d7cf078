//! Signed calls of AWS's API by Amazon's own client, to look at or prepare what the project's code works on.

use super::moto;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/servers/aws.py");

/// The keys of a user, or those of a session.
#[derive(Clone)]
pub struct Keys {
    pub access: String,
    pub secret: String,
    /// Only those of a session have one.
    pub token: Option<String>,
}

/// A user's way to an endpoint.
#[derive(Clone)]
pub struct Aws {
    pub endpoint: String,
    pub region: String,
    /// Without keys requests are not signed.
    pub keys: Option<Keys>,
    /// Certificates to trust instead of the well-known ones, as PEM.
    pub ca: Option<PathBuf>,
}

impl Aws {
    /// Calls an operation as boto3 names it (`s3`, `create_bucket`); the answer, or the error code.
    ///
    /// Panics if there is no answer.
    pub fn call(&self, service: &str, operation: &str, parameters: Value) -> Result<Value, String> {
        self.calls(&[(service, operation, parameters)]).remove(0)
    }

    /// Several calls at once, which is faster; one after the other whatever is answered.
    pub fn calls(&self, calls: &[(&str, &str, Value)]) -> Vec<Result<Value, String>> {
        let calls: Vec<_> =
            calls.iter().map(|(service, operation, given)| json!([service, operation, given])).collect();
        let answers = self.send(&json!({"client": self.client(), "calls": calls}));
        let outcome = |answer: Value| match answer.get("ok") {
            Some(answer) => Ok(answer.clone()),
            None => Err(answer["error"]["code"].as_str().unwrap().to_owned()),
        };
        answers.into_iter().map(outcome).collect()
    }

    /// What `boto3.client` is given.
    fn client(&self) -> Value {
        let mut client = json!({"endpoint_url": self.endpoint, "region_name": self.region});
        if let Some(keys) = &self.keys {
            client["aws_access_key_id"] = json!(keys.access);
            client["aws_secret_access_key"] = json!(keys.secret);
            client["aws_session_token"] = json!(keys.token);
        }
        if let Some(ca) = &self.ca {
            client["verify"] = json!(ca);
        }
        client
    }

    fn send(&self, request: &Value) -> Vec<Value> {
        let mut python = moto::python().unwrap_or_else(|reason| panic!("{reason}"));
        python.arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut client = python.spawn().unwrap();
        client.stdin.take().unwrap().write_all(request.to_string().as_bytes()).unwrap();
        let output = client.wait_with_output().unwrap();
        assert!(output.status.success(), "{}: {}", self.endpoint, String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// The ini file in which AWS's clients look for keys.
pub fn shared_credentials(keys: &Keys) -> String {
    format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", keys.access, keys.secret)
}
