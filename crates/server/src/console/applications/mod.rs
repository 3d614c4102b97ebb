//! The applications: a list with a form for a new one, and a page of each with its keys, settings and rates. A form is answered with the whole
//! page, of which htmx takes the part that changed. A key is shown once, to whoever had it made.

mod settings;
mod words;

use super::frame::Frame;
use super::visit::{Refused, Visit};
use super::{HX_REDIRECT, plain};
use crate::applications::Loaded;
use crate::controls::{ChangeFailed, SettingValue, change, checked_settings, create, delete, rates};
use crate::reply::Reply;
use crate::secret::{masked, random_secret};
use crate::v4::COMMANDS;
use askama::Template;
use cubby_domain::commands::ApplicationChange;
use cubby_domain::{Edition, SdkAppId};
use cubby_protocol::openapi::{Text, text};
use cubby_store::Store;
use hyper::header::HeaderValue;
use settings::{Field, fields};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const TITLE: Text = text("Applications", "应用");

#[derive(Template)]
#[template(path = "console/applications.html")]
struct List {
    frame: Frame,
    said: String,
    /// The key of the application that was just made.
    key: Option<String>,
    all: Vec<Listed>,
    editions: Vec<&'static str>,
}

struct Listed {
    id: u64,
    edition: &'static str,
    disabled: bool,
    keys: usize,
}

#[derive(Template)]
#[template(path = "console/application.html")]
struct One {
    frame: Frame,
    said: String,
    /// A key that was just made.
    key: Option<String>,
    id: u64,
    disabled: bool,
    edition: &'static str,
    keys: Vec<Key>,
    settings: Vec<Field>,
    limits: Vec<Field>,
    rates: Vec<Shown>,
    commands: Vec<&'static str>,
}

struct Key {
    masked: String,
    added_ms: u64,
}

/// A rate.
struct Shown {
    /// None of all together.
    command: Option<&'static str>,
    per_second: u32,
    left: Option<u32>,
}

/// What was done, in words, and a key that was made for it.
#[derive(Default)]
struct Done {
    said: String,
    key: Option<String>,
}

/// The list, a page of each, and what their forms do.
pub(super) async fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    let (first, what) = visit.below.split_once('/').unwrap_or((&visit.below, ""));
    if first.is_empty() {
        return list(visit, Done::default());
    }
    if first == "create" && visit.is_post() {
        let made = Box::pin(created(visit)).await;
        return made.map_or_else(Refused::reply, |done| list(visit, done));
    }
    let Ok(id) = first.parse().map(SdkAppId) else { return visit.unknown() };
    if visit.app.applications.find(id).await.is_none() {
        return visit.unknown();
    }
    if !visit.is_post() {
        return if what.is_empty() { one(visit, id, Done::default()) } else { visit.unknown() };
    }
    if what == "delete" {
        let gone = Box::pin(deleted(visit, id)).await;
        let to_list = HeaderValue::from_static("/console/applications");
        return gone.map_or_else(Refused::reply, |()| plain(200, "").with(HX_REDIRECT, to_list));
    }
    let done = match what {
        "disable" => Box::pin(disabled(visit, id)).await,
        "keys" => Box::pin(keys(visit, id)).await,
        "settings" => Box::pin(set(visit, id)).await,
        "rate" => Box::pin(rated(visit, id)).await,
        _ => return visit.unknown(),
    };
    done.map_or_else(Refused::reply, |done| one(visit, id, done))
}

fn list<S: Store>(visit: &Visit<S>, done: Done) -> Reply {
    let listed = |loaded: Arc<Loaded>| Listed {
        id: loaded.application.id.0,
        edition: loaded.settings.edition.as_str(),
        disabled: loaded.application.disabled,
        keys: loaded.application.keys.len(),
    };
    visit.shows(&List {
        frame: visit.frame(),
        said: done.said,
        key: done.key,
        all: visit.app.applications.all().into_iter().map(listed).collect(),
        editions: Edition::ALL.iter().rev().map(|edition| edition.as_str()).collect(),
    })
}

fn one<S: Store>(visit: &Visit<S>, id: SdkAppId, done: Done) -> Reply {
    let Some(loaded) = visit.app.applications.get(id) else { return visit.unknown() };
    let key = |key: &cubby_domain::ApplicationKey| Key {
        masked: masked(&key.text).split(' ').next().unwrap_or_default().to_owned(),
        added_ms: key.added.0.saturating_mul(1000),
    };
    let (settings, limits) = fields(&loaded.settings, visit.lang);
    let shown = |rate: crate::controls::Rate| Shown {
        command: Some(rate.command).filter(|command| *command != "*"),
        per_second: rate.per_second,
        left: rate.left,
    };
    visit.shows(&One {
        frame: visit.frame(),
        said: done.said,
        key: done.key,
        id: id.0,
        disabled: loaded.application.disabled,
        edition: loaded.settings.edition.as_str(),
        keys: loaded.application.keys.iter().rev().map(key).collect(),
        settings,
        limits,
        rates: rates(&loaded, &visit.app.clock).into_iter().map(shown).collect(),
        commands: COMMANDS.iter().map(|meta| meta.path).collect(),
    })
}

