//! From start to end: lease, watches, loop, metrics; and a graceful end.

use super::controller_config::ControllerConfig;
use super::diagnostics::{self, Diagnostics};
use super::events::Events;
use super::failing::Failing;
use super::lease::{Candidate, Times};
use super::metrics::{Metrics, Outcome, Verb};
use super::serving::{self, Server};
use super::{Operator, files, image_streams, jitter, observe, targets, turns, watch};
use crate::execute::fence::Fence;
use crate::execute::request::{Api, Error, Observer};
use crate::execute::resource::Resource;
use crate::execute::{Executor, Live, World};
use crate::inputs::Environment;
use crate::problem::{Concern, Problem};
use crate::render::names::CLUSTER;
use http::Method;
use kube::Client;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch as state};
use tokio::task::JoinSet;

/// How long a pass may take to end once the operator is told to stop (the reference's).
const GRACE: Duration = Duration::from_secs(10);
/// How long giving up the lease may take then: an API server that cannot be reached lets it run out.
const RELEASE: Duration = Duration::from_secs(5);
/// How often watched files are looked at (the reference's).
const FILES_EVERY: Duration = Duration::from_secs(5);
/// News that may wait for the loop; watches wait beyond that.
const BACKLOG: usize = 64;

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Images, versions and paths.
    pub environment: Environment,
    /// Files whose change ends the operator, so that it is started anew.
    pub files: Vec<PathBuf>,
    /// How metrics are served.
    pub config: ControllerConfig,
    /// Certificate and key of the metrics' server.
    pub certificate: (PathBuf, PathBuf),
    /// How long until the next of the rarely changing inputs is looked at.
    pub turn: Duration,
    /// How long the lease lasts; none for the times that the topology asks for.
    pub lease: Option<Duration>,
    /// The socket on which diagnostics are told; none for nowhere.
    pub diagnostics: Option<PathBuf>,
}

/// Why the operator ended, when nothing was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was told to.
    Signal,
    /// It was told to twice, and did not wait for what was under way.
    SecondSignal,
    /// A watched file changed.
    FileChanged(PathBuf),
    /// Somebody else leads now.
    LeaseLost,
}

/// Runs the operator until it is told to stop.
///
/// # Errors
/// What keeps it from starting: no random numbers, no signals, an address or a certificate that cannot be used.
pub async fn run(client: Client, settings: Settings) -> Result<Ending, Problem> {
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!("cluster-image-registry-operator {version} ({}-{})", std::env::consts::OS, std::env::consts::ARCH);
    let mut signals = Signals::new()?;
    let metrics = Metrics::new();
    let diagnostics = Diagnostics::new(metrics.clone());
    let _socket = told(settings.diagnostics.as_deref(), &diagnostics).await;
    let api = Api::new(client).observed(counter(None, diagnostics.clone()));
    let fence = Fence::default();
    let (mut candidate, infrastructure) = tokio::select! {
        candidate = stand(&api, &fence, settings.lease, &diagnostics) => candidate?,
        () = signals.received() => return Ok(Ending::Signal),
    };
    let changed = files::changed(&settings.files, FILES_EVERY);
    tokio::pin!(changed);
    tokio::select! {
        () = candidate.acquire() => {}
        () = signals.received() => return Ok(Ending::Signal),
        path = &mut changed => return Ok(Ending::FileChanged(path)),
    }
    tracing::info!("leading; watching files {:?}", settings.files);
    let world = known(infrastructure);
    let api = api.fenced(fence).observed(counter(Some(metrics.clone()), diagnostics.clone()));
    let known = Known { world, metrics, diagnostics };
    let ending = lead(&api, &settings, known, &mut candidate, &mut signals, changed).await;
    if ending == Ok(Ending::SecondSignal) {
        return ending;
    }
    tokio::select! {
        () = candidate.release() => ending,
        () = tokio::time::sleep(RELEASE) => {
            tracing::warn!("the lease could not be released in time and runs out by itself");
            ending
        }
        () = signals.received() => Ok(Ending::SecondSignal),
    }
}

