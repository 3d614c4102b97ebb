//! Plays a scenario: makes its users and chat groups, sends its calls, compares the replies, and removes what was made. Which differences
//! there are is the pattern's; how they are told is the report's.

use super::client::{Client, ClientError, Reply, Request, Signed};
use super::fill::{Unfilled, Variables, fill};
use super::pattern::{Difference, Kind, Pattern, differences};
use super::report::{Found, Outcome, Sent, Verdict};
use super::scenario::{Call, Need, Scenario, Source, Step};
use serde_json::{Map, Value, json};
use std::time::Duration;

const IMPORT: &str = "im_open_login_svc/multiaccount_import";
const DELETE: &str = "im_open_login_svc/account_delete";
const CREATE_CHAT_GROUP: &str = "group_open_http_svc/create_group";
const DESTROY_CHAT_GROUP: &str = "group_open_http_svc/destroy_group";
/// Accounts in one request, as documented.
const BATCH: usize = 100;
/// The code of an edition without contact groups.
const EDITION: i64 = 51013;
/// The code of an account that is not there.
const NO_ACCOUNT: i64 = 70107;
/// The code of a chat group that is not there.
const NO_CHAT_GROUP: i64 = 10010;
/// The code of a command that is not there.
const NO_COMMAND: i64 = 60009;

/// Why nothing can be played at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unplayable {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the server refuses {path} with {code}: {info}")]
    Refused { path: &'static str, code: i64, info: String },
    #[error("what the server answers to {path} is no reply of the API: HTTP status {status}, {text}")]
    NoReply { path: &'static str, status: u16, text: String },
}

/// What is so for all scenarios of a run.
#[derive(Debug)]
pub(super) struct Player<'a> {
    client: &'a Client,
    prefix: &'a str,
    profile: &'a str,
    unmet: Vec<Need>,
}

/// Deletes accounts; those that stay, since the server would not delete them.
fn delete(client: &Client, ids: &[String]) -> Vec<String> {
    let items: Vec<Value> = ids.iter().map(|id| json!({"UserID": id})).collect();
    let reply = client.post(DELETE, &json!({"DeleteItem": items})).ok().filter(|reply| code(reply) == Some(0));
    let Some(results) = reply.and_then(|reply| Some(reply.json.get("ResultItem")?.as_array()?.clone())) else {
        return ids.to_vec();
    };
    let is_gone = |item: &&Value| matches!(item.get("ResultCode").and_then(Value::as_i64), Some(0 | NO_ACCOUNT));
    let gone: Vec<&str> = results.iter().filter(is_gone).filter_map(|item| item.get("UserID")?.as_str()).collect();
    ids.iter().filter(|id| !gone.contains(&id.as_str())).cloned().collect()
}

/// The code of a reply.
fn code(reply: &Reply) -> Option<i64> {
    reply.json.get("ErrorCode")?.as_i64()
}

