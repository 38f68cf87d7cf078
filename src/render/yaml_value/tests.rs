//! Against what Go's yaml.v2 v2.4.0 wrote.

use super::{boolean, cloudfront, integer, string};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    #[serde(rename = "in")]
    input: String,
    out: String,
}

#[test]
fn strings_are_those_of_yaml_v2() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../../tests/data/yaml_v2.json")).unwrap();
    assert!(vectors.len() > 200);
    for Vector { input, out } in vectors {
        assert_eq!(string(&input), out, "{input:?}");
    }
}

#[test]
fn other_scalars_are_plain() {
    assert_eq!(boolean(true), "true");
    assert_eq!(boolean(false), "false");
    assert_eq!(integer(-12), "-12");
}

#[test]
fn cloudfront_is_a_list_of_one() {
    let long = format!("{} {}", "k".repeat(70), "z".repeat(9));
    let expected = format!(
        "- name: cloudfront\n  options:\n    baseurl: https://d.example.com/\n    \
         privatekey: |2-\n       a\n      b\n    keypairid: {}\n      {}\n    \
         duration: 20m0s\n    ipfilteredby: \"\"",
        "k".repeat(70),
        "z".repeat(9)
    );
    assert_eq!(cloudfront("https://d.example.com/", " a\nb", &long, "20m0s", ""), expected);
}
