//! No core dump: it would hold every secret that was read.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids them for this process and its children. A program that cores are piped to (core(5)) does not ask for the
/// limit, so that the memory is marked as private, too. What the kernel refuses is no reason not to work.
pub(super) fn forbid() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
