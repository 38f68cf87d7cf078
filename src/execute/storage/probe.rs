//! What is asked once, before there is a Config: whether OpenStack has a Swift to use.

use super::trouble::Trouble;
use super::{Store, swift_is_usable};
use crate::inputs::{Inputs, Observed};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::time::{Instant, timeout};

/// How long the question may take altogether.
const DEADLINE: Duration = Duration::from_secs(120);
/// After so long it is asked again, if there was no answer to it.
const AGAIN: Duration = Duration::from_secs(30);

/// How the question stands.
#[derive(Default)]
pub(super) struct Probe {
    asked: Option<Receiver<Result<bool, Trouble>>>,
    usable: Observed<bool>,
    again: Option<Instant>,
}

impl Store {
    /// Whether containers can be listed, as far as that is known.
    pub fn swift_usable(&self) -> Observed<bool> {
        self.probe.usable.clone()
    }

    /// Asks whether they can, unless that is known or was asked a moment ago.
    pub fn probe_swift(&mut self, inputs: &Inputs) {
        let is_early = self.probe.again.is_some_and(|again| Instant::now() < again);
        if self.probe.asked.is_some() || self.probe.usable.was_looked_at() || is_early {
            return;
        }
        let (network, inputs, wake) = (self.network(), inputs.clone(), self.wake());
        let (tell, asked) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let answer = timeout(DEADLINE, swift_is_usable(&inputs, &network)).await;
            let late = || Trouble::new("TimedOut", "Swift: there was no answer in time; it is asked again");
            // Nobody hears it if the process is about to end.
            drop(tell.send(answer.unwrap_or_else(|_| Err(late()))));
            Arc::clone(&wake).notify_one();
        });
        self.probe.asked = Some(asked);
    }

    /// Takes in the answer; whether there is one.
    pub(super) fn collect_probe(&mut self) -> bool {
        let answer = match self.probe.asked.as_mut().map(Receiver::try_recv) {
            None | Some(Err(TryRecvError::Empty)) => return false,
            Some(Err(TryRecvError::Closed)) => Err(Trouble::new("Interrupted", "Swift: the question was interrupted")),
            Some(Ok(answer)) => answer,
        };
        self.probe.asked = None;
        match answer {
            Ok(usable) => self.probe.usable = Observed::Present(usable),
            Err(trouble) => {
                tracing::warn!("whether Swift is usable is not known yet: {trouble}");
                self.probe.again = Some(Instant::now() + AGAIN);
            }
        }
        true
    }
}
