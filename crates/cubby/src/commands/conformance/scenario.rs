//! A scenario as it stands in its file, read and checked as a whole before anything is sent. Nothing is played here;
//! conformance/README.md tells users how to write one.

use super::fill::{Variables, fill};
use super::pattern::Pattern;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// The dated states of the documentation that a server may follow.
pub(super) const PROFILES: [&str; 2] = ["2023", "2026"];

/// What a user or chat group is called in a scenario; a UserID has at most 32 bytes, and most of them make it random.
const NAME_BYTES_MAX: usize = 12;

/// Where an expectation comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Source {
    /// The vendor's documentation says so.
    Documented,
    /// The documentation is silent or contradicts itself, and this product decided so.
    Ruling(String),
}

impl TryFrom<String> for Source {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = text.strip_prefix("R-").filter(|n| n.len() == 3 && n.bytes().all(|byte| byte.is_ascii_digit()));
        match number {
            Some(_) => Ok(Self::Ruling(text)),
            None if text == "documented" => Ok(Self::Documented),
            None => Err(format!("a source is \"documented\" or a ruling such as \"R-041\", not {text:?}")),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documented => f.write_str("documented"),
            Self::Ruling(id) => write!(f, "ruling {id}"),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a scenario needs of the server, or of who plays it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Need {
    /// An edition with contact groups and standard marks.
    ContactGroups,
    /// An edition without.
    NoContactGroups,
    /// That accounts may be deleted; the vendor allows it to some applications only.
    AccountDeletion,
    /// The commands of the recent contacts.
    RecentContacts,
    /// The right to make hundreds of accounts.
    ManyAccounts,
}

impl Need {
    /// Why a scenario with this need is skipped.
    pub(super) fn unmet(self) -> &'static str {
        match self {
            Self::ContactGroups => "the application's edition has no contact groups and standard marks",
            Self::NoContactGroups => "it is about editions without contact groups, and the application's has them",
            Self::AccountDeletion => "the application may not delete accounts",
            Self::RecentContacts => "the server has no recentcontact/get_list",
            Self::ManyAccounts => "it makes hundreds of accounts: see --many-accounts",
        }
    }
}

/// A scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// The path of its file without the extension.
    #[serde(skip)]
    pub(super) name: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) needs: Vec<Need>,
    /// The profiles that it holds in; all where none is named.
    #[serde(default)]
    pub(super) profiles: Vec<String>,
    /// Users to import before and to delete after; `${anna}` is the UserID of `anna`.
    #[serde(default)]
    pub(super) users: Vec<String>,
    /// How many users more, `${crowd}0` and on.
    #[serde(default)]
    pub(super) crowd: u32,
    /// Chat groups to create before and to destroy after; `${team}` is the GroupId of `team`.
    #[serde(default)]
    pub(super) chat_groups: Vec<String>,
    /// What the steps themselves make.
    #[serde(default)]
    pub(super) remove: Remove,
    pub(super) steps: Vec<Step>,
}

/// What is to be removed at the end beside what was made before the steps.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remove {
    #[serde(default)]
    pub(super) users: Vec<String>,
    #[serde(default)]
    pub(super) chat_groups: Vec<String>,
}

/// A step.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) enum Step {
    Wait(f64),
    Call(Box<Call>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    wait_seconds: f64,
}

impl TryFrom<Value> for Step {
    type Error = serde_json::Error;

    fn try_from(value: Value) -> Result<Self, serde_json::Error> {
        if value.get("wait_seconds").is_some() {
            return serde_json::from_value(value).map(|Wait { wait_seconds }| Self::Wait(wait_seconds));
        }
        serde_json::from_value(value).map(|call| Self::Call(Box::new(call)))
    }
}

/// A call and what is expected of its reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    /// What the contract says, in words.
    pub(super) says: String,
    pub(super) source: Source,
    /// Under `/v4/`.
    #[serde(rename = "call")]
    pub(super) path: String,
    /// The body as JSON; `{}` where neither it nor `text` nor `base64` is there.
    pub(super) body: Option<Value>,
    /// The body as a text.
    pub(super) text: Option<String>,
    /// The body as bytes.
    #[serde(default, deserialize_with = "bytes")]
    pub(super) base64: Option<Vec<u8>>,
    #[serde(default = "post")]
    pub(super) method: String,
    /// Query parameters over the usual ones; null leaves one out.
    #[serde(default)]
    pub(super) query: Map<String, Value>,
    /// What follows the usual query string, as it is.
    #[serde(default)]
    pub(super) query_end: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// What the UserSig is made of where it is not the usual.
    #[serde(default)]
    pub(super) sign: Sign,
    /// The `ErrorCode`.
    #[serde(default)]
    pub(super) code: i64,
    /// The `ErrorInfo` that this product gives; another is a difference in wording.
    pub(super) info: Option<String>,
    /// A pattern of what a successful reply bears beside the envelope; the rest is not looked at where there is none.
    pub(super) expect: Option<Value>,
    /// Variables to take from the reply, each by its JSON Pointer.
    #[serde(default)]
    pub(super) save: BTreeMap<String, String>,
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map(Some).map_err(D::Error::custom)
}

