//! What Swift has against a request, as a sentence.

use super::super::trouble::{Trouble, quoted};
use super::keystone::word;
use crate::net::Answer;
use crate::render::names::NAMESPACE;
use http::StatusCode;

/// The trouble: `what` tells what does not work, as "it cannot be created".
pub(super) fn of(subject: &str, what: &str, answer: &Answer, secret: &str) -> Trouble {
    let said = said(&answer.text());
    let remedy = remedy(answer.status, secret);
    let reason = word(answer.status);
    let text = if said.is_empty() { String::new() } else { format!(": {said}") };
    Trouble::new(&reason, format!("{subject}: {what}: Swift answered {}{text}; {remedy}", answer.status))
}

fn remedy(status: StatusCode, secret: &str) -> String {
    match status.as_u16() {
        400 => "choose another name in spec.storage.swift.container".to_owned(),
        401 => "Keystone gives the token that Swift does not accept: check that the two belong together".to_owned(),
        403 => format!(
            "give the user of Secret {NAMESPACE}/{secret} a role in the project with which Swift lets containers be \
             managed, as swiftoperator or member, and check that the account is not full of containers"
        ),
        404 => "create the project's account in Swift, if Swift does not do so itself".to_owned(),
        409 => "another account has taken the name: choose another one in spec.storage.swift.container".to_owned(),
        413 => "raise the quota of the account".to_owned(),
        429 | 498 => "there are too many requests: it is asked again".to_owned(),
        507 => "Swift has no space left".to_owned(),
        500.. => "it is asked again".to_owned(),
        _ => "see the logs of Swift".to_owned(),
    }
}

/// Swift's own words: the paragraph of a page of HTML, or plain text.
fn said(body: &str) -> String {
    let paragraph = body.split_once("<p>").and_then(|(_, rest)| rest.split_once("</p>"));
    let text = paragraph.map_or(body, |(paragraph, _)| paragraph);
    if text.contains('<') { String::new() } else { quoted(text.trim().trim_end_matches('.')) }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn only_words_are_quoted() {
        let page = "<html><h1>Forbidden</h1><p>Access was denied to this resource.</p></html>";
        assert_eq!(said(page), "Access was denied to this resource");
        assert_eq!(
            said("Container name length of 300 longer than 256"),
            "Container name length of 300 longer than 256"
        );
        assert_eq!(said("<!DOCTYPE html><body>proxy error"), "");
    }
}
