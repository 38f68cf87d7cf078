//! The log and its level.
//!
//! One event is one line on standard error: time (RFC 3339, UTC), level, message, fields. There are no colours, and no
//! environment variable has a say.

use crate::api::config::LogLevel;
use jiff::Timestamp;
use std::fmt::{self, Write};
use std::sync::OnceLock;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt as lines, reload};

/// The target of this crate's events.
const OWN: &str = "cluster_image_registry_operator";

static FILTER: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// Starts logging with level Normal. Without effect if something in the process logs already.
pub fn init() {
    let (filter, handle) = reload::Layer::new(targets(LogLevel::Normal));
    let output = lines::layer().event_format(Line).with_ansi(false).with_writer(std::io::stderr);
    if tracing_subscriber::registry().with(filter).with(output).try_init().is_ok() {
        // Succeeds, as does the line above, once in a process.
        let _ = FILTER.set(handle);
    }
}

/// Sets the level, and says whether that changed anything. Before [`init`], it changes nothing.
pub fn set_level(level: LogLevel) -> bool {
    let Some(filter) = FILTER.get() else { return false };
    let wanted = targets(level);
    if filter.with_current(|current| *current == wanted).unwrap_or(true) {
        return false;
    }
    filter.reload(wanted).is_ok()
}

fn targets(level: LogLevel) -> Targets {
    let (own, others) = match level {
        LogLevel::Unset | LogLevel::Normal => (LevelFilter::INFO, LevelFilter::WARN),
        LogLevel::Debug => (LevelFilter::DEBUG, LevelFilter::WARN),
        LogLevel::Trace => (LevelFilter::TRACE, LevelFilter::DEBUG),
        LogLevel::TraceAll => (LevelFilter::TRACE, LevelFilter::TRACE),
    };
    Targets::new()
        .with_default(others)
        .with_target(OWN, own)
        // It logs access key ids, and requests with their headers.
        .with_target("aws_sigv4", LevelFilter::OFF)
        // It logs headers, and whole answers that it cannot parse, which may be Secrets; its errors are returned, too.
        .with_target("kube_client::client", LevelFilter::OFF)
        // It logs an excerpt of a kubeconfig that cannot be parsed.
        .with_target("kube_client::config", LevelFilter::OFF)
        // It says of every request that failed what is said here once, with the path.
        .with_target("kube_client::client::builder", if others > LevelFilter::WARN { others } else { LevelFilter::OFF })
        .with_target("kube_client::client::tls", others)
}

/// The format of an event.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> lines::FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        write!(writer, "{:.3} {:5}", Timestamp::now(), metadata.level())?;
        if !metadata.target().starts_with(OWN) {
            write!(writer, " {}:", metadata.target())?;
        }
        let mut fields = Fields { to: OneLine(&mut writer), result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        writeln!(writer)
    }
}

/// Writes the message as it is and other fields as `name=value`.
struct Fields<'a> {
    to: OneLine<'a>,
    result: fmt::Result,
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let result = match field.name() {
            "message" => write!(self.to, " {value:?}"),
            name => write!(self.to, " {name}={value:?}"),
        };
        self.result = self.result.and(result);
    }
}

/// Escapes what would begin a new line or move the cursor of a terminal.
struct OneLine<'a>(&'a mut dyn Write);

impl Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            match part.chars().next_back().filter(|last| last.is_control()) {
                Some(last) => {
                    self.0.write_str(part.trim_end_matches(last))?;
                    write!(self.0, "{}", last.escape_default())?;
                }
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged with a level, without the times.
    fn logged(level: LogLevel, events: impl FnOnce()) -> Vec<String> {
        let memory = Memory::default();
        let writer = memory.clone();
        let output = lines::layer().event_format(Line).with_ansi(false).with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(targets(level)).with(output), events);
        let text = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        let without_time = |line: &str| {
            let (time, rest) = line.split_once(' ').unwrap();
            assert!(time.parse::<Timestamp>().is_ok() && time.len() == "2026-01-01T00:00:00.000Z".len(), "{time}");
            rest.to_owned()
        };
        text.lines().map(without_time).collect()
    }

    #[test]
    fn an_event_is_a_line() {
        let events = || {
            let error = io::Error::other("first\nsecond\u{1b}[31m");
            tracing::info!(kind = "Deployment", count = 2, "applied\r\nall");
            tracing::warn!(%error, "failed");
        };
        assert_eq!(
            logged(LogLevel::Unset, events),
            [r#"INFO  applied\r\nall kind="Deployment" count=2"#, r"WARN  failed error=first\nsecond\u{1b}[31m",]
        );
    }

    #[test]
    fn levels_open_own_events_first() {
        let events = || {
            tracing::info!("i");
            tracing::debug!("d");
            tracing::trace!("t");
            tracing::warn!(target: "hyper::proto", "w");
            tracing::debug!(target: "tower::buffer", "d");
            tracing::trace!(target: "rustls", "t");
            tracing::warn!(target: "kube_client::client", "an answer with a Secret");
            tracing::warn!(target: "kube_client::client::tls", "w");
            tracing::error!(target: "kube_client::client::builder", "e");
            tracing::trace!(target: "aws_sigv4::http_request::sign", "an access key's id");
        };
        let (hyper, tower, rustls) = ("WARN  hyper::proto: w", "DEBUG tower::buffer: d", "TRACE rustls: t");
        let [tls, failed] = ["WARN  kube_client::client::tls: w", "ERROR kube_client::client::builder: e"];
        assert_eq!(logged(LogLevel::Normal, events), ["INFO  i", hyper, tls]);
        assert_eq!(logged(LogLevel::Debug, events), ["INFO  i", "DEBUG d", hyper, tls]);
        assert_eq!(logged(LogLevel::Trace, events), ["INFO  i", "DEBUG d", "TRACE t", hyper, tower, tls, failed]);
        let all = ["INFO  i", "DEBUG d", "TRACE t", hyper, tower, rustls, tls, failed];
        assert_eq!(logged(LogLevel::TraceAll, events), all);
    }

    #[test]
    fn the_level_changes_while_running() {
        assert!(!set_level(LogLevel::Debug), "nothing logs yet");
        init();
        init();
        assert!(!set_level(LogLevel::Normal));
        assert!(!tracing::enabled!(tracing::Level::DEBUG));
        assert!(set_level(LogLevel::Debug));
        assert!(tracing::enabled!(tracing::Level::DEBUG));
        assert!(!set_level(LogLevel::Debug));
        assert!(set_level(LogLevel::Unset));
        assert!(!tracing::enabled!(tracing::Level::DEBUG));
    }
}
