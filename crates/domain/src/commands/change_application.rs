//! What operators do to an application: create it, give it keys, change its settings, disable it. No wire command of `/v4` does this.

use crate::application::{Application, ApplicationKey, KEYS_MAX};
use crate::change::Change;
use crate::command::{Command, Context, Outcome};
use crate::footprint::Footprint;
use crate::refusal::Refusal;
use crate::settings::{BadSetting, Edition, Settings};
use crate::view::View;

/// One change.
#[derive(Debug, Clone)]
pub enum ApplicationChange {
    /// Makes the application with a key. One that exists is refused.
    Create(Box<str>),
    /// Makes the application, or makes sure that the one that exists has this key, and this edition where one is given.
    Register(Box<str>, Option<Edition>),
    /// Adds a key; the others stay active.
    AddKey(Box<str>),
    /// Retires every key but the newest.
    RetireOldKeys,
    /// Disables or enables it.
    Disable(bool),
    /// Sets a setting by name.
    Set(String, String),
}

/// Why an application was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationRefused {
    /// There is one of that number.
    #[error("there is an application of that SDKAppID already")]
    Exists,
    /// There is none of that number.
    #[error("there is no application of that SDKAppID")]
    Unknown,
    /// A key is 1 to 1024 bytes without a colon or a control character, so that it fits the command line and a file.
    #[error("a key is 1 to 1024 bytes, without a colon and without control characters")]
    BadKey,
    /// It has as many keys as may be.
    #[error("the application has {KEYS_MAX} keys already; retire the old ones first")]
    TooManyKeys,
    /// A setting was not taken.
    #[error(transparent)]
    Setting(#[from] BadSetting),
}

/// The command: all of the changes, in their order, or none of them.
#[derive(Debug)]
pub struct ChangeApplication {
    /// The changes.
    pub changes: Vec<ApplicationChange>,
}

impl Command for ChangeApplication {
    type Reply = Result<Application, ApplicationRefused>;

    fn footprint(&self) -> Footprint {
        Footprint { application: true, ..Footprint::default() }
    }

    fn apply(&self, view: &View, context: &Context) -> Result<Outcome<Self::Reply>, Refusal> {
        let mut application = view.application.clone();
        for change in &self.changes {
            match changed(application, change, context) {
                Ok(next) => application = Some(next),
                Err(refused) => return Ok(Outcome { reply: Err(refused), changes: Vec::new() }),
            }
        }
        let Some(after) = application else {
            return Ok(Outcome { reply: Err(ApplicationRefused::Unknown), changes: Vec::new() });
        };
        let differs = view.application.as_ref() != Some(&after);
        let changes = differs.then(|| Change::Application(context.app, Some(after.clone()))).into_iter().collect();
        Ok(Outcome { reply: Ok(after), changes })
    }
}

fn changed(
    before: Option<Application>,
    change: &ApplicationChange,
    context: &Context,
) -> Result<Application, ApplicationRefused> {
    let new = || Application { id: context.app, keys: Vec::new(), disabled: false, settings: Settings::default() };
    let mut application = match (before, change) {
        (Some(_), ApplicationChange::Create(_)) => return Err(ApplicationRefused::Exists),
        (None, ApplicationChange::Create(_) | ApplicationChange::Register(..)) => new(),
        (Some(application), _) => application,
        (None, _) => return Err(ApplicationRefused::Unknown),
    };
    match change {
        ApplicationChange::Create(key) | ApplicationChange::AddKey(key) => add_key(&mut application, key, context)?,
        ApplicationChange::Register(key, edition) => {
            if !application.keys.iter().any(|one| one.text == *key) {
                add_key(&mut application, key, context)?;
            }
            application.settings.edition = edition.unwrap_or(application.settings.edition);
        }
        ApplicationChange::RetireOldKeys => {
            application.keys = application.keys.pop().into_iter().collect();
        }
        ApplicationChange::Disable(disabled) => application.disabled = *disabled,
        ApplicationChange::Set(name, value) => application.settings.set(name, value)?,
    }
    Ok(application)
}

fn add_key(application: &mut Application, key: &str, context: &Context) -> Result<(), ApplicationRefused> {
    const KEY_BYTES_MAX: usize = 1024;
    if key.is_empty() || key.len() > KEY_BYTES_MAX || key.chars().any(|c| c == ':' || c.is_control()) {
        return Err(ApplicationRefused::BadKey);
    }
    application.keys.retain(|one| *one.text != *key);
    if application.keys.len() >= KEYS_MAX {
        return Err(ApplicationRefused::TooManyKeys);
    }
    application.keys.push(ApplicationKey { text: key.into(), added: context.now });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    fn change(world: &mut World, changes: &[ApplicationChange]) -> Result<Application, ApplicationRefused> {
        world.run(&ChangeApplication { changes: changes.to_vec() }).unwrap()
    }

    #[test]
    fn registering_is_idempotent_and_changes_the_edition_only_where_one_is_given() {
        let mut world = World::with_accounts(&[]);
        let register = |edition| [ApplicationChange::Register("k".into(), edition)];
        let first = change(&mut world, &register(Some(Edition::Pro))).unwrap();
        assert_eq!(change(&mut world, &register(None)).unwrap(), first);
        assert_eq!(change(&mut world, &register(Some(Edition::Trial))).unwrap().settings.edition, Edition::Trial);
    }

    #[test]
    fn keys_are_rotated_by_adding_one_and_then_retiring_the_old_ones() {
        let mut world = World::with_accounts(&[]);
        change(&mut world, &[ApplicationChange::Create("one".into())]).unwrap();
        assert_eq!(change(&mut world, &[ApplicationChange::AddKey("two".into())]).unwrap().keys.len(), 2);
        let keys = change(&mut world, &[ApplicationChange::RetireOldKeys]).unwrap().keys;
        assert_eq!(keys.iter().map(|key| &*key.text).collect::<Vec<_>>(), ["two"]);
    }

    #[test]
    fn all_changes_of_a_command_are_made_or_none() {
        let mut world = World::with_accounts(&[]);
        let set = |name: &str, value: &str| ApplicationChange::Set(name.to_owned(), value.to_owned());
        let before = change(&mut world, &[ApplicationChange::Create("k".into())]).unwrap();
        let refused = change(&mut world, &[set("edition", "pro"), set("limit.conversations", "no")]);
        assert!(matches!(refused, Err(ApplicationRefused::Setting(_))));
        assert_eq!(change(&mut world, &[]).unwrap(), before);
    }

    #[test]
    fn what_is_not_there_is_unknown_what_is_there_exists_and_keys_have_a_form() {
        let mut world = World::with_accounts(&[]);
        assert_eq!(change(&mut world, &[ApplicationChange::Disable(true)]), Err(ApplicationRefused::Unknown));
        for key in ["", "a:b", "a\nb"] {
            assert_eq!(change(&mut world, &[ApplicationChange::Create(key.into())]), Err(ApplicationRefused::BadKey));
        }
        change(&mut world, &[ApplicationChange::Create("k".into())]).unwrap();
        assert_eq!(change(&mut world, &[ApplicationChange::Create("k".into())]), Err(ApplicationRefused::Exists));
    }
}
