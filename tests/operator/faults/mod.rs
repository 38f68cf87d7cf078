//! What goes wrong between the operator, the API server and the storage, on the real control plane: crashes at any write,
//! lost answers, refusals, stale and unseen news, a control plane that stands still. The end is always the same as
//! without. Some cases of every sweep run each time, all of them with `just faults`.

mod answers;
mod crash;
mod dump;
mod log;
mod plane;
pub mod proxy;
mod prune;
mod relay;
mod run;
mod script;
mod storm;
mod turns;
mod unseen;
mod watches;
