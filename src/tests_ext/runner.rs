//! Runs tests, some at a time.

use super::cases::{Context, Ending, Test};
use super::output::Results;
use super::protocol::{Detail, Lifecycle, Outcome, Verdict};
use super::stop::Stop;
use super::{Refused, cluster, output};
use crate::execute::Api;
use futures::StreamExt;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// Runs the tests, `at_a_time` at a time, and prints their results; gives the results. A cluster that cannot be reached
/// fails each of them. `limit` is for all together.
///
/// # Errors
/// Results cannot be printed.
pub(super) fn run(
    tests: &[Test],
    at_a_time: usize,
    limit: Option<Duration>,
    mut results: Results,
) -> Result<Vec<Outcome>, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the system has no more resources for a process: {error}"))?;
    runtime.block_on(async {
        let api = cluster::connect().await;
        let stop = Stop::new(limit);
        let outcomes =
            futures::stream::iter(tests).map(|test| one(test, &api, &stop)).buffer_unordered(at_a_time.max(1));
        let print = async {
            futures::pin_mut!(outcomes);
            while let Some(outcome) = outcomes.next().await {
                results.add(outcome)?;
            }
            results.finish()
        };
        tokio::select! {
            printed = print => printed,
            never = stop.listen() => never,
        }
    })
}

/// Runs one test.
async fn one(test: &Test, api: &Result<Api, String>, stop: &Stop) -> Outcome {
    let (begin, start_time) = (Instant::now(), Timestamp::now());
    let (ended, output) = match (api, stop.reason()) {
        (Ok(api), None) => {
            let context = Context::new(api, stop);
            let ended = (test.body)(&context).await;
            (ended, context.into_log())
        }
        (Ok(_), Some(reason)) => (Err(Ending::Failed(format!("the test was not begun: {reason}"))), String::new()),
        (Err(why), _) => (Err(Ending::Failed(why.clone())), String::new()),
    };
    let duration = begin.elapsed();
    let outcome = Outcome {
        name: test.spec.name.to_owned(),
        lifecycle: test.spec.lifecycle,
        duration: i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(1),
        start_time,
        end_time: Timestamp::now(),
        result: Verdict::Passed,
        output,
        error: String::new(),
        details: Vec::new(),
    };
    match ended {
        Ok(()) => outcome,
        Err(Ending::Failed(error)) => Outcome { result: Verdict::Failed, error, ..outcome },
        Err(Ending::Skipped(why)) => Outcome {
            result: Verdict::Skipped,
            output: format!("{}skipped: {why}\n", outcome.output),
            details: vec![Detail { name: "skipped", value: why }],
            ..outcome
        },
    }
}

/// How many failures count. Those that do not are told.
pub(super) fn failures(outcomes: &[Outcome]) -> usize {
    let failed = |lifecycle| {
        outcomes.iter().filter(|outcome| outcome.result == Verdict::Failed && outcome.lifecycle == lifecycle).count()
    };
    let informing = failed(Lifecycle::Informing);
    if informing > 0 {
        output::error(&format!("{informing} informing tests failed, which do not count"));
    }
    failed(Lifecycle::Blocking)
}
