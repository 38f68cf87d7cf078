//! Where everything breaks off.

use super::fault::When;
use std::sync::Mutex;
use tokio::sync::watch;

/// Counts calls to the one that breaks.
#[derive(Default)]
pub struct Breaker {
    plan: Mutex<Plan>,
    cut: watch::Sender<bool>,
}

#[derive(Default)]
struct Plan {
    /// How many calls come until then, that one included; none if no break is to come.
    left: Option<usize>,
    at: Option<Break>,
    broke: bool,
}

/// How a call breaks.
#[derive(Clone, Copy)]
pub struct Break {
    pub when: When,
    /// Everything else breaks as well from then on.
    pub all: bool,
}

impl Breaker {
    pub fn plan(&self, k: usize, when: When, all: bool) {
        assert!(k > 0, "calls are counted from 1");
        *self.plan.lock().unwrap() = Plan { left: Some(k), at: Some(Break { when, all }), broke: false };
    }

    /// Counts a call; says whether it is to break.
    pub fn count(&self) -> Option<Break> {
        let mut plan = self.plan.lock().unwrap();
        let left = plan.left.take()? - 1;
        if left > 0 {
            plan.left = Some(left);
            return None;
        }
        plan.at
    }

    /// Says that the call has broken, and everything with it that was to.
    pub fn has_broken(&self) {
        self.plan.lock().unwrap().broke = true;
    }

    pub fn broke(&self) -> bool {
        self.plan.lock().unwrap().broke
    }

    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    pub fn mend(&self) {
        *self.plan.lock().unwrap() = Plan::default();
        self.cut.send_replace(false);
    }

    pub fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// Does that, but only until everything is cut.
    pub async fn until_cut(&self, work: impl Future<Output = ()>) {
        let mut cut = self.cut.subscribe();
        tokio::select! {
            biased;
            _ = cut.wait_for(|cut| *cut) => {}
            () = work => {}
        }
    }
}
