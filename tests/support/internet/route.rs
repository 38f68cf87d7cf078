//! Which host is what.

use super::message::{Request, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// Answers for a host.
pub type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// Whether there is such a host now.
pub type Exists = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a host is.
#[derive(Clone)]
pub enum Route {
    Forward(SocketAddr),
    Answer(Handler),
    /// Answers for the hosts for which that holds; no new connection leads to others.
    AnswerWhere(Exists, Handler),
}

/// A host's name, `*.name` for every host below it, or `*`.
#[derive(Clone, PartialEq)]
pub struct Pattern(String);

impl Pattern {
    /// Names are compared regardless of case.
    pub fn new(pattern: &str) -> Self {
        Pattern(pattern.to_ascii_lowercase())
    }

    /// Whether that host is meant.
    pub fn matches(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(suffix) => host.len() > suffix.len() && host.to_ascii_lowercase().ends_with(suffix),
            None => host.eq_ignore_ascii_case(&self.0),
        }
    }

    /// A longer one goes first, and a full name before all others.
    fn precision(&self) -> (bool, usize) {
        (!self.0.starts_with('*'), self.0.len())
    }
}

/// All hosts there are.
#[derive(Default)]
pub struct Routes(Mutex<Vec<(Pattern, Route)>>);

impl Routes {
    pub fn forward(&self, host: &str, to: SocketAddr) {
        self.add(host, Route::Forward(to));
    }

    pub fn answer(&self, host: &str, handler: Handler) {
        self.add(host, Route::Answer(handler));
    }

    pub fn answer_where(&self, host: &str, exists: Exists, handler: Handler) {
        self.add(host, Route::AnswerWhere(exists, handler));
    }

    fn add(&self, host: &str, route: Route) {
        let pattern = Pattern::new(host);
        let mut routes = self.0.lock().unwrap();
        routes.retain(|(other, _)| *other != pattern);
        routes.push((pattern, route));
    }

    /// Whether there is such a host now.
    pub fn know(&self, host: &str) -> bool {
        match self.find(host) {
            Some(Route::AnswerWhere(exists, _)) => exists(host),
            route => route.is_some(),
        }
    }

    /// What that host is, if there is or was such a host.
    pub fn find(&self, host: &str) -> Option<Route> {
        let routes = self.0.lock().unwrap();
        let matching = routes.iter().filter(|(pattern, _)| pattern.matches(host));
        matching.max_by_key(|(pattern, _)| pattern.precision()).map(|(_, route)| route.clone())
    }
}