/// A candidate for the lease, whose times depend on Infrastructure/cluster; that comes along.
async fn stand(
    api: &Api,
    fence: &Fence,
    lease: Option<Duration>,
    diagnostics: &Diagnostics,
) -> Result<(Candidate, Option<Live>), Problem> {
    let id = Resource::named("Infrastructure").map(|resource| resource.id("", CLUSTER));
    let infrastructure = match &id {
        Some(id) => api.get(id).await.unwrap_or_else(|error| {
            tracing::warn!("the control plane is taken for a highly available one: {error}");
            None
        }),
        None => None,
    };
    let topology = infrastructure.as_ref().and_then(|object| object.pointer("/status/controlPlaneTopology"));
    let times = Times::of(topology.is_some_and(|topology| topology == "SingleReplica"));
    let times = lease.map_or(times, |duration| times.scaled_to(duration));
    let candidate = Candidate::new(api.clone(), identity()?, times, fence.clone(), diagnostics.clone());
    Ok((candidate, infrastructure.and_then(Live::new)))
}

/// Host name and a random part, as the reference has it.
fn identity() -> Result<String, Problem> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| cannot_start("random numbers", &error))?;
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}_{random}", host.trim()))
}

fn cannot_start(what: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem {
        concern: Concern::Inputs,
        object: "operator".to_owned(),
        path: String::new(),
        reason: "CannotStart",
        message: format!("the system has no {what} to give: {error}"),
        remedy: String::new(),
    }
}

/// Diagnostics are for the worst of days, but nothing depends on them.
async fn told(path: Option<&Path>, diagnostics: &Diagnostics) -> Option<diagnostics::Socket> {
    let path = path?;
    let served = diagnostics::serve(path, diagnostics.clone()).await;
    served
        .inspect_err(|error| {
            tracing::warn!(
                "diagnostics are not told: {}: {error}; another path can be given by --diagnostics-socket",
                path.display()
            );
        })
        .ok()
}

/// What the leader begins with.
struct Known {
    world: World,
    metrics: Metrics,
    diagnostics: Diagnostics,
}

/// What is known from the start.
fn known(infrastructure: Option<Live>) -> World {
    let mut world = World::default();
    if let Some(live) = infrastructure {
        let scope = targets::Target::one("Infrastructure", "", CLUSTER).scope;
        let (told, version) = (BTreeSet::from([live.id().clone()]), live.version());
        world.put(live);
        world.complete(&scope, &told, version);
    }
    world
}

