//! Looking once, without a watch.

use super::targets::Target;
use super::watch::News;
use crate::execute::Live;
use crate::execute::request::{Api, Error};
use crate::execute::resource::Resource;
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::sync::mpsc::UnboundedSender;

/// Objects in one page of a list.
const PAGE: usize = 50;

/// One GET for one object, a list in pages for several. A kind that is not served is no error.
///
/// # Errors
/// The API server's.
pub async fn look(api: &Api, target: &Target, news: &UnboundedSender<News>) -> Result<(), Error> {
    let scope = &target.scope;
    // The receiver is the caller's own.
    let tell = |event| drop(news.send(event));
    let result = match &scope.name {
        Some(name) => one(api, target, name, &tell).await,
        None => several(api, target, &tell).await.map(|_| ()),
    };
    match result {
        Err(Error::Refused(refusal)) if refusal.is_missing_kind() => {
            tell(News::NotServed(scope.clone()));
            Ok(())
        }
        other => other,
    }
}

async fn one(api: &Api, target: &Target, name: &str, tell: &impl Fn(News)) -> Result<(), Error> {
    let scope = &target.scope;
    let Some(resource) = Resource::named(scope.kind) else { return Err(Error::UnknownKind(scope.kind.to_owned())) };
    let id = resource.id(&scope.namespace, name);
    let object: Option<Value> = match api.read(&resource.url(&id)).await {
        Ok(object) => Some(object),
        Err(Error::Refused(refusal)) if refusal.is_absence() && !refusal.is_missing_kind() => None,
        Err(error) => return Err(error),
    };
    let live = object.and_then(Live::new);
    let told: BTreeSet<_> = live.iter().map(|live| live.id().clone()).collect();
    // Of an object that is not there, whatever was known before is old.
    let version = live.as_ref().map_or(u64::MAX, Live::version);
    if let Some(live) = live {
        tell(News::Put(live));
    }
    tell(News::Complete(scope.clone(), told, version));
    Ok(())
}

/// All objects of the target, in pages; gives the version of the list.
///
/// # Errors
/// The API server's; that the kind is not served is one.
pub async fn several(api: &Api, target: &Target, tell: &impl Fn(News)) -> Result<String, Error> {
    let scope = &target.scope;
    let (Some(base), Some(resource)) = (target.url(), Resource::named(scope.kind)) else {
        return Err(Error::UnknownKind(scope.kind.to_owned()));
    };
    let page = if target.at_most == 0 { PAGE } else { target.at_most };
    let mut told = BTreeSet::new();
    let mut next = String::new();
    loop {
        let mut answer: Value = api.read(&format!("{base}limit={page}&continue={next}")).await?;
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (version, following) = (text("/metadata/resourceVersion"), text("/metadata/continue"));
        let items = answer.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
        for mut item in items.into_iter().flatten() {
            // Items of a list do not say of what kind they are.
            item["apiVersion"] = resource.api_version.into();
            item["kind"] = resource.kind.into();
            if let Some(live) = Live::new(item) {
                told.insert(live.id().clone());
                tell(News::Put(live));
            }
        }
        if following.is_empty() || target.at_most > 0 {
            let number = version.parse().unwrap_or(0);
            tell(News::Complete(scope.clone(), told, number));
            return Ok(version);
        }
        next = following;
    }
}
