//! A real Swift with a real Keystone (pip), in one process: objects in memory, projects for every test.

use super::http::{self, Answer};
use super::install;
use super::running::{Running, after};
use super::tar;
use crate::support::internet::Internet;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

const REQUIREMENTS: &str = include_str!("../../servers-python/swift.txt");
const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/servers/swift_server.py");
const SOURCE: &str = include_str!("swift_server.py");
const TO_INSTALL: &str = "tests of storage need python3 (3.10 or newer) with pip in PATH";

/// Keystone's host, with its URL as `https://identity.example.com/v3`.
pub const IDENTITY: &str = "identity.example.com";
/// Swift's host of each region.
pub const REGION_ONE: &str = "object-store.one.example.com";
pub const REGION_TWO: &str = "object-store.two.example.com";

/// The role with which a user may use the containers of a project.
const OPERATOR: &str = "swiftoperator";
/// The one with which a user may do nothing in Swift.
const READER: &str = "reader";

/// Objects to an archive, so that it is unpacked in time.
const AT_A_TIME: usize = 100;

/// What Swift does about tokens it has seen.
#[derive(Clone, Copy)]
pub enum Tokens {
    /// It takes them for a while without asking Keystone again, as it does everywhere.
    Kept,
    /// It asks every time, so that it shows at once when they are revoked; slow.
    Checked,
}

pub struct Swift {
    /// `127.0.0.1:port`, without TLS.
    pub keystone: String,
    pub proxy: String,
    administrator: String,
    running: Running,
}

/// A project of the domain `Default`, with a user.
#[derive(Clone)]
pub struct Project {
    pub id: String,
    pub name: String,
    pub user: User,
    /// A token of the user.
    token: String,
}

#[derive(Clone)]
pub struct User {
    pub id: String,
    pub name: String,
    pub password: String,
}