impl<'a> Player<'a> {
    /// Finds out what the server can do, with an account that is made and deleted for it.
    pub(super) fn new(
        client: &'a Client,
        prefix: &'a str,
        profile: &'a str,
        many_accounts: bool,
    ) -> Result<Self, Unplayable> {
        let user = format!("{prefix}{:08x}", getrandom::u32().map_err(ClientError::from)?);
        let ask = |path: &'static str, body: &Value| {
            let reply = client.post(path, body)?;
            let text = || reply.text.chars().take(200).collect();
            code(&reply).map(|code| (code, reply.json.clone())).ok_or_else(|| Unplayable::NoReply {
                path,
                status: reply.status,
                text: text(),
            })
        };
        let (code, reply) = ask(IMPORT, &json!({"Accounts": [user]}))?;
        if code != 0 {
            let info = reply.get("ErrorInfo").and_then(Value::as_str).unwrap_or_default().to_owned();
            return Err(Unplayable::Refused { path: IMPORT, code, info });
        }
        let own = json!({"Type": 1, "To_Account": user});
        let star = json!({"From_Account": user, "MarkItem": [{"OptType": 1, "ContactItem": own, "SetMark": [1]}]});
        let (star, _) = ask("recentcontact/mark_contact", &star)?;
        let list = json!({"From_Account": user, "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 7});
        let (list, _) = ask("recentcontact/get_list", &list)?;
        let stays = !delete(client, std::slice::from_ref(&user)).is_empty();
        let groups = if star == EDITION { Need::ContactGroups } else { Need::NoContactGroups };
        let mut unmet = vec![groups];
        unmet.extend(stays.then_some(Need::AccountDeletion));
        unmet.extend((list == NO_COMMAND).then_some(Need::RecentContacts));
        unmet.extend((!many_accounts).then_some(Need::ManyAccounts));
        Ok(Self { client, prefix, profile, unmet })
    }

    /// Whether the accounts that are made will stay.
    pub(super) fn leaves_accounts(&self) -> bool {
        self.unmet.contains(&Need::AccountDeletion)
    }

    /// Why a scenario does not fit.
    fn misfit(&self, scenario: &Scenario) -> Option<String> {
        if !scenario.profiles.is_empty() && !scenario.profiles.iter().any(|one| one == self.profile) {
            return Some(format!("it is about the profile {}", scenario.profiles.join(", ")));
        }
        let unmet = scenario.needs.iter().find(|need| self.unmet.contains(need));
        unmet.map(|need| need.unmet().to_owned())
    }

    pub(super) fn play(&self, scenario: &Scenario) -> Result<Outcome, ClientError> {
        let mut outcome = Outcome::of(scenario);
        outcome.skipped = self.misfit(scenario);
        if outcome.skipped.is_some() {
            return Ok(outcome);
        }
        let began = self.client.since_start();
        let id = format!("{}{:08x}", self.prefix, getrandom::u32()?);
        let mut variables =
            scenario.variables(&id, self.client.caller.sdkappid, &self.client.caller.identifier, self.client.now());
        if self.prepare(scenario, &variables, &mut outcome) {
            for (n, step) in scenario.steps.iter().enumerate() {
                match step {
                    Step::Wait(seconds) => std::thread::sleep(Duration::from_secs_f64(seconds.clamp(0.0, 60.0))),
                    Step::Call(call) => self.step(n + 1, call, &mut variables, &mut outcome),
                }
            }
        }
        self.clean_up(scenario, &variables, &mut outcome);
        outcome.seconds = self.client.since_start().saturating_sub(began).as_secs_f64();
        Ok(outcome)
    }

    /// Makes users and chat groups; whether they are there.
    fn prepare(&self, scenario: &Scenario, variables: &Variables, outcome: &mut Outcome) -> bool {
        let mut calls = Vec::new();
        for some in users(scenario, variables).chunks(BATCH) {
            calls.push((IMPORT, json!({"Accounts": some})));
        }
        for id in named(&scenario.chat_groups, variables) {
            calls.push((CREATE_CHAT_GROUP, json!({"Type": "Public", "Name": "conformance", "GroupId": id})));
        }
        for (path, body) in calls {
            let call = Call::plain(path, "what the scenario needs can be made", body);
            self.step(0, &call, &mut variables.clone(), outcome);
        }
        outcome.verdict() != Verdict::Behaviour
    }

    /// Removes what was made. A server that refuses this has done nothing wrong: what stays is noted.
    fn clean_up(&self, scenario: &Scenario, variables: &Variables, outcome: &mut Outcome) {
        let mut groups = named(&scenario.chat_groups, variables);
        groups.extend(scenario.remove.chat_groups.iter().filter_map(|one| text_of(one, variables)));
        let mut users = users(scenario, variables);
        users.extend(scenario.remove.users.iter().filter_map(|one| text_of(one, variables)));
        for id in groups {
            // The scenario may have destroyed it.
            let gone = self.client.post(DESTROY_CHAT_GROUP, &json!({"GroupId": id}));
            if !gone.is_ok_and(|reply| matches!(code(&reply), Some(0 | NO_CHAT_GROUP))) {
                outcome.left_behind.push(format!("chat group {id}"));
            }
        }
        for some in users.chunks(BATCH) {
            outcome.left_behind.extend(delete(self.client, some).iter().map(|id| format!("account {id}")));
        }
    }

    fn step(&self, number: usize, call: &Call, variables: &mut Variables, outcome: &mut Outcome) {
        let mut signed = Signed::of(&call.sign, &self.client.caller);
        if let Some(identifier) = text_of(&signed.identifier, variables) {
            signed.identifier = identifier;
        }
        let usersig = self.client.usersig(&signed);
        variables.set("usersig", Value::from(usersig.as_str()));
        let (request, pattern) = match read(call, variables) {
            Ok(read) => read,
            Err(why) => {
                outcome.unplayed.push(format!("step {number} ({}): {why}", call.says));
                return;
            }
        };
        let shown = self.client.url(&request, "$USERSIG").unwrap_or_default().replace("%24USERSIG", "$USERSIG");
        let sent = Sent::of(&request.method, shown, &request.headers, &request.body);
        let url = self.client.url(&request, &usersig);
        outcome.calls += 1;
        let (all, text) = match url.and_then(|url| self.client.send(&request, &url)) {
            Ok(reply) => {
                let all = self.judge(call, pattern.as_ref(), &reply);
                for (name, pointer) in &call.save {
                    if let Some(value) = reply.json.pointer(pointer) {
                        variables.set(name, value.clone());
                    }
                }
                (all, reply.text)
            }
            Err(error) => {
                let none = difference(Kind::Presence, &call.source, "", "a reply", Value::from(error.to_string()));
                (vec![none], String::new())
            }
        };
        if !all.is_empty() {
            outcome.found.push(Found { step: number, says: call.says.clone(), differences: all, sent, reply: text });
        }
    }

    /// In what a reply differs from what is expected.
    fn judge(&self, call: &Call, pattern: Option<&Pattern>, reply: &Reply) -> Vec<Difference> {
        let mut all = Vec::new();
        if reply.status != 200 {
            let status = Value::from(reply.status);
            all.push(difference(Kind::Value, &Source::Documented, "", "HTTP status 200", status));
        }
        let Some(members) = reply.json.as_object() else {
            all.push(difference(
                Kind::Type,
                &Source::Documented,
                "",
                "a JSON object",
                Value::from(reply.text.as_str()),
            ));
            return all;
        };
        let mut rest = members.clone();
        let now = self.client.now();
        for (source, pattern) in envelope(call, &mut rest) {
            all.extend(differences(&pattern, &reply.json, &source, now));
        }
        let got = code(reply);
        if got == Some(0) && call.code == 0 {
            if let Some(pattern) = pattern {
                all.extend(differences(pattern, &Value::Object(rest), &call.source, now));
            }
        } else if got == Some(call.code) {
            let alone = Pattern::Object(Vec::new(), true);
            all.extend(differences(&alone, &Value::Object(rest), &Source::Ruling("R-010".to_owned()), now));
        }
        all
    }
}

/// The call with its variables filled in, and what is expected of its reply.
fn read(call: &Call, variables: &Variables) -> Result<(Request, Option<Pattern>), Unfilled> {
    let text = |text: &str| fill(&Value::from(text), variables).map(|value| plain(&value));
    let body = match (&call.body, &call.text, &call.base64) {
        (Some(body), ..) => fill(body, variables)?.to_string().into_bytes(),
        (_, Some(body), _) => text(body)?.into_bytes(),
        (.., Some(body)) => body.clone(),
        _ => b"{}".to_vec(),
    };
    let mut query = Vec::new();
    for (name, value) in &call.query {
        let value = fill(value, variables)?;
        query.push((name.clone(), (!value.is_null()).then(|| plain(&value))));
    }
    let headers = call.headers.iter().map(|(name, value)| Ok((name.clone(), text(value)?)));
    let expect = call.expect.as_ref().map(|expect| fill(expect, variables)).transpose()?;
    let request = Request {
        method: call.method.clone(),
        path: text(&call.path)?,
        query,
        query_end: text(&call.query_end)?,
        headers: headers.collect::<Result<_, Unfilled>>()?,
        body,
    };
    // It was a pattern when the scenario was read, and filling in makes none of it another.
    Ok((request, expect.and_then(|expect| Pattern::read(&expect).ok())))
}

/// What is expected of a reply's envelope, each part with its source. Takes the envelope's members out of `rest`.
fn envelope(call: &Call, rest: &mut Map<String, Value>) -> Vec<(Source, Pattern)> {
    let got = ["ErrorCode", "ErrorInfo", "ActionStatus"].map(|name| rest.remove(name));
    let [Some(Value::Number(code)), info, _] = got else {
        return vec![(Source::Documented, part("ErrorCode", Pattern::Integer))];
    };
    let code = code.as_i64().unwrap_or(-1);
    // The status belongs to the code that came: a wrong code is one difference, not two.
    let status = if code == 0 { "OK" } else { "FAIL" };
    let text = match (&call.info, info) {
        _ if code == 0 => Pattern::Exactly(Value::from("")),
        (Some(text), _) if code == call.code => Pattern::Exactly(Value::from(text.as_str())),
        _ => Pattern::String,
    };
    let mut all = vec![
        (call.source.clone(), part("ErrorCode", Pattern::Exactly(Value::from(call.code)))),
        (Source::Documented, part("ActionStatus", Pattern::Exactly(Value::from(status)))),
        (Source::Documented, part("ErrorInfo", text)),
    ];
    if let Some(source) = error_display(&call.path, code) {
        rest.remove("ErrorDisplay");
        all.push((source, part("ErrorDisplay", Pattern::String)));
    }
    all
}

fn part(name: &str, pattern: Pattern) -> Pattern {
    Pattern::Object(vec![(name.to_owned(), pattern)], false)
}

/// Why a reply bears `ErrorDisplay`: the command's sample has it, or we decided so; none where it is not expected.
fn error_display(path: &str, code: i64) -> Option<Source> {
    let command = path.strip_prefix("recentcontact/")?;
    match command {
        "update_contact_group" | "del_contact_group" => None,
        _ if code == NO_COMMAND => None,
        "create_contact_group" | "mark_contact" | "search_contact_group" | "get_list" | "delete" | "top"
            if code == 0 =>
        {
            Some(Source::Documented)
        }
        _ => Some(Source::Ruling("R-010".to_owned())),
    }
}

fn difference(kind: Kind, source: &Source, path: &str, expected: &str, got: Value) -> Difference {
    Difference { kind, source: source.clone(), path: path.to_owned(), expected: expected.to_owned(), got }
}

/// A value as it stands in a query string or a text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text_of(text: &str, variables: &Variables) -> Option<String> {
    fill(&Value::from(text), variables).ok().map(|value| plain(&value))
}

fn named(names: &[String], variables: &Variables) -> Vec<String> {
    names.iter().filter_map(|name| text_of(&format!("${{{name}}}"), variables)).collect()
}

/// The UserIDs of a scenario.
fn users(scenario: &Scenario, variables: &Variables) -> Vec<String> {
    let mut all = named(&scenario.users, variables);
    all.extend((0..scenario.crowd).filter_map(|n| text_of(&format!("${{crowd}}{n}"), variables)));
    all
}
