//! `schema`: JSON Schema for editors and offline validators.

use super::output::{self, Failure, Outcome};
use crate::api::crd;
use serde_json::{Value, json};

/// Prints the JSON Schema of Config, of ImagePruner, or of either
///
/// The schema is stricter than the API server, which drops fields that it does not know.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cluster-image-registry-operator schema config > config.schema.json
  cluster-image-registry-operator schema > registry.schema.json    # for documents of both kinds")]
pub(super) struct Args {
    /// The kind of document; without it, the schema is for documents of both kinds
    #[arg(value_enum)]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    Config,
    #[value(name = "imagepruner")]
    ImagePruner,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut schemas = crd::json_schemas();
    let mut take = |kind: &str| schemas.get_mut(kind).map(Value::take).unwrap_or_default();
    let schema = match args.kind {
        Some(Kind::Config) => take("Config"),
        Some(Kind::ImagePruner) => take("ImagePruner"),
        None => json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Config or ImagePruner",
            "oneOf": [take("Config"), take("ImagePruner")],
        }),
    };
    output::print(&format!("{schema:#}\n"))?;
    Ok(Outcome::Done)
}
