//! Arguments to one call; exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    cluster_image_registry_operator::cli::run(std::env::args_os())
}
