//! A real moto server (pip) that checks every signature and permission: S3, IAM and STS.

use super::aws::{Aws, Keys};
use super::install;
use super::running::{Running, after};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;

const REQUIREMENTS: &str = include_str!("../../servers-python/moto.txt");
const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/servers/moto_server.py");
const TO_INSTALL: &str = "tests of storage need python3 with pip in PATH";

const REGION: &str = "us-east-1";

pub struct Moto {
    /// `http://127.0.0.1:port`, for every service.
    pub endpoint: String,
    /// The keys of a user who may do everything.
    pub keys: Keys,
    running: Running,
}

impl Moto {
    /// Starts a server that knows one user.
    ///
    /// Panics with the reason if there can be none.
    pub fn start() -> Self {
        Self::try_start().unwrap_or_else(|reason| panic!("moto: {reason}"))
    }

    fn try_start() -> Result<Self, String> {
        let mut python = python()?;
        // Three calls go unchecked: those that make the first user.
        python.env("INITIAL_NO_AUTH_ACTION_COUNT", "3").args([SERVER, "-H", "127.0.0.1", "-p", "0"]);
        let mut running = Running::start("moto", &mut python, Running::directory()?)?;
        let endpoint = running.wait(|log| after(log, "Running on "))?;
        // Signed all the same, since the signature says for which service they are.
        let keys = Keys { access: "nobody".to_owned(), secret: "nothing".to_owned(), token: None };
        let mut moto = Moto { endpoint, keys, running };
        moto.keys = moto.user("operator", Some(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})));
        Ok(moto)
    }

    /// The way of a user to this server.
    pub fn aws(&self, keys: &Keys) -> Aws {
        Aws { endpoint: self.endpoint.clone(), region: REGION.to_owned(), keys: Some(keys.clone()), ca: None }
    }

    /// A further user, who may do nothing.
    pub fn user_without_permissions(&self, name: &str) -> Keys {
        self.user(name, None)
    }

    /// A user who may do what the statement says.
    pub fn user(&self, name: &str, statement: Option<Value>) -> Keys {
        let mut calls = vec![
            ("iam", "create_user", json!({"UserName": name})),
            ("iam", "create_access_key", json!({"UserName": name})),
        ];
        if let Some(statement) = statement {
            let policy = policy(statement);
            let given = json!({"UserName": name, "PolicyName": "own", "PolicyDocument": policy});
            calls.push(("iam", "put_user_policy", given));
        }
        let answers = self.aws(&self.keys).calls(&calls);
        let answers: Vec<Value> = answers.into_iter().map(Result::unwrap).collect();
        keys(&answers[1]["AccessKey"])
    }

    /// The ARN of a new role that holders of a token may assume, and that may do what the statement says.
    ///
    /// A session may do what policies of the role itself allow.
    pub fn role(&self, name: &str, statement: Value) -> String {
        let anybody = json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": "*"});
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": policy(anybody)});
        let allowed = json!({"RoleName": name, "PolicyName": "own", "PolicyDocument": policy(statement)});
        let calls = [("iam", "create_role", role), ("iam", "put_role_policy", allowed)];
        let answers: Vec<Value> = self.aws(&self.keys).calls(&calls).into_iter().map(Result::unwrap).collect();
        answers[0]["Role"]["Arn"].as_str().unwrap().to_owned()
    }

    /// The keys of a session of that role, for a token of the form of a JWT; who signed it is not looked at.
    pub fn assume(&self, role: &str, token: &str) -> Result<Keys, String> {
        let given = json!({"RoleArn": role, "RoleSessionName": "test", "WebIdentityToken": token});
        let unsigned = Aws { keys: None, ..self.aws(&self.keys) };
        let answer = unsigned.call("sts", "assume_role_with_web_identity", given)?;
        Ok(keys(&answer["Credentials"]))
    }

    /// Everything it has written: a line for each request.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

fn policy(statement: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn keys(answer: &Value) -> Keys {
    let text = |key: &str| answer[key].as_str().map(str::to_owned);
    let (access, secret) = (text("AccessKeyId").unwrap(), text("SecretAccessKey").unwrap());
    Keys { access, secret, token: text("SessionToken") }
}

/// Python with moto and boto3, installed at the first use, and no environment of the test's.
///
/// # Errors
/// Why they cannot be installed.
pub fn python() -> Result<Command, String> {
    let packages = installed()?;
    let mut python = Command::new("python3");
    python.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    python.env("PYTHONPATH", packages).env("PYTHONUNBUFFERED", "1");
    Ok(python)
}

fn installed() -> Result<PathBuf, String> {
    install::once("moto", &[REQUIREMENTS], |directory| {
        let requirements = directory.join("requirements.txt");
        std::fs::write(&requirements, REQUIREMENTS).map_err(|error| error.to_string())?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        install::run(pip.arg(directory).arg("-r").arg(&requirements), TO_INSTALL).map(drop)
    })
}
