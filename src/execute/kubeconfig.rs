//! From a kubeconfig to a client, with errors that quote nothing of it: it holds tokens, keys and passwords.

use crate::api::url::without_userinfo;
use http::header::USER_AGENT;
use http::{HeaderValue, Uri};
use kube::client::{AuthError, ConfigExt};
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use std::path::Path;

/// Stands for a user and password in a URL.
const HIDDEN: &str = "…";

/// The cluster of that kubeconfig; without one, of $KUBECONFIG, ~/.kube/config or the pod's own account.
///
/// # Errors
/// Why it cannot be used, as a part of a sentence.
pub async fn config(path: Option<&Path>) -> Result<Config, String> {
    let config = match path {
        Some(path) => {
            let unusable =
                |error: KubeconfigError| format!("{}: is no usable kubeconfig: {}", path.display(), explain(&error));
            let file = Kubeconfig::read_from(path).map_err(unusable)?;
            Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await.map_err(unusable)?
        }
        None => match Config::from_kubeconfig(&KubeConfigOptions::default()).await {
            Ok(config) => config,
            Err(error) => Config::incluster().map_err(|pod| {
                let file = explain(&error);
                format!("there is no cluster to talk to: the kubeconfig: {file}; the pod's own account: {pod}")
            })?,
        },
    };
    checked(&config.auth_info).map(|()| config)
}

/// Reads the text of a kubeconfig, for the fuzzing of parsers: up to the header with the token, which the client makes
/// of whatever is accepted. What would run a program or read a file is left out.
pub(crate) fn read(text: &str) {
    let Ok(file) = Kubeconfig::from_yaml(text).map_err(|error| explain(&error)) else { return };
    for mut user in file.auth_infos.into_iter().filter_map(|user| user.auth_info) {
        (user.exec, user.token_file) = (None, None);
        if let Some(provider) = &mut user.auth_provider {
            provider.config.remove("cmd-path");
        }
        if checked(&user).is_ok() {
            let mut config = Config::new(Uri::from_static("https://localhost"));
            config.auth_info = user;
            drop(config.auth_layer());
        }
    }
}

/// A client of that cluster that calls itself so.
///
/// # Errors
/// Why there is none, as a sentence.
pub fn client(mut config: Config, user_agent: &'static str) -> Result<Client, String> {
    config.headers.push((USER_AGENT, HeaderValue::from_static(user_agent)));
    Client::try_from(config).map_err(|error| {
        let why = match &error {
            // What the plugin has printed is the token, or near it, and its environment may hold another secret.
            kube::Error::Auth(AuthError::AuthExecRun { cmd: _, out }) => {
                format!("its exec plugin failed with {}", out.status)
            }
            kube::Error::Auth(AuthError::AuthExecParse(_)) => {
                "what its exec plugin prints is no ExecCredential".to_owned()
            }
            error => without_userinfo(&error.to_string(), HIDDEN).into_owned(),
        };
        format!("the kubeconfig cannot be used: {why}")
    })
}

/// The client takes for granted that a token can stand in a header.
fn checked(user: &AuthInfo) -> Result<(), String> {
    // A `SecretString` shows itself to serde alone.
    let shown = serde_json::to_value(user).unwrap_or_default();
    let places = ["/token", "/auth-provider/config/id-token", "/auth-provider/config/access-token"];
    let mut tokens = places.iter().filter_map(|place| shown.pointer(place)?.as_str());
    if tokens.any(|token| HeaderValue::try_from(token).is_err()) {
        return Err("the kubeconfig cannot be used: its token has a line break or another character in it that no \
                    token has; put it on one line"
            .to_owned());
    }
    Ok(())
}

fn explain(error: &KubeconfigError) -> String {
    match error {
        // Its own words end with an excerpt.
        KubeconfigError::Parse(error) => {
            let line = error.location().map_or(String::new(), |location| format!(" (line {})", location.line()));
            format!("it is no valid YAML, or a field has the wrong type{line}")
        }
        KubeconfigError::ParseCertificates(_) => "its CA is no certificate in PEM".to_owned(),
        error => without_userinfo(&error.to_string(), HIDDEN).into_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{client, config};

    async fn refused(kubeconfig: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), kubeconfig).unwrap();
        match config(Some(file.path())).await {
            Err(why) => why,
            Ok(config) => client(config, "test").err().unwrap_or_else(|| panic!("was taken: {kubeconfig}")),
        }
    }

    fn with(cluster: &str, user: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n"
        )
    }

    #[tokio::test]
    async fn what_cannot_be_used_is_said_without_any_of_it() {
        let server = "server: 'https://127.0.0.1:1'";
        let exec = |script: &str| {
            let version = "client.authentication.k8s.io/v1";
            format!("exec: {{apiVersion: {version}, interactiveMode: Never, command: sh, args: [-c, {script:?}]}}")
        };
        for (kubeconfig, say) in [
            (with(server, r#"token: "s3cret\nline""#), "its token has a line break"),
            (
                with(server, r#"auth-provider: {name: oidc, config: {id-token: "s3cret\nline"}}"#),
                "its token has a line break",
            ),
            (with(server, "token: [s3cret]"), "is no usable kubeconfig: it is no valid YAML"),
            (with(server, "client-certificate-data: s3cret, client-key-data: s3cret"), "base64"),
            (format!("{}\ttoken: s3cret", with(server, "")), "it is no valid YAML"),
            (with(&format!("{server}, proxy-url: 'ftp://u:s3cret@p:1'"), ""), "ftp://…@p:1"),
            (with(&format!("{server}, proxy-url: 'http://u:s3cr et@p'"), ""), "proxy url"),
            (with(server, &exec("echo 's3cret: ['")), "no ExecCredential"),
            (with(server, &exec("echo s3cret; exit 7")), "its exec plugin failed with exit status: 7"),
        ] {
            let why = refused(&kubeconfig).await;
            assert!(why.contains(say) && !why.contains("s3cr"), "{why}");
        }
    }
}
