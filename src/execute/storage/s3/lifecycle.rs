//! Uploads that were never completed are cleaned up: a lifecycle rule of the operator's beside those of others, which
//! stay byte for byte.

use super::answers::parse_text;
use super::service::{Call, Service};
use super::setting::{Bad, Good, Subject, read, unreadable, write};
use http::Method;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The setting as a condition.
pub(super) const SUBJECT: Subject =
    Subject { type_: "StorageIncompleteUploadCleanupEnabled", reason: "EnableCleanupSuccessful", name: "lifecycle" };

/// The rule's name (the reference's).
const ID: &str = "cleanup-incomplete-multipart-registry-uploads";
const START: &str = "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
/// A setting beside the rules, which is in a header and would be reset without it.
const SMALLEST: &str = "x-amz-transition-default-minimum-object-size";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    #[serde(rename = "ID")]
    id: String,
    status: String,
    /// The old form, which cannot be mixed with filters.
    prefix: Option<String>,
    filter: Option<Filter>,
    abort_incomplete_multipart_upload: Option<Abort>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase", default)]
struct Filter {
    prefix: String,
    #[serde(rename = "And")]
    and: Option<IgnoredAny>,
    tag: Option<IgnoredAny>,
    object_size_greater_than: Option<u64>,
    object_size_less_than: Option<u64>,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", default)]
struct Abort {
    days_after_initiation: u32,
}

impl Rule {
    /// Whether it aborts every upload after a day.
    fn is_right(&self) -> bool {
        self.status == "Enabled"
            && self.prefix.as_deref().is_none_or(str::is_empty)
            && self.filter.as_ref().is_none_or(|filter| *filter == Filter::default())
            && self.abort_incomplete_multipart_upload == Some(Abort { days_after_initiation: 1 })
    }
}

/// Adds the rule, or repairs it. The rules of others stay.
pub(super) async fn settle(service: &Service) -> Result<Good, Bad> {
    let get = Call::new(
        Method::GET,
        &[("lifecycle", "")],
        "its lifecycle rules cannot be read",
        "s3:GetLifecycleConfiguration",
    );
    let now = read(service, &get, &["NoSuchLifecycleConfiguration"]).await?;
    let text = now.as_ref().map(|answer| answer.text()).unwrap_or_default();
    let then = with_rule(&text).map_err(|why| unreadable(service, &get, &why))?;
    let is_written = then.is_some();
    if let Some(then) = then {
        let (what, permission) = ("its lifecycle rules cannot be set", "s3:PutLifecycleConfiguration");
        let mut put = Call::new(Method::PUT, &[("lifecycle", "")], what, permission).with(then);
        let smallest = now.as_ref().map_or("", |answer| answer.header(SMALLEST));
        put.headers.extend((!smallest.is_empty()).then(|| (SMALLEST, smallest.to_owned())));
        write(service, &put).await?;
    }
    let message =
        "Default cleanup of incomplete multipart uploads after one (1) day was successfully enabled".to_owned();
    Ok(Good { message, is_written })
}

/// The configuration with our rule; none if it is in it already. An empty text is no configuration yet.
pub(super) fn with_rule(xml: &str) -> Result<Option<String>, String> {
    let Pieces { start, inner } = split(xml)?;
    let mut others = Vec::new();
    let mut is_right = false;
    let mut has_old_form = false;
    for piece in inner {
        let rule: Rule = if piece.starts_with("<Rule") { parse_text(piece)? } else { Rule::default() };
        if rule.id == ID {
            is_right = rule.is_right();
        } else {
            has_old_form |= rule.prefix.is_some();
            others.push(piece);
        }
    }
    if is_right {
        return Ok(None);
    }
    // The service takes one form of the prefix or the other in all rules.
    let prefix = if has_old_form { "<Prefix></Prefix>" } else { "<Filter><Prefix></Prefix></Filter>" };
    let ours = format!(
        "<Rule><ID>{ID}</ID>{prefix}<Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>1\
         </DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
    );
    Ok(Some(format!("{start}{}{ours}</LifecycleConfiguration>", others.concat())))
}

/// The tag that begins the configuration, and each of the elements in it, as they are written.
#[derive(Debug)]
struct Pieces<'a> {
    start: &'a str,
    inner: Vec<&'a str>,
}