fn post() -> String {
    "POST".to_owned()
}

/// What a UserSig is made of; what is left out is as usual.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sign {
    pub(super) sdkappid: Option<u64>,
    pub(super) identifier: Option<String>,
    pub(super) key: Option<String>,
    pub(super) expire: Option<i64>,
    /// Seconds from now.
    #[serde(default)]
    pub(super) made: i64,
}

/// Why a file is no scenario.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadScenario {
    #[error("{name}: {error}")]
    Form { name: String, error: serde_json::Error },
    #[error("{name}: there is no profile {profile:?}")]
    Profile { name: String, profile: String },
    #[error("{name}: {long:?} has over {NAME_BYTES_MAX} bytes")]
    Name { name: String, long: String },
    #[error("{name}, step {step}: {why}")]
    Step { name: String, step: usize, why: String },
}

impl Scenario {
    /// Reads a scenario and checks that each of its variables is given before it is used and that its patterns are patterns.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, BadScenario> {
        let form = |error| BadScenario::Form { name: name.to_owned(), error };
        let mut scenario: Self = serde_json::from_str(text).map_err(form)?;
        name.clone_into(&mut scenario.name);
        if let Some(profile) = scenario.profiles.iter().find(|one| !PROFILES.contains(&one.as_str())) {
            return Err(BadScenario::Profile { name: scenario.name, profile: profile.clone() });
        }
        if let Some(long) = scenario.users.iter().chain(&scenario.chat_groups).find(|one| one.len() > NAME_BYTES_MAX) {
            return Err(BadScenario::Name { name: scenario.name, long: long.clone() });
        }
        let mut known = scenario.variables("id", 0, "identifier", 0);
        known.set("usersig", Value::from("usersig"));
        for (n, step) in scenario.steps.iter().enumerate() {
            if let Step::Call(call) = step {
                call.check(&mut known).map_err(|why| BadScenario::Step { name: name.to_owned(), step: n + 1, why })?;
            }
        }
        Ok(scenario)
    }

    /// The scenarios that come with the product.
    pub(super) fn embedded() -> Result<Vec<Self>, BadScenario> {
        EMBEDDED.iter().map(|(name, text)| Self::read(name, text)).collect()
    }

    /// What is known before the first step.
    pub(super) fn variables(&self, id: &str, sdkappid: u64, identifier: &str, now: u64) -> Variables {
        let mut variables = Variables::default();
        variables.set("id", Value::from(id));
        variables.set("crowd", Value::from(format!("{id}-")));
        variables.set("sdkappid", Value::from(sdkappid));
        variables.set("identifier", Value::from(identifier));
        variables.set("now", Value::from(now));
        for name in self.users.iter().chain(&self.chat_groups) {
            variables.set(name, Value::from(format!("{id}-{name}")));
        }
        variables
    }
}

impl Call {
    /// A call of JSON.
    pub(super) fn plain(path: &str, says: &str, body: Value) -> Self {
        Self {
            says: says.to_owned(),
            source: Source::Documented,
            path: path.to_owned(),
            body: Some(body),
            text: None,
            base64: None,
            method: post(),
            query: Map::new(),
            query_end: String::new(),
            headers: BTreeMap::new(),
            sign: Sign::default(),
            code: 0,
            info: None,
            expect: None,
            save: BTreeMap::new(),
        }
    }

    fn check(&self, known: &mut Variables) -> Result<(), String> {
        if [self.body.is_some(), self.text.is_some(), self.base64.is_some()].into_iter().filter(|is| *is).count() > 1 {
            return Err("it has more than one of body, text and base64".to_owned());
        }
        if self.code != 0 && self.expect.is_some() {
            return Err("a failed reply has no members to expect".to_owned());
        }
        let texts = [&self.path, &self.query_end].into_iter().chain(&self.text).chain(&self.info);
        let texts =
            texts.chain(self.headers.values()).chain(&self.sign.identifier).map(|one| Value::from(one.as_str()));
        for value in texts.chain(self.body.clone()).chain(self.query.values().cloned()) {
            fill(&value, known).map_err(|why| why.to_string())?;
        }
        if let Some(expect) = &self.expect {
            let filled = fill(expect, known).map_err(|why| why.to_string())?;
            Pattern::read(&filled).map_err(|why| why.to_string())?;
        }
        for name in self.save.keys() {
            known.set(name, Value::from(0));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cubby_protocol::explain::{Recorded, as_scenario};
    use std::collections::BTreeSet;

    fn rulings(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|one| rulings(one, found)),
            Value::Object(members) => {
                let named = ["source", "$source"].iter().filter_map(|name| members.get(*name)?.as_str());
                found.extend(named.filter(|one| one.starts_with("R-")).map(str::to_owned));
                members.values().for_each(|one| rulings(one, found));
            }
            _ => {}
        }
    }

