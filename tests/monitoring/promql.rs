//! Which metrics, with which labels, an expression asks for.

use regex_lite::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// Words of the language that are no functions.
const WORDS: [&str; 10] = ["and", "or", "unless", "by", "without", "on", "ignoring", "offset", "bool", "group_left"];

/// The metrics in an expression, each with the labels by which it is selected.
pub fn metrics_in(expression: &str) -> BTreeMap<String, BTreeSet<String>> {
    let grouping = Regex::new(r"\b(by|without|on|ignoring|group_left)\s*\([^)]*\)").unwrap();
    let expression = grouping.replace_all(expression, " ");
    let string = Regex::new(r#""[^"]*""#).unwrap();
    let expression = string.replace_all(&expression, "''");
    let range = Regex::new(r"\[[^\]]*\]").unwrap();
    let expression = range.replace_all(&expression, "");
    let number = Regex::new(r"\b[0-9][a-z0-9.]*").unwrap();
    let expression = number.replace_all(&expression, "");
    let selector = Regex::new(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\(|\{([^}]*)\})?").unwrap();
    let label = Regex::new(r"(\w+)\s*(=~|!=|!~|=)").unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in selector.captures_iter(&expression) {
        let name = &part[1];
        if part.get(2).is_some_and(|next| next.as_str() == "(") || WORDS.contains(&name) {
            continue;
        }
        let matchers = part.get(3).map(|matchers| matchers.as_str()).unwrap_or_default();
        let labels = label.captures_iter(matchers).map(|label| label[1].to_owned());
        found.entry(name.to_owned()).or_default().extend(labels);
    }
    found
}

#[test]
fn metrics_are_found_wherever_they_stand() {
    let expression = r#"1 - sum by (pod, le) (rate(a_total{code=~"5..", x!="b_total{}"}[5m])) / on (c) group_left (d)
        e:f:sum unless on () max(g) > 900 and a_total{method="get"} offset 5m"#;
    let found = metrics_in(expression);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a_total", "e:f:sum", "g"]);
    assert_eq!(found["a_total"].iter().collect::<Vec<_>>(), ["code", "method", "x"]);
}
