//! Taking over objects that the reference wrote.
//!
//! The reference writes whole objects, so that its field manager owns them under `Update`. Applying over that would
//! leave behind every field that it wrote and that is not rendered. Its entry in managedFields is therefore made
//! ours first; the apply that follows then removes what is not rendered. Values do not change on the way, so nothing
//! restarts. (The same method as client-go's `csaupgrade`.)

use super::live::{DEFAULTS, MANAGER, REFERENCE, whole};
use super::ownership;
use super::request::{Api, Error, Patch, Target};
use crate::render::ObjectId;
use serde_json::{Map, Value, json};

/// How often an object is read again that has changed meanwhile.
const ATTEMPTS: u32 = 10;

/// Makes the reference's fields ours, in the object itself or in a subresource. Gives the object as it is after
/// that; none if there is nothing to take over.
///
/// # Errors
/// The API server's; that the object keeps changing meanwhile is one.
pub async fn take_over(api: &Api, id: &ObjectId, subresource: &str) -> Result<Option<Value>, Error> {
    let path = whole(&id.kind).filter(|_| subresource.is_empty());
    rewrite(api, id, |entries, api_version| {
        let adopted = adopt(entries, api_version, subresource);
        let whole = path.and_then(|path| adopt_whole(adopted.as_deref().unwrap_or(entries), api_version, path));
        whole.or(adopted)
    })
    .await
}

/// Makes what the reference wrote at one field of Config's spec, or the operator when it created Config, a derived value
/// that it may change later.
///
/// # Errors
/// The API server's; that the object keeps changing meanwhile is one.
pub async fn take_over_field(api: &Api, id: &ObjectId, field: &str) -> Result<Option<Value>, Error> {
    rewrite(api, id, |entries, api_version| adopt_field(entries, api_version, field)).await
}

async fn rewrite(
    api: &Api,
    id: &ObjectId,
    adopt: impl Fn(&[Value], &str) -> Option<Vec<Value>>,
) -> Result<Option<Value>, Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match rewrite_once(api, id, &adopt).await {
            // Controllers write the status of a workload many times in a row.
            Err(Error::Refused(refusal)) if refusal.code == 409 && attempts < ATTEMPTS => {}
            other => return other,
        }
    }
}

async fn rewrite_once(
    api: &Api,
    id: &ObjectId,
    adopt: &impl Fn(&[Value], &str) -> Option<Vec<Value>>,
) -> Result<Option<Value>, Error> {
    let Some(live) = api.get(id).await? else { return Ok(None) };
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(entries) = adopt(&entries, &id.api_version) else { return Ok(None) };
    let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
    let patch = json!([
        { "op": "replace", "path": "/metadata/managedFields", "value": entries },
        // A version that is not the current one makes the API server refuse.
        { "op": "replace", "path": "/metadata/resourceVersion", "value": version },
    ]);
    let target = Target { id, subresource: None, manager: MANAGER, dry_run: false };
    api.patch(&target, Patch::Json, &patch).await.map(Some)
}

/// The entries with the reference's for a subresource merged into ours, and what else the operator wrote without
/// applying; none if there is neither.
fn adopt(entries: &[Value], api_version: &str, subresource: &str) -> Option<Vec<Value>> {
    let is_of = |entry: &Value| entry_text(entry, "subresource") == subresource;
    let is_to_be = |entry: &Value| {
        let manager = entry_text(entry, "manager");
        REFERENCE.contains(&manager) || manager == MANAGER && entry_text(entry, "operation") != "Apply"
    };
    let (theirs, mut kept): (Vec<&Value>, Vec<&Value>) =
        entries.iter().partition(|entry| is_of(entry) && is_to_be(entry));
    if theirs.is_empty() {
        return None;
    }
    let is_ours = |entry: &&Value| {
        is_of(entry) && entry_text(entry, "manager") == MANAGER && entry_text(entry, "operation") == "Apply"
    };
    let mut ours = kept.iter().find(|entry| is_ours(entry)).map_or_else(
        || new_entry(MANAGER, api_version, subresource, theirs.first().copied()),
        |entry| (*entry).clone(),
    );
    kept.retain(|entry| !is_ours(entry));
    for entry in theirs {
        ownership::merge(&mut ours["fieldsV1"], &entry["fieldsV1"]);
    }
    Some(kept.into_iter().cloned().chain([ours]).collect())
}

/// The entries with everybody's part in what a path points to moved to ours; none if nobody else has one.
fn adopt_whole(entries: &[Value], api_version: &str, path: &[&str]) -> Option<Vec<Value>> {
    let is_ours = |entry: &Value| entry_text(entry, "manager") == MANAGER && entry_text(entry, "operation") == "Apply";
    let mut entries = entries.to_vec();
    let mut moved = json!({});
    let mut template = None;
    for entry in entries.iter_mut().filter(|entry| !is_ours(entry) && entry_text(entry, "subresource").is_empty()) {
        if let Some(part) = entry.get_mut("fieldsV1").and_then(|fields| take(fields, path)) {
            ownership::merge(&mut moved, &path.iter().rev().fold(part, |part, name| json!({ *name: part })));
            template = Some(entry.clone());
        }
    }
    let template = template?;
    entries.retain(|entry| entry["fieldsV1"].as_object().is_none_or(|fields| !fields.is_empty()));
    let is_ours = |entry: &Value| is_ours(entry) && entry_text(entry, "subresource").is_empty();
    if !entries.iter().any(is_ours) {
        entries.push(new_entry(MANAGER, api_version, "", Some(&template)));
    }
    let ours = entries.iter_mut().find(|entry| is_ours(entry))?;
    ownership::merge(&mut ours["fieldsV1"], &moved);
    Some(entries)
}

