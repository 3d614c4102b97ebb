//! What came of the scenarios, told to people and as JSON. How it came about is not known here.

use super::pattern::Difference;
use super::scenario::{Scenario, Source};
use serde::Serialize;
use serde_json::{Value, json};

/// Of a value that differs so much is shown to people; the JSON report has the whole.
const SHOWN_LETTERS: usize = 600;
/// A longer body is no use on a command line.
const BODY_LETTERS: usize = 8000;

/// A request as it can be sent again.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    pub(super) method: String,
    /// With `$USERSIG` where the UserSig stood.
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Sent {
    pub(super) fn of(method: &str, url: String, headers: &[(String, String)], body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body).into_owned();
        Self { method: method.to_owned(), url, headers: headers.to_vec(), body }
    }

    /// As a command line.
    fn curl(&self) -> String {
        let quoted = |text: &str| text.replace('\'', r"'\''");
        let method = if self.method == "POST" { String::new() } else { format!(" -X {}", self.method) };
        let headers = self.headers.iter().map(|(name, value)| format!(" -H '{}: {}'", quoted(name), quoted(value)));
        let (headers, body) = (headers.collect::<String>(), shortened(&self.body, BODY_LETTERS));
        // The URL has no character but those of URLs, and $USERSIG is the shell's to fill in.
        format!("curl -sS{method}{headers} \"{}\" -d '{}'", self.url, quoted(&body))
    }
}

/// A call whose reply is not as it is expected.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// Counted from 1; 0 is what was done before the steps.
    pub(super) step: usize,
    pub(super) says: String,
    pub(super) differences: Vec<Difference>,
    pub(super) sent: Sent,
    pub(super) reply: String,
}

/// What came of a scenario.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) name: String,
    pub(super) title: String,
    /// Why it was not played.
    pub(super) skipped: Option<String>,
    pub(super) found: Vec<Found>,
    /// Steps that could not be played since an earlier reply did not give what they need.
    pub(super) unplayed: Vec<String>,
    pub(super) left_behind: Vec<String>,
    pub(super) calls: usize,
    pub(super) seconds: f64,
}

/// What came of a scenario, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Pass,
    Behaviour,
    Wording,
    Skipped,
}

impl Outcome {
    pub(super) fn of(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            skipped: None,
            found: Vec::new(),
            unplayed: Vec::new(),
            left_behind: Vec::new(),
            calls: 0,
            seconds: 0.0,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let all: Vec<&Difference> = self.differences().collect();
        if self.skipped.is_some() {
            Verdict::Skipped
        } else if all.iter().any(|one| one.kind.is_behaviour()) || !self.unplayed.is_empty() {
            Verdict::Behaviour
        } else if all.is_empty() {
            Verdict::Pass
        } else {
            Verdict::Wording
        }
    }

    pub(super) fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.found.iter().flat_map(|found| &found.differences)
    }

    /// The differences for people, those in behaviour or those in wording, a line each; calls without any are not named.
    pub(super) fn told(&self, behaviour: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for found in &self.found {
            let these = found.differences.iter().filter(|one| one.kind.is_behaviour() == behaviour);
            let these: Vec<String> = these.map(|one| format!("    {}", line(one))).collect();
            if these.is_empty() {
                continue;
            }
            lines.push(format!("  step {}: {}", found.step, found.says));
            lines.extend(these);
            if behaviour {
                lines.push(format!("    {}", found.sent.curl()));
                lines.push(format!("    answered: {}", shortened(&found.reply, SHOWN_LETTERS)));
            }
        }
        if behaviour {
            lines.extend(self.unplayed.iter().map(|one| format!("  not played: {one}")));
        }
        lines
    }

    fn json(&self) -> Value {
        let class = |one: &Difference| if one.kind.is_behaviour() { "behaviour" } else { "wording" };
        let difference = |one: &Difference| {
            json!({"class": class(one), "kind": one.kind, "source": one.source, "path": one.path,
                "expected": one.expected, "got": one.got})
        };
        let found = |found: &Found| {
            json!({"step": found.step, "says": found.says, "request": found.sent, "reply": found.reply,
                "differences": found.differences.iter().map(difference).collect::<Vec<_>>()})
        };
        json!({"name": self.name, "title": self.title, "verdict": self.verdict(), "skipped": self.skipped,
            "found": self.found.iter().map(found).collect::<Vec<_>>(), "unplayed": self.unplayed,
            "left_behind": self.left_behind, "calls": self.calls, "seconds": self.seconds})
    }
}

