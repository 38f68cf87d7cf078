//! What is wrong with a YAML text, said without quoting any of it.

use super::yaml::OVERSIZE;
use crate::api::secret::shown_key;
use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::localizer::ExternalMessageSource;

/// What is wrong, where, and what to do unless that depends on the purpose of the text.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) line: u64,
    pub(super) message: String,
    pub(super) remedy: Option<&'static str>,
}

const ALIAS_REMEDY: &str = "write the values out instead of using anchors and aliases";
const SPLIT_REMEDY: &str = "give only the objects that the registry depends on";

/// Explains an error of the YAML reader. Its own words are used only where they cannot hold a value.
pub(super) fn explain(error: &Error) -> Trouble {
    let error = innermost(error);
    let (message, remedy) = describe(error);
    Trouble { line: error.location().map_or(0, |location| location.line()), message, remedy }
}

fn describe(error: &Error) -> (String, Option<&'static str>) {
    let (message, remedy) = match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            return (format!("the key {:?} is given twice in one map", shown_key(key)), Some("keep one of them"));
        }
        Error::DuplicateMappingKey { .. } => ("a key is given twice in one map", "keep one of them"),
        Error::ExternalMessage { source, .. } => {
            let text = match source.as_ref() {
                ExternalMessageSource::Parser(error) => syntax(error.kind()),
                _ => "it cannot be parsed".to_owned(),
            };
            return (format!("is not valid YAML: {text}"), Some("correct the syntax; look at the line before it, too"));
        }
        Error::Budget { breach, .. } => return budget(breach),
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => ("its aliases expand to more than is accepted", ALIAS_REMEDY),
        Error::Message { msg, .. } if msg.starts_with(OVERSIZE) => {
            ("its aliases expand to more than is accepted", ALIAS_REMEDY)
        }
        Error::UnknownAnchor { .. } => {
            ("an alias (*name) refers to no anchor", "put quotes around text that begins with *")
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => ("an alias refers to itself", ALIAS_REMEDY),
        Error::UnsupportedTag { .. } => {
            ("a tag (!name) has no meaning here", "put quotes around text that begins with !")
        }
        Error::NonFiniteFloat { .. } => ("a number is not finite", "put quotes around it if it is text"),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => ("a merge key (<<) needs a map", "write the values out"),
        Error::Eof { .. } => ("ends too early", "complete the file"),
        Error::MultipleDocuments { .. } => {
            return ("holds more than one document".to_owned(), None);
        }
        // The rest is about types; their messages could hold a value.
        _ => return ("has a value of the wrong type".to_owned(), None),
    };
    (message.to_owned(), Some(remedy))
}

/// The reader's words, which name brackets and the like, except where they could name more.
fn syntax(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Custom(_) | ErrorKind::InputIo { .. } | ErrorKind::InputDecoding { .. } => {
            "it cannot be parsed".to_owned()
        }
        ErrorKind::UnexpectedCharacter { .. } => "there is a character that cannot stand here".to_owned(),
        ErrorKind::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
        kind => kind.to_string(),
    }
}

fn budget(breach: &BudgetBreach) -> (String, Option<&'static str>) {
    let (message, remedy) = match breach {
        BudgetBreach::Depth { .. } => {
            ("is nested too deeply", "no Kubernetes object is nested that deeply; correct it")
        }
        BudgetBreach::Aliases { .. }
        | BudgetBreach::Anchors { .. }
        | BudgetBreach::AliasAnchorRatio { .. }
        | BudgetBreach::MergeKeys { .. }
        | BudgetBreach::RecordedAnchorEvents { .. }
        | BudgetBreach::RecordedAnchorBytes { .. } => ("uses more anchors and aliases than are accepted", ALIAS_REMEDY),
        _ => ("has more values than are accepted in one document", SPLIT_REMEDY),
    };
    (message.to_owned(), Some(remedy))
}

/// The error itself, without the aliases it was met through.
fn innermost(mut error: &Error) -> &Error {
    while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } = error {
        error = inner;
    }
    error
}
