//! What came out of a test.

use super::spec::Lifecycle;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// The result of one test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The test's name.
    pub name: String,
    /// Whether its failure counts.
    pub lifecycle: Lifecycle,
    /// How long it took, in milliseconds.
    pub duration: i64,
    /// When it began.
    #[serde(serialize_with = "time")]
    pub start_time: Timestamp,
    /// When it ended.
    #[serde(serialize_with = "time")]
    pub end_time: Timestamp,
    /// How it ended.
    pub result: Verdict,
    /// What it did and saw, line by line.
    pub output: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything was as it should be.
    Passed,
    /// The cluster is none that it could be run on.
    Skipped,
    /// Something was not.
    Failed,
}

/// A word about a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// What it is about.
    pub name: &'static str,
    /// The word.
    pub value: String,
}

/// The form that upstream's pkg/dbtime reads.
fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.strftime("%Y-%m-%d %H:%M:%S.%6f UTC"))
}

#[cfg(test)]
mod tests {
    use super::{Lifecycle, Outcome, Verdict};
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn times_are_those_that_databases_import() {
        let start_time: Timestamp = "2026-06-12T08:00:10.5Z".parse().unwrap();
        let outcome = Outcome {
            name: "a".to_owned(),
            lifecycle: Lifecycle::Blocking,
            duration: 1,
            start_time,
            end_time: start_time,
            result: Verdict::Passed,
            output: String::new(),
            error: String::new(),
            details: Vec::new(),
        };
        let time = "2026-06-12 08:00:10.500000 UTC";
        let wanted = json!({
            "name": "a", "lifecycle": "blocking", "duration": 1, "startTime": time, "endTime": time,
            "result": "passed", "output": "",
        });
        assert_eq!(serde_json::to_value(&outcome).unwrap(), wanted);
    }
}
