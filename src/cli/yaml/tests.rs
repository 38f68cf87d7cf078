//! What is printed for chosen values, and that any value is read back as it was.

#![allow(clippy::unwrap_used)]

use super::document;
use proptest::prelude::*;
use serde_json::{Value, json};

fn body(value: &Value) -> String {
    document(value).strip_prefix("---\n").unwrap().to_owned()
}

#[test]
fn text_that_a_reader_could_mistake_is_quoted() {
    let ambiguous = "yes No ON off y N true False null ~ 1 -1 +1 1e3 1.5 .5 -.5 0x1F 012 0o7 0b1 1_000 12:30 1:30:00 \
        2026-01-01 2026-01-01T00:00:00Z .inf -.Inf .NaN NaN Infinity -inf 4.20 10.0.0.1 123abc 12e45 - --- ... = << ? : \
        :5000 a: %TAG @a `a` &a *a !a |a >a #a [a] {a} ,a";
    let quoted = ["", " a", "a ", "a: b", "a #b", "2026-01-01 10:00:00", "a\u{a0}b", "? a", "- a", "--- a", "1 000"];
    for text in ambiguous.split_whitespace().chain(quoted) {
        assert_eq!(body(&json!(text)), format!("\"{text}\"\n"));
        assert_eq!(body(&json!({ text: text })), format!("\"{text}\": \"{text}\"\n"));
    }
}

#[test]
fn text_that_no_reader_mistakes_is_plain() {
    for text in [
        "a",
        "/bin/sh",
        "-c",
        "--flag=1",
        "25%",
        "10m",
        "256Mi",
        "5000-tcp",
        "1000430000/10000",
        "0 0 * * *",
        "60m0s",
        "a:b",
        "http://a/b?c#d",
        ".dockerconfigjson",
        "$(VARIABLE)",
        "$1",
        "_",
        "a, b",
        "it's",
        "sha256:0a",
        "Ünïcode",
        "者",
        "registry.example.com/ocp/cli@sha256:bbbb",
        "nothing",
        "tls.crt",
    ] {
        assert_eq!(body(&json!(text)), format!("{text}\n"));
    }
}

#[test]
fn special_characters_are_escaped_and_quotes_are_not() {
    for (text, want) in [
        (r#"{"a": "b"}"#, r#"'{"a": "b"}'"#),
        (r#"{"it's"}"#, r#"'{"it''s"}'"#),
        ("a\tb", r#""a\tb""#),
        ("a\r\nb", r#""a\r\nb""#),
        ("\u{0}\u{7f}\u{85}\u{2028}\u{feff}\u{ffff}\\\"", r#""\u0000\u007F\u0085\u2028\uFEFF\uFFFF\\\"""#),
        ("\u{1f600}", "\"\u{1f600}\""),
    ] {
        assert_eq!(body(&json!(text)), format!("{want}\n"));
    }
}

#[test]
fn several_lines_are_a_literal_block_where_that_is_legal() {
    let value = json!({
        "clip": "a\n  b\n", "keep": "a\n\n\n", "strip": "a\n\n# b: c", "list": ["a\nb", ["c\nd\n"]],
        "leading": " a\nb", "blank": "a\n  \nb", "return": "a\r\nb", "empty": "\n", "tab": "a\n\tb", "inner": "a\tb\n",
    });
    let want = concat!(
        "blank: \"a\\n  \\nb\"\nclip: |\n  a\n    b\nempty: \"\\n\"\ninner: |\n  a\tb\nkeep: |+\n  a\n\n\n",
        "leading: \" a\\nb\"\nlist:\n- |-\n  a\n  b\n- - |\n    c\n    d\nreturn: \"a\\r\\nb\"\n",
        "strip: |-\n  a\n\n  # b: c\ntab: \"a\\n\\tb\"\n",
    );
    assert_eq!(body(&value), want);
}

#[test]
fn what_names_an_object_comes_first() {
    let value = json!({
        "data": {}, "kind": "Pod", "apiVersion": "v1",
        "metadata": {"annotations": {"b": "1", "a": "x"}, "finalizers": [], "namespace": "n", "name": "p", "labels": {}},
        "spec": {"containers": [{"image": "i", "name": "c", "env": [{"value": "v", "name": "E"}]}], "a": null, "b": 1.5e300},
    });
    let want = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  namespace: \"n\"\n  labels: {}\n  annotations:\n    a: x\n    \
        b: \"1\"\n  finalizers: []\ndata: {}\nspec:\n  a: null\n  b: 1.5e+300\n  containers:\n  - name: c\n    env:\n    \
        - name: E\n      value: v\n    image: i\n";
    assert_eq!(body(&value), want);
}

/// Pieces that mean something to some reader, put together at random.
fn adversarial() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "a",
            "b",
            "0",
            "1",
            " ",
            "  ",
            "\n",
            "\n\n",
            "\t",
            "\r",
            "\r\n",
            ":",
            ": ",
            "#",
            " #",
            "-",
            "- ",
            "---",
            "...",
            "?",
            "? ",
            "'",
            "\"",
            "\\",
            "|",
            ">",
            "&",
            "*",
            "!",
            "%",
            "@",
            "`",
            "[",
            "]",
            "{",
            "}",
            ",",
            "<<",
            "=",
            "~",
            ".",
            "_",
            "+",
            "e",
            "x",
            "yes",
            "null",
            "true",
            ".inf",
            "2026-01-01",
            "12:30",
            "\u{0}",
            "\u{7}",
            "\u{1b}",
            "\u{7f}",
            "\u{85}",
            "\u{a0}",
            "\u{feff}",
            "\u{2028}",
            "\u{2029}",
            "\u{200b}",
            "\u{202e}",
            "\u{e000}",
            "\u{fffe}",
            "\u{ffff}",
            "é",
            "者",
            "\u{1f600}",
            "\u{10ffff}",
            "$",
            "/",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn any_value() -> impl Strategy<Value = Value> {
    let finite = any::<f64>().prop_filter("JSON has no others", |number| number.is_finite());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        finite.prop_map(Value::from),
        adversarial().prop_map(Value::from),
        adversarial().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(adversarial(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_read_back_as_it_was(value in any_value(), next in any_value()) {
        let text = document(&value);
        prop_assert!(text.ends_with('\n'));
        let read: Value = serde_saphyr::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read, &value, "{}", text);
        let both = format!("{text}{}", document(&next));
        let read: Vec<Value> = serde_saphyr::from_multiple(&both).unwrap();
        // Documents that are null are left out by this reader.
        let want: Vec<Value> = [value, next].into_iter().filter(|value| !value.is_null()).collect();
        prop_assert_eq!(read, want, "{}", both);
    }
}
