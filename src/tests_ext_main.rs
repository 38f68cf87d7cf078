//! The extension of `openshift-tests`: arguments to one call, and exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    cluster_image_registry_operator::tests_ext::run(std::env::args_os())
}
