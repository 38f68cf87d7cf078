//! Looks at what hardly ever changes, which come in turns, minutes apart.

use super::run::{Run, seen};
use super::script::answer;
use crate::cluster::{Cluster, eventually};
use crate::e2e::support::{condition, config, now};
use std::time::{Duration, Instant};

/// An API server that begins anew refuses much for a moment. Whoever tells of it at once takes it back with the next turn
/// only, when it has been Degraded already.
#[tokio::test]
async fn one_look_that_fails_is_repeated_before_it_is_told() {
    let cluster = Cluster::acquire().await;
    let (run, _) = Run::installed(&cluster).await;
    let begin = Instant::now();
    run.proxy.fault(answer(403).path("/apiservers").first(1));
    let answers = || -> Vec<(String, Option<u16>)> {
        let asked = run.proxy.log().asked().into_iter().filter(|asked| asked.is_watch && asked.at >= begin);
        let looks = asked.filter(|asked| asked.resource != "imagepruners" && asked.status.is_some());
        looks.map(|asked| (asked.resource, asked.status)).collect()
    };
    let failed = |looks: &[(String, Option<u16>)]| looks.iter().position(|(_, status)| *status == Some(403));
    seen(&run, "something was looked at three times more", |_| {
        let looks = answers();
        failed(&looks).is_some_and(|at| looks.len() > at + 3)
    })
    .await;
    run.proxy.clear_faults();
    run.rested().await;
    let (looks, writes) = (answers(), run.proxy.log().writes_since(begin));
    let at = failed(&looks).unwrap();
    assert!(looks[at + 1..at + 3].contains(&("apiservers".to_owned(), Some(200))), "{looks:?}");
    assert!(writes.is_empty(), "{writes:#?}");
}

/// What lasts is told, and that it is over is told soon.
#[tokio::test]
async fn looks_that_fail_again_and_again_are_told() {
    let cluster = Cluster::acquire().await;
    let (run, installed) = Run::installed(&cluster).await;
    run.proxy.fault(answer(403).path("/apiservers"));
    eventually(Duration::from_secs(60), "Config tells of it", async || {
        let progressing = condition(&now(&cluster, &config()).await, "Progressing").clone();
        let is_told = progressing["message"].as_str().unwrap_or_default().contains("APIServer cannot be watched");
        if is_told { Ok(()) } else { Err(progressing.to_string()) }
    })
    .await;
    run.proxy.clear_faults();
    run.proxy.log().stir();
    run.converges("looks work again", &installed).await;
}
