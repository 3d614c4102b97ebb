//! Faults, the clock, the checking of UserSigs and the state of the data of the picked application. Whatever is done is answered with the whole
//! page, of which htmx takes the part that changed and the banners.

mod words;

use super::frame::Frame;
use super::reasons::BadField;
use super::visit::{Refused, Visit};
use super::words::Lang;
use crate::applications::Loaded;
use crate::controls::{
    Counted, Data, GivenFault, Signing, Turn, When, load_seed, reset, restore, set_signing, take_snapshot,
};
use crate::reply::Reply;
use crate::v4::COMMANDS;
use askama::Template;
use cubby_protocol::openapi::{Text, text};
use cubby_store::Store;

pub(super) const TITLE: Text = text("Faults and clock", "故障与时钟");

/// A seed to begin with.
const SEED: &str = r#"{
  "users": [
    {"user_id": "alice", "contact_groups": [{"name": "Family"}]},
    {"user_id": "bob"}
  ]
}"#;

const ADVANCES: &[(u64, Text)] = &[(60, words::MINUTE), (3600, words::HOUR), (86_400, words::DAY)];

fn in_words(mode: Signing) -> Text {
    match mode {
        Signing::Strict => words::STRICT,
        Signing::Lenient => words::LENIENT,
        Signing::Off => words::OFF,
    }
}

