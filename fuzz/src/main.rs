//! libFuzzer over the parsers of foreign bytes; `FUZZ_TARGET` says which.

#![no_main]

use cluster_image_registry_operator::fuzzing::TARGETS;
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

/// What one input may have allocated at a time. libFuzzer's own limit is for the whole process.
const BYTES: u64 = 64 << 20;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.iter().find(|(target, _)| *target == name);
        found.unwrap_or_else(|| panic!("FUZZ_TARGET is none of {:?}", TARGETS.map(|(target, _)| target))).1
    });
    let used = allocation_counter::measure(|| target(bytes));
    assert!(used.bytes_max < BYTES, "{} bytes allocated at a time", used.bytes_max);
});
