//! The registry's Deployment as the operator renders it, turned into an environment and files of this machine.

use super::stock;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The data of a Secret or ConfigMap; empty if there is none.
type Data = BTreeMap<String, Vec<u8>>;

/// Where the volumes of a container are on this machine.
pub struct Mounts {
    /// Paths in the container with those that stand for them, longest first.
    paths: Vec<(String, PathBuf)>,
}

impl Mounts {
    fn new(mounts: &[Value], volumes_root: &Path) -> Self {
        let paths = mounts.iter().map(|mount| text(&mount["mountPath"]).trim_end_matches('/'));
        let mut paths: Vec<_> =
            paths.map(|path| (path.to_owned(), volumes_root.join(path.trim_start_matches('/')))).collect();
        paths.sort_by_key(|(path, _)| Reverse(path.len()));
        Mounts { paths }
    }

    /// The text with every path below a mount replaced by the one on this machine.
    pub fn here(&self, text: &str) -> String {
        let mut found = text.to_owned();
        for (mount, path) in &self.paths {
            found = replace_path(&found, mount, &path.to_string_lossy());
        }
        found
    }
}

/// The environment of the registry's container with everything that it refers to.
///
/// Secrets and ConfigMaps are asked for by name; the token of the service account under its volume's name, with the
/// key `token`. Volumes are written below `volumes_root` at their mount paths, and paths below a mount are replaced in
/// values and in the files, as credentials name the file of a token. Claims and empty directories become directories.
///
/// Panics if the Deployment names a key that is not there and not optional.
pub fn from_deployment(
    deployment: &Value,
    secret_of: impl Fn(&str) -> Data,
    volumes_root: &Path,
) -> Vec<(String, String)> {
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let mounts = Mounts::new(list(&container["volumeMounts"]), volumes_root);
    for mount in list(&container["volumeMounts"]) {
        let volume = list(&pod["volumes"]).iter().find(|volume| volume["name"] == mount["name"]);
        let volume = volume.unwrap_or_else(|| panic!("no volume {}", mount["name"]));
        write(&mounts, Path::new(&mounts.here(text(&mount["mountPath"]))), files(volume, &secret_of));
    }
    let variables = list(&container["env"]).iter().filter_map(|variable| resolve(variable, &secret_of));
    let mut environment: Vec<_> = variables.map(|(name, value)| (name, mounts.here(&value))).collect();
    environment.push(stock::trust(&mounts));
    environment
}

/// Writes a volume's files.
fn write(mounts: &Mounts, volume: &Path, files: Vec<(String, Vec<u8>)>) {
    fs::create_dir_all(volume).unwrap();
    for (name, content) in files {
        let path = volume.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let content = match String::from_utf8(content) {
            Ok(text) => mounts.here(&text).into_bytes(),
            Err(binary) => binary.into_bytes(),
        };
        fs::write(path, content).unwrap();
    }
}

/// A variable of the container; nothing if it refers to an optional key that is not there.
fn resolve(variable: &Value, secret_of: &impl Fn(&str) -> Data) -> Option<(String, String)> {
    let name = text(&variable["name"]).to_owned();
    let Some(reference) = variable.pointer("/valueFrom/secretKeyRef") else {
        return Some((name, variable["value"].as_str().unwrap_or_default().to_owned()));
    };
    let (secret, key) = (text(&reference["name"]), text(&reference["key"]));
    let value = secret_of(secret).remove(key);
    if value.is_none() && reference["optional"] == true {
        return None;
    }
    let value = value.unwrap_or_else(|| panic!("{name}: no key {key} in Secret {secret}"));
    Some((name, String::from_utf8(value).unwrap()))
}

/// The files of a volume, by their paths in it.
fn files(volume: &Value, data_of: &impl Fn(&str) -> Data) -> Vec<(String, Vec<u8>)> {
    let name = text(&volume["name"]);
    let mut sources = vec![volume];
    if let Some(projected) = volume.pointer("/projected/sources") {
        sources = list(projected).iter().collect();
    }
    let mut files = Vec::new();
    for source in sources {
        if let Some(secret) = source.get("secret") {
            let named = secret.get("secretName").unwrap_or(&secret["name"]);
            files.extend(chosen(secret, data_of(text(named)), text(named)));
        } else if let Some(map) = source.get("configMap") {
            files.extend(chosen(map, data_of(text(&map["name"])), text(&map["name"])));
        } else if let Some(token) = source.get("serviceAccountToken") {
            let path = text(&token["path"]).to_owned();
            files.extend(data_of(name).remove("token").map(|token| (path, token)));
        }
    }
    files
}

/// All keys, or those that `items` names.
fn chosen(source: &Value, mut data: Data, name: &str) -> Vec<(String, Vec<u8>)> {
    let Some(items) = source.get("items") else {
        return data.into_iter().collect();
    };
    let optional = source["optional"] == true;
    let file = |item: &Value| {
        let key = text(&item["key"]);
        let content = data.remove(key);
        assert!(content.is_some() || optional, "no key {key} in {name}");
        Some((text(&item["path"]).to_owned(), content?))
    };
    list(items).iter().filter_map(file).collect()
}

/// Replaces a path where it is a whole path or the beginning of one.
fn replace_path(text: &str, path: &str, by: &str) -> String {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(path) {
        let (before, after) = (&rest[..at], &rest[at + path.len()..]);
        let begins = !is_part(before.as_bytes().last()) && !before.ends_with('/');
        let whole = begins && !is_part(after.as_bytes().first());
        replaced.push_str(before);
        replaced.push_str(if whole { by } else { path });
        rest = after;
    }
    replaced + rest
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text where one is needed: {value}"))
}
