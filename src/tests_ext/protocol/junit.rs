//! Results as JUnit XML.

use super::outcome::{Outcome, Verdict};
use quick_xml::escape::escape;

/// The document of a suite's results.
pub fn junit(suite: &str, outcomes: &[Outcome]) -> String {
    let count = |verdict| outcomes.iter().filter(|outcome| outcome.result == verdict).count();
    let milliseconds: i64 = outcomes.iter().map(|outcome| outcome.duration).sum();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"{}\" tests=\"{}\" skipped=\"{}\" failures=\"{}\" time=\"{}\">\n",
        text(suite),
        outcomes.len(),
        count(Verdict::Skipped),
        count(Verdict::Failed),
        seconds(milliseconds),
    );
    for outcome in outcomes {
        xml.push_str(&case(outcome));
    }
    xml.push_str("</testsuite>\n");
    xml
}

fn case(outcome: &Outcome) -> String {
    let Outcome { name, duration, output, error, result, .. } = outcome;
    let inner = match result {
        Verdict::Passed => String::new(),
        Verdict::Skipped => {
            let reasons: Vec<&str> = outcome.details.iter().map(|detail| detail.value.as_str()).collect();
            format!("        <skipped message=\"{}\"/>\n", text(&reasons.join("\n")))
        }
        Verdict::Failed => format!("        <failure message=\"{0}\">{0}</failure>\n", text(error)),
    };
    let name = text(name);
    let (time, output) = (seconds(*duration), text(output));
    format!(
        "    <testcase name=\"{name}\" time=\"{time}\">\n{inner}        <system-out>{output}</system-out>\n    </testcase>\n"
    )
}

fn seconds(milliseconds: i64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// Escaped, without the characters that XML has no form for.
fn text(text: &str) -> String {
    let is_of_xml = |character: &char| !character.is_control() || matches!(character, '\n' | '\t');
    escape(text.chars().filter(is_of_xml).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::junit;
    use crate::tests_ext::protocol::{Detail, Lifecycle, Outcome, Verdict};
    use jiff::Timestamp;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    fn outcome(result: Verdict, word: &str) -> Outcome {
        let failed = result == Verdict::Failed;
        Outcome {
            name: format!("a \"{result:?}\" <test> & more"),
            lifecycle: Lifecycle::Blocking,
            duration: 1250,
            start_time: Timestamp::UNIX_EPOCH,
            end_time: Timestamp::UNIX_EPOCH,
            result,
            output: "one\n\u{1b}[31mtwo\n".to_owned(),
            error: if failed { word.to_owned() } else { String::new() },
            details: vec![Detail { name: "skip", value: word.to_owned() }],
        }
    }

    #[test]
    fn every_result_is_a_case_of_well_formed_xml() {
        let outcomes = [Verdict::Passed, Verdict::Skipped, Verdict::Failed].map(|result| outcome(result, "a < b"));
        let xml = junit("openshift/suite", &outcomes);
        assert!(xml.contains(r#"<testsuite name="openshift/suite" tests="3" skipped="1" failures="1" time="3.750">"#));
        assert!(xml.contains(r#"<failure message="a &lt; b">"#), "{xml}");
        let mut reader = Reader::from_str(&xml);
        let mut names = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    names.push(tag.name().as_ref().to_owned());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(names.iter().filter(|name| *name == "testcase").count(), 3);
        assert_eq!(names.iter().filter(|name| *name == "skipped").count(), 1);
    }
}