/// Removes what a path points to, and what is empty without it.
fn take(fields: &mut Value, path: &[&str]) -> Option<Value> {
    let (name, rest) = path.split_first()?;
    let fields = fields.as_object_mut()?;
    if rest.is_empty() {
        return fields.remove(*name);
    }
    let inner = fields.get_mut(*name)?;
    let taken = take(inner, rest)?;
    if inner.as_object().is_some_and(Map::is_empty) {
        fields.remove(*name);
    }
    Some(taken)
}

/// The entries with one field of spec moved from the reference's to that of derived values.
fn adopt_field(entries: &[Value], api_version: &str, field: &str) -> Option<Vec<Value>> {
    let path = format!("f:{field}");
    let mut entries = entries.to_vec();
    let mut moved: Option<Value> = None;
    let mut template = None;
    for entry in &mut entries {
        let manager = entry_text(entry, "manager");
        // What was created by a POST is nobody's by apply, not even ours.
        let is_theirs =
            REFERENCE.contains(&manager) || (manager == DEFAULTS && entry_text(entry, "operation") != "Apply");
        if !is_theirs || !entry_text(entry, "subresource").is_empty() {
            continue;
        }
        template = Some(entry.clone());
        let spec = entry.pointer_mut("/fieldsV1/f:spec").and_then(Value::as_object_mut);
        if let Some(fields) = spec.and_then(|spec| spec.remove(&path)) {
            ownership::merge(moved.get_or_insert_with(|| json!({})), &fields);
        }
    }
    let moved = moved?;
    let is_ours = |entry: &Value| entry_text(entry, "manager") == DEFAULTS && entry_text(entry, "operation") == "Apply";
    if !entries.iter().any(is_ours) {
        entries.push(new_entry(DEFAULTS, api_version, "", template.as_ref()));
    }
    let ours = entries.iter_mut().find(|entry| is_ours(entry))?;
    let mut spec = Map::new();
    spec.insert(path, moved);
    ownership::merge(&mut ours["fieldsV1"], &json!({ "f:spec": spec }));
    Some(entries)
}

fn new_entry(manager: &str, api_version: &str, subresource: &str, template: Option<&Value>) -> Value {
    let mut entry = json!({
        "manager": manager,
        "operation": "Apply",
        "apiVersion": api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": {},
    });
    // The server sets the time of every entry that changes; one without any would stay without.
    if let Some(time) = template.and_then(|template| template.get("time")) {
        entry["time"] = time.clone();
    }
    if !subresource.is_empty() {
        entry["subresource"] = subresource.into();
    }
    entry
}

fn entry_text<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, subresource: &str, fields: Value) -> Value {
        json!({ "manager": manager, "operation": operation, "apiVersion": "v1", "subresource": subresource,
            "fieldsType": "FieldsV1", "fieldsV1": fields, "time": "2026-01-01T00:00:00Z" })
    }

    #[test]
    fn the_references_fields_become_ours_and_nobody_elses() {
        let theirs = entry(REFERENCE[0], "Update", "", json!({ "f:data": { "f:a": {} } }));
        let status = entry(REFERENCE[0], "Update", "status", json!({ "f:status": {} }));
        let users = entry("kubectl-edit", "Update", "", json!({ "f:data": { "f:b": {} } }));
        let adopted = adopt(&[theirs.clone(), status.clone(), users.clone()], "v1", "").unwrap();
        assert_eq!(adopted.len(), 3);
        assert_eq!(adopted[..2], [status, users.clone()]);
        assert_eq!((entry_text(&adopted[2], "manager"), entry_text(&adopted[2], "operation")), (MANAGER, "Apply"));
        assert_eq!(adopted[2]["fieldsV1"], theirs["fieldsV1"]);
        assert_eq!(adopt(&[users], "v1", ""), None);
    }

    #[test]
    fn additions_to_a_spec_become_ours_and_the_rest_stays() {
        let ours = entry(MANAGER, "Apply", "", json!({ "f:spec": { "f:a": {} } }));
        let labels = json!({ "f:metadata": { "f:labels": { "f:x": {} } } });
        let mut both = labels.clone();
        both["f:spec"] = json!({ "f:b": {} });
        let users = entry("kubectl-edit", "Update", "", both);
        let others = entry("kubectl-patch", "Update", "", json!({ "f:spec": { "f:c": {} } }));
        let scaled = entry("hpa", "Update", "scale", json!({ "f:spec": { "f:replicas": {} } }));
        let adopted = adopt_whole(&[ours.clone(), users, others, scaled.clone()], "v1", &["f:spec"]).unwrap();
        assert_eq!(adopted[0]["fieldsV1"], json!({ "f:spec": { "f:a": {}, "f:b": {}, "f:c": {} } }));
        assert_eq!(adopted[1]["fieldsV1"], labels);
        assert_eq!(adopted[2], scaled);
        assert_eq!(adopt_whole(&[ours, scaled], "v1", &["f:spec"]), None);
    }

    #[test]
    fn one_field_moves_to_the_derived_values() {
        let fields = json!({ "f:spec": { "f:observedConfig": { "f:x": {} }, "f:replicas": {} } });
        let adopted = adopt_field(&[entry(REFERENCE[0], "Update", "", fields)], "v1", "observedConfig").unwrap();
        assert_eq!(adopted[0]["fieldsV1"], json!({ "f:spec": { "f:replicas": {} } }));
        assert_eq!(adopted[1]["fieldsV1"], json!({ "f:spec": { "f:observedConfig": { "f:x": {} } } }));
    }
}
