//! What is in the image.

use crate::image::{IMAGE, make};
use crate::tools;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = "usr/bin/cluster-image-registry-operator";
const MANIFESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests");

/// All files with modes and owners: nothing runs with more rights than it is given, nothing can be written but /tmp,
/// and there is no other program.
#[test]
fn there_is_what_has_to_be_and_nothing_else() {
    let mut expected: BTreeSet<String> = ["etc/", "etc/ssl/", "etc/ssl/certs/", "manifests/", "usr/", "usr/bin/"]
        .iter()
        .map(|directory| format!("drwxr-xr-x 0/0 {directory}"))
        .collect();
    expected.extend(manifests().iter().map(|path| format!("-rw-r--r-- 0/0 manifests/{}", name(path))));
    expected.insert("drwxrwxrwt 0/0 tmp/".to_owned());
    expected.insert("-rw-r--r-- 0/0 etc/ssl/certs/ca-certificates.crt".to_owned());
    expected.insert(format!("-rwxr-xr-x 0/0 {PROGRAM}"));
    expected.insert("lrwxrwxrwx 0/0 usr/bin/move-blobs -> cluster-image-registry-operator".to_owned());
    let found: BTreeSet<String> = IMAGE.listing.iter().cloned().collect();
    assert_eq!(found, expected);
    let sorted: Vec<_> = IMAGE.listing.iter().map(|line| line.split(' ').nth(2)).collect();
    assert!(sorted.is_sorted(), "{sorted:?}");
}

/// OpenShift's cluster-version operator applies these, in the order of their names.
#[test]
fn manifests_are_those_of_the_source() {
    for path in manifests() {
        let name = name(&path);
        let is_read = name == "image-references" || name.starts_with('0');
        assert!(is_read, "{}: OpenShift reads only files whose names begin with 0", path.display());
        let image = IMAGE.root.join("manifests").join(name);
        assert_eq!(fs::read(&path).unwrap(), fs::read(image).unwrap(), "{name}");
    }
}

/// Program headers of type `PT_INTERP` name the dynamic linker, which is not in the image.
#[test]
fn the_program_is_static() {
    const PT_INTERP: u32 = 3;
    let program = fs::read(IMAGE.root.join(PROGRAM)).unwrap();
    assert_eq!(&program[..6], b"\x7fELF\x02\x01", "a program of 64 bits, the least first");
    let number =
        |at: usize, bytes: usize| program[at..at + bytes].iter().rev().fold(0, |sum, b| sum << 8 | usize::from(*b));
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let kinds: Vec<_> = (0..count).map(|index| number(table + index * size, 4)).collect();
    assert!(!kinds.is_empty());
    assert!(!kinds.contains(&(PT_INTERP as usize)), "{kinds:?}");
}

/// What is in the program does not tell who built it where.
#[test]
fn the_program_names_no_directory_of_the_build() {
    let program = fs::read(IMAGE.root.join(PROGRAM)).unwrap();
    let home = std::env::var("HOME").unwrap();
    for directory in [env!("CARGO_MANIFEST_DIR"), &format!("{home}/.cargo"), &format!("{home}/.rustup")] {
        let named = program.windows(directory.len()).any(|window| window == directory.as_bytes());
        assert!(!named, "{directory}");
    }
}

#[test]
fn roots_are_those_of_the_web_and_nobody_elses() {
    let bundle = IMAGE.root.join("etc/ssl/certs/ca-certificates.crt");
    let certificates: Vec<_> = CertificateDer::pem_file_iter(bundle).unwrap().map(Result::unwrap).collect();
    let (good, bad) = RootCertStore::empty().add_parsable_certificates(certificates);
    assert!(good > 100, "{good} CAs");
    assert_eq!(bad, 0, "CAs that cannot be read");
    let added = Path::new("/usr/local/share/ca-certificates");
    for file in fs::read_dir(added).into_iter().flatten() {
        let path = file.unwrap().path();
        let own = fs::read_to_string(&path).unwrap();
        let whole = fs::read_to_string(IMAGE.root.join("etc/ssl/certs/ca-certificates.crt")).unwrap();
        assert!(!whole.contains(own.trim()), "the CA of {} is in the image", path.display());
    }
}

#[test]
fn it_is_small() {
    let unpacked = fs::metadata(IMAGE.root.join(PROGRAM)).unwrap().len();
    println!("{} bytes to pull, {unpacked} bytes of program", IMAGE.size);
    assert!(unpacked < 35_000_000, "the program has {unpacked} bytes");
    assert!(IMAGE.size < 15_000_000, "the image has {} bytes", IMAGE.size);
}

#[test]
fn the_same_input_makes_the_same_image() {
    assert_eq!(make("again", "operator").digest, IMAGE.digest);
}

/// Where openshift-tests looks for the tests of a component, and packed as it wants them.
#[test]
fn the_other_image_has_the_tests_besides() {
    let image = make("tests", "tests");
    let packed = format!("{PROGRAM}-tests-ext.gz");
    let known: BTreeSet<&String> = IMAGE.listing.iter().collect();
    let more: Vec<&String> = image.listing.iter().filter(|line| !known.contains(line)).collect();
    assert_eq!(more, [&format!("-rw-r--r-- 0/0 {packed}")]);
    tools::run(Command::new("gunzip").args(["--force", "--keep"]).arg(image.root.join(packed)));
    let unpacked = image.root.join(format!("{PROGRAM}-tests-ext"));
    fs::set_permissions(&unpacked, fs::Permissions::from_mode(0o755)).unwrap();
    let info: Value = serde_json::from_str(&tools::run(Command::new(&unpacked).arg("info"))).unwrap();
    assert_eq!(info["apiVersion"], "v1.1");
    assert!(image.size < 40_000_000, "{} bytes", image.size);
}

/// The manifests of the source, those of single platforms among them.
fn manifests() -> Vec<PathBuf> {
    let files = |directory: &Path| -> Vec<PathBuf> {
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let (directories, mut found): (Vec<_>, Vec<_>) =
        files(Path::new(MANIFESTS)).into_iter().partition(|path| path.is_dir());
    found.extend(directories.iter().flat_map(|directory| files(directory)));
    found
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}