async fn created<S: Store>(visit: &Visit<S>) -> Result<Done, Refused> {
    let refused = |why: ChangeFailed| visit.refuse(409, &why);
    let changes = checked_settings(visit.filled("edition"), BTreeMap::new()).map_err(refused)?;
    let (id, given) = (visit.number("sdkappid")?, visit.filled("key"));
    let is_random = given.is_none();
    let (loaded, key) = create(&visit.app, id, given, changes).await.map_err(refused)?;
    tracing::info!(application = %loaded.application.id, "an application was made in the console");
    let said = visit.lang.say(words::CREATED).replace("{0}", &loaded.application.id.to_string());
    Ok(Done { said, key: is_random.then_some(key) })
}

async fn changed<S: Store>(visit: &Visit<S>, id: SdkAppId, changes: Vec<ApplicationChange>) -> Result<(), Refused> {
    change(&visit.app, id, changes).await.map_err(|why| visit.refuse(409, &why))?;
    tracing::info!(application = %id, "an application was changed in the console");
    Ok(())
}

async fn disabled<S: Store>(visit: &Visit<S>, id: SdkAppId) -> Result<Done, Refused> {
    let disable = visit.field("on").is_some();
    changed(visit, id, vec![ApplicationChange::Disable(disable)]).await?;
    Ok(Done::default())
}

async fn keys<S: Store>(visit: &Visit<S>, id: SdkAppId) -> Result<Done, Refused> {
    if visit.filled("do").as_deref() == Some("retire") {
        changed(visit, id, vec![ApplicationChange::RetireOldKeys]).await?;
        return Ok(Done { said: visit.lang.say(words::RETIRED).to_owned(), key: None });
    }
    let key = random_secret().map_err(|why| visit.refuse(500, &ChangeFailed::from(why)))?;
    changed(visit, id, vec![ApplicationChange::AddKey(key.as_str().into())]).await?;
    Ok(Done { said: String::new(), key: Some(key) })
}

/// Sets what differs from what is set: a profile sets limits, which a form that knows the old ones must not undo.
async fn set<S: Store>(visit: &Visit<S>, id: SdkAppId) -> Result<Done, Refused> {
    let before = visit.app.applications.get(id).map(|loaded| loaded.settings.entries()).unwrap_or_default();
    let differs = |(name, value): (String, String)| {
        let value = value.trim().to_owned();
        let is = before.iter().any(|(its, was)| *its == name && *was != value);
        is.then_some((name, SettingValue::Text(value)))
    };
    let given: BTreeMap<_, _> = visit.fields().into_iter().filter_map(differs).collect();
    if given.is_empty() {
        return Ok(Done { said: visit.lang.say(words::NOTHING).to_owned(), key: None });
    }
    let names = given.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    changed(visit, id, checked_settings(None, given).map_err(|why| visit.refuse(409, &why))?).await?;
    Ok(Done { said: visit.lang.say(words::SAVED).replace("{0}", &names), key: None })
}

async fn rated<S: Store>(visit: &Visit<S>, id: SdkAppId) -> Result<Done, Refused> {
    let name = visit.filled("command").map_or("call_rate".to_owned(), |command| format!("call_rate.{command}"));
    let rate = SettingValue::Text(visit.filled("rate").unwrap_or_else(|| "default".to_owned()));
    let changes = checked_settings(None, [(name.clone(), rate)].into()).map_err(|why| visit.refuse(409, &why))?;
    changed(visit, id, changes).await?;
    Ok(Done { said: visit.lang.say(words::SAVED).replace("{0}", &name), key: None })
}

async fn deleted<S: Store>(visit: &Visit<S>, id: SdkAppId) -> Result<(), Refused> {
    if visit.filled("sdkappid") != Some(id.to_string()) {
        return Err(Refused::of(400, visit.lang.say(words::NOT_CONFIRMED)));
    }
    delete(&visit.app, id).await.map_err(|why| visit.refuse(409, &why))?;
    tracing::info!(application = %id, "an application was deleted in the console, with its data");
    Ok(())
}
