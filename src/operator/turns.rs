//! The last of the watches: ImagePruner's, interrupted now and then for a look at an input that hardly ever changes.
//!
//! A look that fails has every other turn until it works again, and is told once it has failed twice: what an API server
//! refuses for a moment would otherwise be told until the next round, minutes later.
//!
//! A turn costs two watch requests, the look and the way back: at 45 seconds 160 an hour, of the 212 that OpenShift
//! allows.

use super::diagnostics::{By, Diagnostics};
use super::targets::{self, Target};
use super::watch::{self, News, Trouble, Until};
use crate::execute::request::{Api, Error};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch::Receiver;
use tokio::time::Instant;

/// How long to wait before asking again for a kind that the cluster does not serve.
const NOT_SERVED: Duration = Duration::from_secs(60 * 60);

/// Watches ImagePruner, and looks at the next of the other targets after every `turn`.
pub async fn take_turns(
    api: Api,
    others: Receiver<Vec<Target>>,
    turn: Duration,
    news: Sender<News>,
    diagnostics: Diagnostics,
) {
    let pruner = targets::pruner();
    let seen = diagnostics.seen(&pruner, By::Watch);
    let mut trouble = Trouble::default();
    let mut not_served: BTreeMap<Target, Instant> = BTreeMap::new();
    // What failed the last time, and whether that was told.
    let mut failed: BTreeMap<Target, (Error, bool)> = BTreeMap::new();
    let mut again: VecDeque<Target> = VecDeque::new();
    let mut is_again = false;
    let mut position = 0;
    loop {
        let end = Instant::now() + turn;
        while Instant::now() < end {
            match watch::once(&api, &pruner, Until::Time(end), &news, &seen).await {
                Ok(()) => trouble.over(&pruner, &news).await,
                Err(error) => trouble.wait(&pruner, error, &news).await,
            }
            if news.is_closed() {
                return;
            }
        }
        not_served.retain(|_, until| Instant::now() < *until);
        // Nobody looks at what has left: that it failed is no trouble any more.
        let left: Vec<Target> = failed.keys().filter(|target| !others.borrow().contains(target)).cloned().collect();
        for target in left {
            if matches!(failed.remove(&target), Some((_, true))) {
                let _ = news.send(News::Well(target.scope)).await;
            }
        }
        let next = {
            let others = others.borrow();
            again.retain(|target| others.contains(target));
            is_again = !is_again && !again.is_empty();
            if is_again {
                again.pop_front()
            } else {
                let candidates: Vec<&Target> =
                    others.iter().filter(|target| !not_served.contains_key(target)).collect();
                position += 1;
                candidates.get(position % candidates.len().max(1)).map(|target| (*target).clone())
            }
        };
        let Some(target) = next else { continue };
        match watch::once(&api, &target, Until::Complete, &news, &diagnostics.seen(&target, By::Turns)).await {
            Ok(()) => {
                again.retain(|failed| *failed != target);
                if matches!(failed.remove(&target), Some((_, true))) {
                    let _ = news.send(News::Well(target.scope.clone())).await;
                }
            }
            Err(Error::Refused(refusal)) if refusal.is_missing_kind() => {
                not_served.insert(target.clone(), Instant::now() + NOT_SERVED);
                let _ = news.send(News::NotServed(target.scope.clone())).await;
            }
            Err(error) => {
                let is_told = match failed.get(&target) {
                    None => false,
                    Some((before, true)) if *before == error => true,
                    Some(_) => {
                        let _ = news.send(News::Trouble(target.scope.clone(), error.clone())).await;
                        true
                    }
                };
                failed.insert(target.clone(), (error, is_told));
                if !again.contains(&target) {
                    again.push_back(target);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::metrics::Metrics;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    /// Watches of ImagePruner end at once; nothing else may be looked at.
    async fn answer(mut stream: TcpStream) {
        let mut read = vec![0; 4096];
        let length = stream.read(&mut read).await.unwrap();
        let is_pruner = String::from_utf8_lossy(&read[..length]).contains("imagepruners");
        let (status, body) = if is_pruner {
            ("200 OK", String::new())
        } else {
            let refusal = serde_json::json!({ "apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 403,
                "reason": "Forbidden", "message": "no" });
            ("403 Forbidden", refusal.to_string())
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    }

    #[tokio::test]
    async fn the_trouble_with_what_nobody_looks_at_any_more_is_over() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let api = Api::new(kube::Client::try_from(kube::Config::new(server)).unwrap());
        let target = Target::one("ConfigMap", "openshift-config", "trusted-ca");
        let (others, heard) = tokio::sync::watch::channel(vec![target.clone()]);
        let (news, mut told) = tokio::sync::mpsc::channel(8);
        let diagnostics = Diagnostics::new(Metrics::new());
        let turns = take_turns(api, heard, Duration::from_millis(10), news, diagnostics);
        let serving = async {
            loop {
                answer(listener.accept().await.unwrap().0).await;
            }
        };
        let listening = async {
            let trouble = told.recv().await;
            assert!(matches!(&trouble, Some(News::Trouble(scope, _)) if *scope == target.scope), "{trouble:?}");
            others.send_replace(Vec::new());
            let over = told.recv().await;
            assert!(matches!(&over, Some(News::Well(scope)) if *scope == target.scope), "{over:?}");
        };
        tokio::select! {
            ended = tokio::time::timeout(Duration::from_secs(10), listening) => ended.unwrap(),
            () = turns => unreachable!("turns are taken for ever"),
            () = serving => unreachable!("it serves for ever"),
        }
    }
}
