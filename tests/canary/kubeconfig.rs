//! A kubeconfig has tokens, keys and passwords; verbs that use one say only what is wrong.

use crate::program::run;
use crate::search::{canary, silent};
use std::fs;

const VERBS: [&str; 3] = ["plan", "apply", "run --diagnostics-socket= --tls-certificate none --tls-key none"];

fn kubeconfig(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1', {cluster}}}}}]\n\
         users: [{{name: u, user: {{{user}}}}}]\n"
    )
}

fn all_refuse(what: &str, text: &str, verbs: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("kubeconfig"), text).unwrap();
    for verb in verbs {
        let ran = run(directory.path(), &format!("{verb} --kubeconfig kubeconfig"));
        silent(&format!("{verb}: {what}"), &format!("{}{}", ran.stdout, ran.stderr));
        assert_eq!(ran.code, Some(3), "{verb}: {what}: {}", ran.stderr);
    }
}

#[test]
fn no_token_of_a_kubeconfig_is_told() {
    let secret = canary(1);
    let exec = |script: &str| {
        let version = "client.authentication.k8s.io/v1";
        format!("exec: {{apiVersion: {version}, interactiveMode: Never, command: sh, args: [-c, {script:?}]}}")
    };
    for (what, text) in [
        ("a token with a line break", kubeconfig("", &format!("token: \"{secret}\\n{secret}\""))),
        ("a token that is a list", kubeconfig("", &format!("token: [{secret}]"))),
        ("a token that is a map", kubeconfig("", &format!("token: {{{secret}: {secret}}}"))),
        ("a tab after a token", format!("{}\ttoken: {secret}", kubeconfig("", &format!("token: {secret}")))),
        ("no YAML", format!("token: {secret}\n  password: [{secret}")),
        ("a key twice", kubeconfig("", &format!("token: {secret}, token: {secret}"))),
        (
            "keys that are no base64",
            kubeconfig("", &format!("client-certificate-data: {secret}, client-key-data: {secret}")),
        ),
        ("a CA that is none", kubeconfig(&format!("certificate-authority-data: {secret}"), "")),
        ("a proxy that is not spoken to", kubeconfig(&format!("proxy-url: 'ftp://u:{secret}@p:1'"), "")),
        ("a proxy that is no URL", kubeconfig(&format!("proxy-url: 'http://u:{secret} @p:1'"), "")),
        ("a plugin that fails", kubeconfig("", &exec(&format!("echo {secret}; echo {secret} >&2; exit 7")))),
        ("a plugin that prints something else", kubeconfig("", &exec(&format!("echo 'token: [{secret}'")))),
    ] {
        all_refuse(what, &text, &VERBS);
    }
}

/// The operator itself would wait until there is one.
#[test]
fn a_cluster_that_is_not_there_is_told_without_the_credentials() {
    let secret = canary(2);
    for (what, text) in [
        ("a token", kubeconfig("", &format!("token: {secret}"))),
        ("a password", kubeconfig("", &format!("username: u, password: {secret}"))),
        ("a proxy", kubeconfig(&format!("proxy-url: 'http://u:{secret}@127.0.0.1:1'"), "")),
    ] {
        all_refuse(what, &text, &VERBS[..2]);
    }
}
