//! The report as `JUnit` XML, for continuous integration: a suite a folder of scenarios, a case a scenario. A difference in wording fails
//! nothing and stands in the case's output.

use super::report::{Outcome, Summary, Verdict};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use std::io;

type Xml = Writer<Vec<u8>>;

/// The report.
pub(super) fn junit(outcomes: &[Outcome]) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let sum = Summary::of(outcomes);
    let counts = [("tests", sum.scenarios), ("failures", sum.behaviour), ("skipped", sum.skipped)];
    let counts = counts.map(|(name, count)| (name, count.to_string()));
    let counts = counts.iter().map(|(name, count)| (*name, count.as_str()));
    xml.create_element("testsuites")
        .with_attribute(("name", "cubby conformance"))
        .with_attributes(counts)
        .write_inner_content(|xml| {
            let folder = |one: &Outcome| folder(&one.name).0.to_owned();
            outcomes.chunk_by(|one, next| folder(one) == folder(next)).try_for_each(|some| suite(xml, some))
        })?;
    String::from_utf8(xml.into_inner()).map_err(io::Error::other)
}

/// A scenario's folder and its name in it.
fn folder(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("own", name))
}

fn suite(xml: &mut Xml, outcomes: &[Outcome]) -> io::Result<()> {
    let name = outcomes.first().map(|one| folder(&one.name).0).unwrap_or_default();
    xml.create_element("testsuite")
        .with_attribute(("name", name))
        .write_inner_content(|xml| outcomes.iter().try_for_each(|one| case(xml, one)))?;
    Ok(())
}

fn case(xml: &mut Xml, outcome: &Outcome) -> io::Result<()> {
    let ((folder, name), seconds) = (folder(&outcome.name), format!("{:.3}", outcome.seconds));
    let attributes = [("classname", folder), ("name", name), ("time", &seconds)];
    xml.create_element("testcase").with_attributes(attributes).write_inner_content(|xml| {
        if let Some(why) = &outcome.skipped {
            xml.create_element("skipped").with_attribute(("message", why.as_str())).write_empty()?;
        }
        if outcome.verdict() == Verdict::Behaviour {
            let told = printable(&outcome.told(true).join("\n"));
            let failure = xml.create_element("failure").with_attribute(("message", outcome.title.as_str()));
            failure.with_attribute(("type", "behaviour")).write_text_content(BytesText::new(&told))?;
        }
        let wording = printable(&outcome.told(false).join("\n"));
        if !wording.is_empty() {
            xml.create_element("system-out").write_text_content(BytesText::new(&wording))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// XML has no control characters but these.
fn printable(text: &str) -> String {
    text.replace(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t'), "\u{fffd}")
}