async fn lead(
    api: &Api,
    settings: &Settings,
    known: Known,
    candidate: &mut Candidate,
    signals: &mut Signals,
    changed: std::pin::Pin<&mut impl Future<Output = PathBuf>>,
) -> Result<Ending, Problem> {
    let Known { world, metrics, diagnostics } = known;
    metrics.pass_pending();
    let (certificate, key) = &settings.certificate;
    let server = serve(&settings.config, certificate, key).await?;
    let (stop, stopped) = state::channel(false);
    let (ready, is_ready) = state::channel(false);
    let mut tasks = JoinSet::new();
    if let Some(server) = server {
        let mut stopped = stopped.clone();
        let end = async move { drop(stopped.changed().await) };
        tasks.spawn(server.run(metrics.clone(), is_ready, end));
    }
    tasks.spawn(count_image_streams(api.clone(), metrics.clone()));
    let (news, heard) = mpsc::channel(BACKLOG);
    diagnostics.news(&news);
    for target in targets::always() {
        let watch = watch::watch(api.clone(), target, news.clone(), diagnostics.clone());
        tasks.spawn(counted(metrics.clone(), watch));
    }
    let (turns, others) = state::channel(Vec::new());
    let last = turns::take_turns(api.clone(), others, settings.turn, news, diagnostics.clone());
    tasks.spawn(counted(metrics.clone(), last));
    let mut operator = Operator {
        executor: Executor::new(api.clone()),
        world,
        environment: settings.environment.clone(),
        http_secret: observe::mint().map_err(|error| cannot_start("random numbers", &error))?,
        failing: Failing::default(),
        troubled: BTreeMap::new(),
        events: Events::new(settings.environment.pod_name.as_deref()),
        metrics,
        diagnostics,
        turns,
        ready,
        config_seen: tokio::time::Instant::now(),
        created: None,
        passed: tokio::time::Instant::now(),
        due: None,
        hourly: None,
        look_again: None,
        report_again: None,
        jobs_of: String::new(),
        storage: None,
        noticed: BTreeSet::new(),
    };
    let work = operator.work(heard, stopped);
    tokio::pin!(work);
    let ending = tokio::select! {
        () = &mut work => Ending::Signal,
        () = candidate.keep() => Ending::LeaseLost,
        () = signals.received() => Ending::Signal,
        path = changed => Ending::FileChanged(path),
    };
    // What is under way is brought to its end, since half a pass is the next start's to mend.
    stop.send_replace(true);
    if ending != Ending::LeaseLost {
        tokio::select! {
            () = &mut work => {}
            () = tokio::time::sleep(GRACE) => tracing::warn!("the pass under way is given up"),
            () = signals.received() => return Ok(Ending::SecondSignal),
        }
    }
    tasks.shutdown().await;
    Ok(ending)
}

/// Without a certificate there are no metrics, and all else works; outside a cluster there is none.
async fn serve(config: &ControllerConfig, certificate: &Path, key: &Path) -> Result<Option<Server>, Problem> {
    config.notes.iter().for_each(|note| tracing::info!("{note}"));
    if !certificate.exists() && !key.exists() {
        tracing::warn!("metrics are not served: there is no certificate at {}", certificate.display());
        return Ok(None);
    }
    serving::bind(config, certificate, key).await.map(Some)
}

/// Counts requests by verb; reads of one object and of many are not told apart. Those about the lease are not counted.
fn counter(metrics: Option<Metrics>, diagnostics: Diagnostics) -> Observer {
    Arc::new(move |method, path| {
        let verb = match *method {
            Method::POST => Verb::Create,
            Method::PATCH => Verb::Apply,
            Method::DELETE => Verb::Delete,
            _ => Verb::Get,
        };
        let (metrics, sent) = (metrics.clone(), diagnostics.sent(method, path));
        Box::new(move |succeeded| {
            let outcome = if succeeded { Outcome::Succeeded } else { Outcome::Failed };
            sent.ended(verb, outcome);
            metrics.iter().for_each(|metrics| metrics.request(verb, outcome));
        })
    })
}

async fn counted(metrics: Metrics, watching: impl Future<Output = ()>) {
    let _open = metrics.watch_opened();
    watching.await;
}

async fn count_image_streams(api: Api, metrics: Metrics) {
    // It is many pages in a large cluster, and an operator that is started again and again should not ask for them.
    tokio::time::sleep(Duration::from_secs(11 * 60) + jitter(Duration::from_secs(4 * 60))).await;
    loop {
        match image_streams::count(&api).await {
            Ok(tags) => metrics.image_stream_tags(tags),
            Err(Error::Refused(refusal)) if refusal.is_missing_kind() => {
                tracing::info!("the cluster does not serve image streams; they are not counted");
            }
            Err(error) => tracing::warn!("image streams cannot be counted: {error}"),
        }
        tokio::time::sleep(Duration::from_secs(60 * 60) + jitter(Duration::from_secs(300))).await;
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, Problem> {
        let listen = |kind| signal(kind).map_err(|error| cannot_start("signals", &error));
        Ok(Signals { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => tracing::info!("received SIGTERM, shutting down"),
            _ = self.interrupt.recv() => tracing::info!("received SIGINT, shutting down"),
        }
    }
}