#[derive(Template)]
#[template(path = "console/faults.html")]
struct Page {
    frame: Frame,
    of: Option<Of>,
    /// What was done.
    said: String,
    commands: Vec<&'static str>,
    codes: Vec<(u32, &'static str)>,
    seed: &'static str,
    /// Seconds that the clock is advanced by at once.
    advances: Vec<(u64, &'static str)>,
    modes: Vec<(&'static str, &'static str)>,
}

/// What is shown of an application.
struct Of {
    app: u64,
    faults: Vec<Fault>,
    clock: Shown,
    signing: &'static str,
    snapshots: Vec<crate::controls::Snapshot>,
}

struct Shown {
    now_ms: u128,
    frozen: bool,
    system: bool,
}

/// A fault as it is listed.
struct Fault {
    id: u64,
    seen: u64,
    struck: u64,
    about: Vec<String>,
    does: Vec<String>,
}

/// The page, and what its forms do.
pub(super) async fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    if !visit.is_post() {
        return if visit.below.is_empty() { page(visit, String::new()) } else { visit.unknown() };
    }
    let Some(picked) = visit.named() else {
        return Refused::of(404, visit.lang.say(words::NO_APPLICATION)).reply();
    };
    let done = match visit.below.as_str() {
        "add" => added(visit, &picked),
        "clear" => cleared(visit, &picked),
        "clock" => turned(visit, &picked),
        "signing" => signed(visit, &picked),
        "reset" | "take" | "restore" | "forget" | "seed" => Box::pin(stated(visit, &picked)).await,
        _ => return visit.unknown(),
    };
    match done {
        Ok(said) => page(visit, said),
        Err(refused) => refused.reply(),
    }
}

fn page<S: Store>(visit: &Visit<S>, said: String) -> Reply {
    let of = visit.picked().map(|picked| {
        let clock = picked.controls.clock.state(&visit.app.clock);
        Of {
            app: picked.application.id.0,
            faults: picked.controls.faults.all().into_iter().map(|one| listed(one.into(), visit.lang)).collect(),
            clock: Shown { now_ms: clock.now.as_millis(), frozen: clock.frozen, system: clock.system },
            signing: picked.controls.signing.get().as_str(),
            snapshots: picked.controls.states.snapshots(),
        }
    });
    visit.shows(&Page {
        frame: visit.frame(),
        of,
        said,
        commands: COMMANDS.iter().map(|meta| meta.path).collect(),
        codes: super::codes::all(visit.lang),
        seed: SEED,
        advances: ADVANCES.iter().map(|(seconds, word)| (*seconds, visit.lang.say(*word))).collect(),
        modes: Signing::ALL.iter().map(|mode| (mode.as_str(), visit.lang.say(in_words(*mode)))).collect(),
    })
}

/// A fault in words: the names of what was given are those of the API.
fn listed(Counted { id, fault, seen, struck }: Counted, lang: Lang) -> Fault {
    let named = |name: &str, value: Option<String>| value.map(|value| format!("{name} {value}"));
    let number = |name: &str, value: Option<u64>| named(name, value.map(|value| value.to_string()));
    let about = [
        fault.command,
        named("user", fault.user),
        named("item", fault.item),
        number("nth", fault.nth),
        number("first", fault.first),
        named("probability", fault.probability.map(|probability| probability.to_string())),
        number("seed", fault.seed),
        number("until", fault.until),
    ];
    let mut about: Vec<String> = about.into_iter().flatten().collect();
    if about.is_empty() {
        about.push(lang.say(words::EVERY).to_owned());
    }
    let after = fault.when == When::After;
    let does = [
        named("ErrorCode", fault.error_code.map(|code| code.to_string())),
        fault.error_info,
        named("ResultCode", fault.result_code.map(|code| code.to_string())),
        fault.drop.then(|| lang.say(words::EFFECT_DROP).to_owned()),
        named(lang.say(words::EFFECT_TRUNCATE), fault.truncate.map(|bytes| bytes.to_string())),
        named(lang.say(words::DELAY), fault.delay_ms.map(|delay| delay.to_string())),
        after.then(|| lang.say(words::AFTER).to_owned()),
    ];
    Fault { id, seen, struck, about, does: does.into_iter().flatten().collect() }
}

fn added<S: Store>(visit: &Visit<S>, picked: &Loaded) -> Result<String, Refused> {
    let effect = visit.filled("effect").unwrap_or_default();
    let of = |which: &str, name: &str| if effect == which { visit.number(name) } else { Ok(None) };
    let fault = GivenFault {
        command: visit.filled("command"),
        user: visit.filled("user"),
        item: visit.filled("item"),
        nth: visit.number("nth")?,
        first: visit.number("first")?,
        probability: visit.number("probability")?,
        seed: visit.number("seed")?,
        until: visit.number("until")?,
        when: if visit.filled("when").as_deref() == Some("after") { When::After } else { When::Before },
        delay_ms: visit.number("delay_ms")?,
        error_code: of("error", "error_code")?,
        error_info: if effect == "error" { visit.filled("error_info") } else { None },
        result_code: of("item", "result_code")?,
        drop: effect == "drop",
        truncate: if effect == "truncate" { visit.number("truncate")? } else { None },
    };
    let missing = [
        ("error", "error_code", fault.error_code.is_none()),
        ("item", "result_code", fault.result_code.is_none()),
        ("truncate", "truncate", fault.truncate.is_none()),
    ];
    if let Some((_, name, _)) = missing.iter().find(|(which, _, is_missing)| *which == effect && *is_missing) {
        return Err(visit.refuse(400, &BadField::Missing(name)));
    }
    let added = fault.fault().and_then(|fault| picked.controls.faults.add(fault, COMMANDS));
    added.map_err(|why| visit.refuse(400, &why))?;
    Ok(String::new())
}

fn cleared<S: Store>(visit: &Visit<S>, picked: &Loaded) -> Result<String, Refused> {
    match visit.number("id")? {
        // One that is gone already is as the one who asks wants it.
        Some(id) => _ = picked.controls.faults.clear(id),
        None => picked.controls.faults.clear_all(),
    }
    Ok(String::new())
}

fn turned<S: Store>(visit: &Visit<S>, picked: &Loaded) -> Result<String, Refused> {
    let turn = match visit.filled("turn").as_deref() {
        Some("freeze") => Turn::Freeze(visit.number("at")?),
        Some("advance") => {
            let seconds = visit.number("seconds")?;
            Turn::Advance(seconds.ok_or_else(|| visit.refuse(400, &BadField::Missing("seconds")))?)
        }
        Some("run") => Turn::Run,
        Some("system") => Turn::System,
        _ => {
            return Err(
                visit.refuse(400, &BadField::Takes { name: "turn", words: &["freeze", "advance", "run", "system"] })
            );
        }
    };
    picked.turn_clock(turn, &visit.app.clock).map_err(|why| visit.refuse(400, &why))?;
    Ok(String::new())
}

fn signed<S: Store>(visit: &Visit<S>, picked: &Loaded) -> Result<String, Refused> {
    let signing = visit.filled("mode").and_then(|mode| Signing::parse(&mode));
    let bad = || visit.refuse(400, &BadField::Takes { name: "mode", words: &["strict", "lenient", "off"] });
    set_signing(picked, signing.ok_or_else(bad)?);
    Ok(String::new())
}

/// What is done to the data.
async fn stated<S: Store>(visit: &Visit<S>, picked: &Loaded) -> Result<String, Refused> {
    let app = &visit.app;
    let name = visit.filled("name").unwrap_or_default();
    let refused = |why: crate::controls::StateFailed| visit.refuse(409, &why);
    let said = match visit.below.as_str() {
        "reset" => {
            let done = reset(app, picked, visit.field("calls").is_some()).await.map_err(refused)?;
            visit.lang.say(words::RESET_DONE).replace("{0}", &done.changes.to_string())
        }
        "take" => {
            take_snapshot(app, picked, &name).await.map_err(refused)?;
            visit.lang.say(words::TAKEN).replace("{0}", &name)
        }
        "restore" => {
            let done = restore(app, picked, &name).await.map_err(refused)?;
            visit.lang.say(words::RESTORED).replace("{0}", &name).replace("{1}", &done.changes.to_string())
        }
        "forget" => {
            picked.controls.states.forget(&name);
            String::new()
        }
        _ => {
            let data = Data::parse(&visit.field("data").unwrap_or_default());
            let done = load_seed(app, picked, &data.map_err(|why| visit.refuse(400, &why))?).await.map_err(refused)?;
            visit.lang.say(words::SEEDED).replace("{0}", &done.changes.to_string())
        }
    };
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_that_is_offered_can_be_loaded() {
        let data = Data::parse(SEED).unwrap();
        assert!(data.seed().is_ok());
    }

    #[test]
    fn a_fault_is_listed_with_what_it_is_about_and_what_it_does() {
        let fault = GivenFault { drop: true, user: Some("alice".to_owned()), ..GivenFault::default() };
        let shown = listed(Counted { id: 1, fault, seen: 2, struck: 1 }, Lang::En);
        assert_eq!(
            (shown.about, shown.does),
            (vec!["user alice".to_owned()], vec!["The connection is dropped".to_owned()])
        );
        let shown = listed(Counted { id: 1, fault: GivenFault::default(), seen: 0, struck: 0 }, Lang::Zh);
        assert_eq!(shown.about, ["所有调用"]);
    }
}
