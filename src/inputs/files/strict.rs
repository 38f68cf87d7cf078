//! Config and ImagePruner: read strictly, since people write them by hand.

use super::object::Object;
use super::report::Report;
use crate::api::validate::FieldProblem;
use serde_json::Value;

/// The object in its type, if it is valid; everything that is wrong with it goes to the report.
pub(super) fn read<T>(
    object: &Object,
    parse: fn(&Value) -> Result<T, Vec<FieldProblem>>,
    report: &mut Report,
) -> Option<T> {
    let problems = match parse(&object.document) {
        Ok(value) => return Some(value),
        Err(problems) => problems,
    };
    for FieldProblem { path, message, remedy } in problems {
        // Metadata has no schema here, so its message is serde's, which could quote an annotation.
        if path == "metadata" {
            report.object(object, path, "InvalidInput", "cannot be read", "labels and annotations are maps of text");
        } else {
            report.object(object, path, "InvalidInput", message, remedy);
        }
    }
    None
}