fn split(xml: &str) -> Result<Pieces<'_>, String> {
    let mut pieces = Pieces { start: START, inner: Vec::new() };
    let mut reader = Reader::from_str(xml);
    let (mut depth, mut began) = (0, 0);
    loop {
        let before = position(&reader);
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let piece = |from: usize| xml.get(from..position(&reader)).ok_or("it is cut off".to_owned());
        match event {
            Event::Start(start) if depth == 0 => {
                if start.name().as_ref() != "LifecycleConfiguration" {
                    return Err("it is not a LifecycleConfiguration".to_owned());
                }
                pieces.start = piece(before)?;
                depth = 1;
            }
            Event::Start(_) => {
                began = if depth == 1 { before } else { began };
                depth += 1;
            }
            Event::End(_) => {
                depth -= 1;
                if depth == 1 {
                    pieces.inner.push(piece(began)?);
                }
            }
            Event::Empty(_) if depth == 1 => pieces.inner.push(piece(before)?),
            Event::Eof if depth == 0 => return Ok(pieces),
            Event::Eof => return Err("it is cut off".to_owned()),
            _ => {}
        }
    }
}

/// How much of the text has been read, in bytes.
fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ID, START, split, with_rule};

    fn rules(inner: &str) -> String {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{START}{inner}</LifecycleConfiguration>")
    }

    #[test]
    fn the_first_rule_is_ours() {
        for nothing in ["", &rules(""), "<LifecycleConfiguration/>"] {
            let then = with_rule(nothing).unwrap().unwrap();
            assert!(then.starts_with("<LifecycleConfiguration") && then.contains(ID), "{then}");
            assert!(then.contains("<DaysAfterInitiation>1</DaysAfterInitiation>"), "{then}");
            assert_eq!(with_rule(&then).unwrap(), None);
        }
    }

    #[test]
    fn rules_of_others_stay_byte_for_byte() {
        let others = "<Rule><ID>a&amp;b</ID><Filter><And><Prefix>x</Prefix><Tag><Key>k</Key><Value> v </Value></Tag>\
                      </And></Filter><Status>Enabled</Status><New x='1'>&#10;<!-- y --></New></Rule>";
        let then = with_rule(&rules(&format!("\n  {others}\n  <Unknown/>"))).unwrap().unwrap();
        assert!(then.starts_with(&format!("{START}{others}<Unknown/><Rule><ID>{ID}</ID><Filter>")), "{then}");
        assert_eq!(with_rule(&then).unwrap(), None);
    }

    #[test]
    fn ours_is_repaired_in_the_form_of_the_others() {
        let wrong = format!("<Rule><ID>{ID}</ID><Filter/><Status>Disabled</Status></Rule>");
        let old = "<Rule><Prefix>x</Prefix><Status>Enabled</Status></Rule>";
        let then = with_rule(&rules(&format!("{wrong}{old}"))).unwrap().unwrap();
        assert_eq!(then.matches(ID).count(), 1);
        assert!(then.contains(&format!("{old}<Rule><ID>{ID}</ID><Prefix></Prefix><Status>Enabled")), "{then}");
    }

    #[test]
    fn what_is_no_lifecycle_configuration_is_not_written_over() {
        for wrong in ["<html></html>", "<LifecycleConfiguration><Rule>", "<LifecycleConfiguration><Rule><ID></Rule>"] {
            assert!(with_rule(wrong).is_err(), "{wrong}");
        }
        assert_eq!(split(&rules("<A/><B></B>")).unwrap().inner, ["<A/>", "<B></B>"]);
    }
}
