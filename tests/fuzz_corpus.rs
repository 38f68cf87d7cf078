//! Every file of the corpus of `fuzz/` is read in time and within bounds, those with crashes of old included.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what is missing")]

use cluster_image_registry_operator::fuzzing::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// For one file, in a build without optimisation.
const TIME: Duration = Duration::from_secs(2);
/// What one file may have allocated at a time.
const BYTES: u64 = 64 << 20;
/// Of all files together: the corpus is a part of the repository.
const CORPUS: u64 = 500_000;

#[test]
fn the_corpus_is_read_in_time_and_within_bounds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let directories: BTreeSet<String> =
        fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(directories, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect());
    let mut size = 0;
    for (name, target) in TARGETS {
        let mut files: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{name}");
        for file in files {
            let bytes = fs::read(&file).unwrap();
            size += bytes.len() as u64;
            let begun = Instant::now();
            let used = allocation_counter::measure(|| target(&bytes));
            assert!(begun.elapsed() < TIME, "{}: {:?}", file.display(), begun.elapsed());
            assert!(used.bytes_max < BYTES, "{}: {} bytes", file.display(), used.bytes_max);
        }
    }
    assert!(size < CORPUS, "{size} bytes; it should stay small");
}