fn line(one: &Difference) -> String {
    let class = if one.kind.is_behaviour() { "behaviour" } else { "wording" };
    let at = if one.path.is_empty() { String::new() } else { format!(" at {}", one.path) };
    let got = if one.got.is_null() { "nothing".to_owned() } else { shortened(&one.got.to_string(), SHOWN_LETTERS) };
    let (kind, expected) = (one.kind.as_str(), shortened(&one.expected, SHOWN_LETTERS));
    format!("{class}, {kind}{at} ({}): expected {expected}, got {got}", one.source)
}

fn shortened(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How many scenarios came out how.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    pub(super) scenarios: usize,
    pub(super) pass: usize,
    pub(super) behaviour: usize,
    pub(super) wording: usize,
    pub(super) skipped: usize,
    /// Differences in behaviour, in what is documented.
    pub(super) documented: usize,
    /// Differences in behaviour, in what is but a ruling of this product.
    pub(super) rulings: usize,
}

impl Summary {
    pub(super) fn of(outcomes: &[Outcome]) -> Self {
        let count = |verdict| outcomes.iter().filter(|one| one.verdict() == verdict).count();
        let differing = || outcomes.iter().flat_map(Outcome::differences).filter(|one| one.kind.is_behaviour());
        let documented = differing().filter(|one| one.source == Source::Documented).count();
        Self {
            scenarios: outcomes.len(),
            pass: count(Verdict::Pass),
            behaviour: count(Verdict::Behaviour),
            wording: count(Verdict::Wording),
            skipped: count(Verdict::Skipped),
            documented,
            rulings: differing().count() - documented,
        }
    }
}

/// The report for people.
pub(super) fn text(outcomes: &[Outcome]) -> String {
    let mut lines = Vec::new();
    for one in outcomes {
        let word = match one.verdict() {
            Verdict::Pass => "pass",
            Verdict::Behaviour => "DIFFERS",
            Verdict::Wording => "wording",
            Verdict::Skipped => "skipped",
        };
        let why = one.skipped.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        lines.push(format!("{word:8} {}: {}{why}", one.name, one.title));
        lines.extend(one.told(true));
        lines.extend(one.told(false));
    }
    lines.push(String::new());
    let left: Vec<&str> = outcomes.iter().flat_map(|one| &one.left_behind).map(String::as_str).collect();
    if !left.is_empty() {
        lines.push(format!(
            "Left behind, since the server would not remove it: {}",
            shortened(&left.join(", "), SHOWN_LETTERS)
        ));
    }
    let sum = Summary::of(outcomes);
    lines.push(format!(
        "{} scenarios: {} passed, {} differ in behaviour, {} in wording only, {} skipped",
        sum.scenarios, sum.pass, sum.behaviour, sum.wording, sum.skipped
    ));
    if sum.behaviour > 0 {
        let (documented, rulings) = (sum.documented, sum.rulings);
        lines.push(format!(
            "Differences in behaviour: {documented} in what is documented, {rulings} in rulings of this product. \
             To repeat a call: USERSIG=$(cubby usersig make …)"
        ));
    }
    lines.join("\n")
}

/// The report for programs.
pub(super) fn json(outcomes: &[Outcome], profile: &str) -> String {
    let scenarios: Vec<Value> = outcomes.iter().map(Outcome::json).collect();
    let report = json!({"cubby": env!("CARGO_PKG_VERSION"), "profile": profile, "summary": Summary::of(outcomes),
        "scenarios": scenarios});
    format!("{report:#}")
}
