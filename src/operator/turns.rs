//! The last of the watches: ImagePruner's, interrupted now and then for a look at an input that hardly ever changes.
//!
//! A turn costs two watch requests, the look and the way back: at 45 seconds 160 an hour, of the 212 that OpenShift
//! allows.

use super::diagnostics::{By, Diagnostics};
use super::targets::{self, Target};
use super::watch::{self, News, Trouble, Until};
use crate::execute::request::{Api, Error};
use std::collections::BTreeMap;
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
    let mut troubled: BTreeMap<Target, Error> = BTreeMap::new();
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
        let next = {
            let others = others.borrow();
            let candidates: Vec<&Target> = others.iter().filter(|target| !not_served.contains_key(target)).collect();
            position += 1;
            candidates.get(position % candidates.len().max(1)).map(|target| (*target).clone())
        };
        let Some(target) = next else { continue };
        match watch::once(&api, &target, Until::Complete, &news, &diagnostics.seen(&target, By::Turns)).await {
            Ok(()) => {
                if troubled.remove(&target).is_some() {
                    let _ = news.send(News::Well(target.scope.clone())).await;
                }
            }
            Err(Error::Refused(refusal)) if refusal.is_missing_kind() => {
                not_served.insert(target.clone(), Instant::now() + NOT_SERVED);
                let _ = news.send(News::NotServed(target.scope.clone())).await;
            }
            // The next turn is soon enough; once is told.
            Err(error) => {
                if troubled.insert(target.clone(), error.clone()).as_ref() != Some(&error) {
                    let _ = news.send(News::Trouble(target.scope.clone(), error)).await;
                }
            }
        }
    }
}
