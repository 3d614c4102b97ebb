//! The report as `JUnit` XML, for continuous integration: a suite a folder of scenarios, a case a scenario. A difference in wording fails
//! nothing and stands in the case's output.

use super::report::{Outcome, Summary, Verdict};
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::writer::ElementWriter;
use quick_xml::writer::Writer;
use std::io;

type Xml = Writer<Vec<u8>>;

/// The report.
pub(super) fn junit(outcomes: &[Outcome]) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let folder = |one: &Outcome| folder(&one.name).0.to_owned();
    let suites = outcomes.chunk_by(|one, next| folder(one) == folder(next));
    summed(&mut xml, "testsuites", "cubby conformance", outcomes)
        .write_inner_content(|xml| suites.into_iter().try_for_each(|some| suite(xml, some)))?;
    String::from_utf8(xml.into_inner()).map_err(io::Error::other)
}

/// An element that says how many cases are in it, and how many of them failed.
fn summed<'a>(xml: &'a mut Xml, element: &'a str, name: &str, outcomes: &[Outcome]) -> ElementWriter<'a, Vec<u8>> {
    let sum = Summary::of(outcomes);
    let seconds = outcomes.iter().map(|one| one.seconds).sum::<f64>();
    let counts = [("tests", sum.scenarios), ("failures", sum.behaviour), ("skipped", sum.skipped)];
    let counts = counts.map(|(name, count)| (name, count.to_string()));
    xml.create_element(element)
        .with_attribute(("name", name))
        .with_attributes(counts.iter().map(|(name, count)| (*name, count.as_str())))
        .with_attribute(("time", format!("{seconds:.3}").as_str()))
}

/// A scenario's folder and its name in it.
fn folder(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("own", name))
}

fn suite(xml: &mut Xml, outcomes: &[Outcome]) -> io::Result<()> {
    let name = outcomes.first().map(|one| folder(&one.name).0).unwrap_or_default();
    summed(xml, "testsuite", name, outcomes)
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
