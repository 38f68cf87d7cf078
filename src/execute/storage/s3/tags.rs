//! Tags: the cluster's mark on the bucket, and those of the platform beside whatever others set.

use super::answers::{escape, parse};
use super::service::{Call, Service};
use super::setting::{Bad, Good, Subject, is_unknown, read, unreadable, write};
use crate::execute::storage::driver::Mark;
use crate::execute::storage::trouble::Trouble;
use crate::net::Answer;
use crate::render::storage::action::Tag;
use http::Method;
use serde::Deserialize;

/// The setting as a condition.
pub(super) const SUBJECT: Subject = Subject { type_: "StorageTagged", reason: "TaggingSuccessful", name: "tags" };

/// What a cluster's tag begins with; its name follows.
const CLUSTER: &str = "kubernetes.io/cluster/";
const OWNED: &str = "owned";
/// So many tags a bucket can have (Amazon S3, "Using cost allocation S3 bucket tags").
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tagging {
    #[serde(default)]
    tag_set: TagSet,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagSet {
    #[serde(rename = "Tag", default)]
    tags: Vec<Pair>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    key: String,
    #[serde(default)]
    value: String,
}

fn reading() -> Call<'static> {
    Call::new(Method::GET, &[("tagging", "")], "its tags cannot be read", "s3:GetBucketTagging")
}

/// Whose the bucket is by its tags. Tags that may not be read are none: such a bucket is never removed.
pub(super) async fn mark(service: &Service, ours: &str) -> Result<Mark, Trouble> {
    let call = reading();
    match service.send(&call).await? {
        Ok(answer) => pairs(&answer)
            .map(|pairs| whose(&pairs, ours))
            .map_err(|why| Trouble::new("AnswerUnreadable", format!("{}: {}: {why}", service.words.bucket, call.what))),
        Err(refusal) if refusal.is(&["NoSuchTagSet", "NoSuchTagSetError", "AccessDenied"]) => Ok(Mark::None),
        Err(refusal) if is_unknown(&refusal, service.is_custom) => Ok(Mark::Unsupported),
        Err(refusal) => Err(service.trouble(&call, &refusal)),
    }
}

/// Adds what is missing and repairs what is ours. What others set stays.
pub(super) async fn settle(service: &Service, wanted: &[Tag]) -> Result<Good, Bad> {
    let call = reading();
    let now = match read(service, &call, &["NoSuchTagSet", "NoSuchTagSetError"]).await? {
        Some(answer) => pairs(&answer).map_err(|why| unreadable(service, &call, &why))?,
        None => Vec::new(),
    };
    let then = merged(&now, wanted);
    let is_written = now != then;
    if is_written {
        if then.len() > MOST {
            let (bucket, many) = (&service.words.bucket, then.len());
            let message = format!(
                "{bucket}: with the tags of the cluster and the platform it would have {many}, and a bucket can have \
                 {MOST}; remove some from the bucket or from Infrastructure/cluster"
            );
            return Err(Bad::lasting(Trouble::new("TooManyTags", message)));
        }
        let call = Call::new(Method::PUT, &[("tagging", "")], "its tags cannot be set", "s3:PutBucketTagging");
        write(service, &call.with(document(&then))).await?;
    }
    Ok(Good { message: "Tags were successfully applied to the S3 bucket".to_owned(), is_written })
}

fn pairs(answer: &Answer) -> Result<Vec<Pair>, String> {
    parse(answer).map(|tagging: Tagging| tagging.tag_set.tags)
}

fn whose(pairs: &[Pair], ours: &str) -> Mark {
    let owners = || {
        let owned = pairs.iter().filter(|pair| pair.value == OWNED);
        owned.filter_map(|pair| pair.key.strip_prefix(CLUSTER)).filter(|name| !name.is_empty())
    };
    let name = ours.strip_prefix(CLUSTER).unwrap_or_default();
    if owners().any(|owner| owner == name) {
        return Mark::Ours;
    }
    owners().next().map_or(Mark::None, |owner| Mark::Others(owner.to_owned()))
}

fn merged(now: &[Pair], wanted: &[Tag]) -> Vec<Pair> {
    let mut then = now.to_vec();
    for Tag { key, value } in wanted {
        match then.iter_mut().find(|pair| pair.key == *key) {
            Some(pair) => pair.value.clone_from(value),
            None => then.push(Pair { key: key.clone(), value: value.clone() }),
        }
    }
    then
}

fn document(pairs: &[Pair]) -> String {
    let tag =
        |pair: &Pair| format!("<Tag><Key>{}</Key><Value>{}</Value></Tag>", escape(&pair.key), escape(&pair.value));
    let tags: String = pairs.iter().map(tag).collect();
    format!("<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>{tags}</TagSet></Tagging>")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Mark, Pair, Tag, Tagging, document, merged, whose};
    use crate::execute::storage::s3::answers::parse_text;

    fn pair(key: &str, value: &str) -> Pair {
        Pair { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_mark_is_ours_or_anothers_or_none() {
        let ours = "kubernetes.io/cluster/demo";
        let of = |pairs: &[Pair]| whose(pairs, ours);
        assert_eq!(of(&[]), Mark::None);
        assert_eq!(of(&[pair(ours, "shared"), pair("kubernetes.io/cluster/", "owned")]), Mark::None);
        assert_eq!(of(&[pair(ours, "owned")]), Mark::Ours);
        let other = pair("kubernetes.io/cluster/other", "owned");
        assert_eq!(of(std::slice::from_ref(&other)), Mark::Others("other".to_owned()));
        assert_eq!(of(&[other, pair(ours, "owned")]), Mark::Ours);
        assert_eq!(whose(&[pair("kubernetes.io/cluster/", "owned")], "team"), Mark::None);
    }

    #[test]
    fn tags_of_others_stay() {
        let now = [pair("theirs", " <&> "), pair("Name", "wrong"), pair("empty", "")];
        let then = merged(&now, &[Tag::new("Name", "right"), Tag::new("team", "x"), Tag::new("team", "y")]);
        assert_eq!(then, [pair("theirs", " <&> "), pair("Name", "right"), pair("empty", ""), pair("team", "y")]);
        let read: Tagging = parse_text(&document(&then)).unwrap();
        assert_eq!(read.tag_set.tags, then);
        let none: Tagging = parse_text("<Tagging><TagSet/></Tagging>").unwrap();
        assert!(none.tag_set.tags.is_empty());
    }
}