    #[test]
    fn every_scenario_can_be_read_and_names_rulings_that_there_are() {
        assert!(Scenario::embedded().unwrap().len() > 20);
        let paper = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
        let paper = std::fs::read_to_string(paper).unwrap();
        let mut named = BTreeSet::new();
        for (_, text) in EMBEDDED {
            rulings(&serde_json::from_str(text).unwrap(), &mut named);
        }
        assert!(named.len() > 20, "{named:?}");
        let unknown: Vec<_> = named.iter().filter(|id| !paper.contains(&format!("| {id} |"))).collect();
        assert!(unknown.is_empty(), "docs/compatibility.md has no {unknown:?}");
    }

    #[test]
    fn every_command_is_in_a_scenario() {
        let scenarios = Scenario::embedded().unwrap();
        let steps = scenarios.iter().flat_map(|one| &one.steps);
        let called: BTreeSet<&str> = steps
            .filter_map(|step| if let Step::Call(call) = step { Some(call.path.as_str()) } else { None })
            .collect();
        let missing = cubby_server::v4::COMMANDS.iter().filter(|meta| !called.contains(meta.path));
        assert_eq!(missing.map(|meta| meta.path).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn every_recorded_call_can_be_written_as_a_scenario() {
        let query = "sdkappid=7&identifier=administrator&usersig=***";
        let bodies: [&[u8]; 9] = [
            b"{}",
            b"[]",
            b"\xff\0",
            br#"{"From_Account":"${anna}","a":"$string"}"#,
            br#"{"a":1.0,"a":1e0}"#,
            br#"{"$times":2}"#,
            br#"{"From_Account":"administrator","To_Account":["a","$text"],"GroupIdList":["g"],"x":"$any"}"#,
            "\u{feff}{}".as_bytes(),
            b"",
        ];
        let replies = [
            r#"{"ErrorCode":0,"To_Account":"a","Timestamp":1700000000,"b":["$x","${y}",{"$z":1}]}"#,
            r#"{"ErrorCode":50001,"ErrorInfo":"From_Account: the account \"a\" is not imported"}"#,
            "no reply",
        ];
        for (body, reply) in bodies.into_iter().flat_map(|body| replies.map(|reply| (body, reply))) {
            let path = "/v4/recentcontact/mark_contact";
            let call = Recorded { method: "POST", path, query, body, reply: reply.as_bytes() };
            let text = as_scenario("recorded ${x}", &[call, call]);
            let scenario = Scenario::read("recorded", &text).unwrap_or_else(|why| panic!("{why}: {text}"));
            assert_eq!(scenario.steps.len(), 2);
        }
    }

    #[test]
    fn what_is_wrong_in_a_file_is_said_before_anything_is_sent() {
        let step = |more: &str| {
            format!(r#"{{"title": "t", "steps": [{{"says": "s", "source": "R-041", "call": "a/b"{more}}}]}}"#)
        };
        let why = |text: &str| Scenario::read("name", text).unwrap_err().to_string();
        assert!(Scenario::read("name", &step("")).is_ok());
        for (more, words) in [
            (r#", "bodi": {}"#, "bodi"),
            (r#", "body": "${anna}""#, "anna"),
            (r#", "body": {}, "text": """#, "more than one"),
            (r#", "base64": "?""#, "symbol"),
            (r#", "expect": {"a": "$sting"}"#, "$sting"),
            (r#", "expect": {"a": {"$source": "R-1", "is": 1}}"#, "R-1"),
            (r#", "code": 1, "expect": {}"#, "no members"),
        ] {
            assert!(why(&step(more)).contains(words), "{}", why(&step(more)));
        }
        assert!(why(r#"{"title": "t", "steps": [], "needs": ["luck"]}"#).contains("luck"));
        assert!(why(r#"{"title": "t", "steps": [], "profiles": ["2024"]}"#).contains("2024"));
        assert!(why("{").contains("name: "));
    }
}