impl Swift {
    /// The one that all tests of this process share.
    pub fn shared() -> Arc<Swift> {
        static SHARED: OnceLock<Arc<Swift>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Swift::start(Tokens::Kept))))
    }

    /// Starts one.
    ///
    /// Panics with the reason if it does not serve.
    pub fn start(tokens: Tokens) -> Self {
        Self::try_start(tokens).unwrap_or_else(|reason| panic!("Swift: {reason}"))
    }

    fn try_start(tokens: Tokens) -> Result<Self, String> {
        let directory = Running::directory()?;
        let prepared = prepared()?;
        copy(&prepared, directory.path()).map_err(|error| format!("{}: {error}", prepared.display()))?;
        let mut python = python(&installed()?);
        python.arg(SERVER).arg("serve").arg(directory.path()).arg(match tokens {
            Tokens::Kept => "300",
            Tokens::Checked => "-1",
        });
        let mut running = Running::start("swift", &mut python, directory)?;
        let (keystone, proxy) = running.wait(|log| after(log, "keystone=").zip(after(log, "swift=")))?;
        let mut swift = Swift { keystone, proxy, administrator: String::new(), running };
        swift.administrator = swift.token(&json!({
            "identity": { "methods": ["password"], "password": { "user": {
                "name": "admin", "password": "password of the administrator", "domain": { "id": "default" } } } },
            "scope": { "project": { "name": "admin", "domain": { "id": "default" } } },
        }));
        Ok(swift)
    }

    /// Has the hosts of the catalogue lead here.
    pub fn connect(&self, internet: &Internet) {
        internet.forward(IDENTITY, self.keystone.parse().unwrap());
        for host in [REGION_ONE, REGION_TWO] {
            internet.forward(host, self.proxy.parse().unwrap());
        }
    }

    /// Asks Keystone as its administrator; the request must succeed.
    pub fn administer(&self, method: &str, path: &str, body: &Value) -> Value {
        let headers = [("X-Auth-Token", self.administrator.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = http::send_with(&self.keystone, method, path, &headers, &body);
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// A new project with a user who may use it.
    pub fn project(&self) -> Project {
        let name = unique("project");
        let project = self.administer("POST", "/v3/projects", &json!({ "project": { "name": name } }));
        let id = text(&project["project"]["id"]);
        let user = self.user();
        self.grant(&id, &user, OPERATOR);
        let token = self.token_of(&id, &user);
        Project { id, name, user, token }
    }

    /// A user of that project who may not use Swift.
    pub fn reader(&self, project: &Project) -> User {
        let user = self.user();
        self.grant(&project.id, &user, READER);
        user
    }

    /// A user without any role.
    pub fn user(&self) -> User {
        let (name, password) = (unique("user"), unique("password"));
        let user = json!({ "user": { "name": name, "password": password } });
        let id = text(&self.administer("POST", "/v3/users", &user)["user"]["id"]);
        User { id, name, password }
    }

    /// Sets another password.
    pub fn set_password(&self, user: &User, password: &str) {
        let change = json!({ "user": { "password": password } });
        self.administer("PATCH", &format!("/v3/users/{}", user.id), &change);
    }

    fn grant(&self, project: &str, user: &User, role: &str) {
        let found = self.administer("GET", &format!("/v3/roles?name={role}"), &Value::Null);
        let role = text(&found["roles"][0]["id"]);
        self.administer("PUT", &format!("/v3/projects/{project}/users/{}/roles/{role}", user.id), &Value::Null);
    }

    /// The id and secret of a new application credential of the project's user.
    pub fn application_credential(&self, project: &Project, name: &str) -> (String, String) {
        let headers = [("X-Auth-Token", project.token.as_str()), ("Content-Type", "application/json")];
        let path = format!("/v3/users/{}/application_credentials", project.user.id);
        let body = json!({ "application_credential": { "name": name } }).to_string();
        // Among many requests Keystone at times misses a role that it has just given a token for.
        let end = Instant::now() + Duration::from_secs(10);
        let answer = loop {
            let answer = http::send_with(&self.keystone, "POST", &path, &headers, &body);
            let is_missed = answer.status == 400 && answer.body.contains("Could not find role assignment");
            if !is_missed || Instant::now() >= end {
                break answer;
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        assert_eq!(answer.status, 201, "{}", answer.body);
        let made: Value = serde_json::from_str(&answer.body).unwrap();
        (text(&made["application_credential"]["id"]), text(&made["application_credential"]["secret"]))
    }

    /// Has the catalogue of that project hold nothing but Keystone.
    pub fn hide_swift(&self, project: &Project) {
        let services = self.administer("GET", "/v3/services?type=identity", &Value::Null);
        let service = text(&services["services"][0]["id"]);
        let endpoints = self.administer("GET", &format!("/v3/endpoints?service_id={service}"), &Value::Null);
        for endpoint in endpoints["endpoints"].as_array().unwrap() {
            let (project, endpoint) = (&project.id, text(&endpoint["id"]));
            let path = format!("/v3/OS-EP-FILTER/projects/{project}/endpoints/{endpoint}");
            self.administer("PUT", &path, &Value::Null);
        }
    }

    /// A token of a user for a project.
    pub fn token_of(&self, project: &str, user: &User) -> String {
        self.token(&json!({
            "identity": { "methods": ["password"],
                "password": { "user": { "id": user.id, "password": user.password } } },
            "scope": { "project": { "id": project } },
        }))
    }

    /// Has a token accepted no more.
    pub fn revoke(&self, token: &str) {
        let headers = [("X-Auth-Token", self.administrator.as_str()), ("X-Subject-Token", token)];
        let answer = http::send_with(&self.keystone, "DELETE", "/v3/auth/tokens", &headers, "");
        assert_eq!(answer.status, 204, "{}", answer.body);
    }

    fn token(&self, auth: &Value) -> String {
        let headers = [("Content-Type", "application/json")];
        let body = json!({ "auth": auth }).to_string();
        let answer = http::send_with(&self.keystone, "POST", "/v3/auth/tokens", &headers, &body);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.header("X-Subject-Token").to_owned()
    }

    /// Asks Swift, in the first region, for something in the project's account as the project's user.
    pub fn send(&self, project: &Project, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let token = [("X-Auth-Token", project.token.as_str())];
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain(token).collect();
        http::send_with(&self.proxy, method, &format!("/v1/AUTH_{}/{path}", project.id), &headers, body)
    }

    /// Puts objects of a few bytes into a container, as an archive that Swift unpacks.
    pub fn fill(&self, project: &Project, container: &str, names: &[String]) {
        let path = format!("{container}?extract-archive=tar");
        for names in names.chunks(AT_A_TIME) {
            let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"blob"[..])).collect();
            let archive = String::from_utf8(tar::archive(&files)).unwrap();
            let answer = self.send(project, "PUT", &path, &[("Accept", "application/json")], &archive);
            let created: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(created["Number Files Created"], names.len(), "{created}");
        }
    }

    /// Everything it has written.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text where one is needed: {value}")).to_owned()
}

fn unique(kind: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    format!("{kind}-{}", NEXT.fetch_add(1, Ordering::SeqCst))
}

fn python(packages: &Path) -> Command {
    let mut python = Command::new("python3");
    python.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    python.env("PYTHONPATH", packages).env("PYTHONUNBUFFERED", "1").args(["-W", "ignore"]);
    python
}

fn installed() -> Result<PathBuf, String> {
    install::once("swift", &[REQUIREMENTS], |directory| {
        let requirements = directory.join("requirements.txt");
        std::fs::write(&requirements, REQUIREMENTS).map_err(|error| error.to_string())?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]);
        install::run(pip.arg(directory).arg("-r").arg(&requirements), TO_INSTALL).map(drop)
    })
}

/// What every server begins with: tables, an administrator, the catalogue, keys.
fn prepared() -> Result<PathBuf, String> {
    let packages = installed()?;
    install::once("swift-database", &[REQUIREMENTS, SOURCE], |directory| {
        let mut server = python(&packages);
        install::run(server.arg(SERVER).arg("prepare").arg(directory), TO_INSTALL).map(drop)
    })
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
