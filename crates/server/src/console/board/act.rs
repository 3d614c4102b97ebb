//! What is done on a board. Each act is a command of the API, or two: where a conversation moves, it is in its new contact group before it
//! leaves the old one, so that a refusal loses nothing.

use super::seen::{Seen, look};
use super::{Place, sweep, words};
use crate::console::data::{self, Refused};
use crate::console::visit::Visit;
use cubby_domain::{ChatGroupId, ContactGroupId, ConversationId, UserId};
use cubby_protocol::endpoint::Family;
use cubby_protocol::v4::recentcontact::{CreateContactGroup, DelContactGroup, MarkContact, Top, UpdateContactGroup};
use cubby_store::Store;
use serde_json::{Value, json};

const FAMILY: Family = Family::Contact;
/// As `UpdateGroupType` and `ContactOptType` have it.
const ADD: u8 = 1;
const REMOVE: u8 = 2;

/// An act, on the board that was seen before it.
struct Act<'a, S: Store> {
    visit: &'a Visit<S>,
    place: &'a Place,
    seen: Seen,
}

/// Does what the form says; what is to be told beside what the board shows.
pub(super) async fn act<S: Store>(visit: &Visit<S>, place: &Place) -> Result<Option<String>, Refused> {
    let seen = look(&visit.app, &visit.context(&place.of), &place.user).await;
    let seen = seen.map_err(|error| data::failed(visit.lang, &error))?;
    let seen = seen.map_err(|refusal| data::refused(visit.lang, FAMILY, &refusal.into()))?;
    let act = Act { visit, place, seen };
    let told = match visit.field("act").unwrap_or_default().as_str() {
        "create" => act.create().await?,
        "rename" => act.rename().await?,
        "delete" => act.delete().await?,
        "move" => act.relocate().await?,
        "add" => act.update(&act.target()?, &act.conversation()?, ADD).await?,
        "remove" => act.remove().await?,
        "mark" => act.mark().await?,
        "custom" => act.custom().await?,
        "pin" => act.pin().await?,
        "sweep" => {
            let swept = sweep::sweep(visit, place, &act.seen).await?;
            Some(format!("{}{swept}", visit.lang.say(words::SWEPT)))
        }
        _ => return Err(act.nothing()),
    };
    Ok(told)
}

/// What a form says of one conversation.
pub(super) fn conversation_of(kind: Option<&str>, id: Option<&str>) -> Option<ConversationId> {
    match kind? {
        "1" => Some(ConversationId::User(UserId::new(id?).ok()?)),
        "2" => Some(ConversationId::ChatGroup(ChatGroupId::new(id?).ok()?)),
        _ => None,
    }
}

/// A conversation as the API writes it.
fn written(id: &ConversationId) -> Value {
    match id {
        ConversationId::User(user) => json!({"Type": 1, "To_Account": user.as_str()}),
        ConversationId::ChatGroup(id) => json!({"Type": 2, "ToGroupId": id.as_str()}),
    }
}

impl<S: Store> Act<'_, S> {
    fn nothing(&self) -> Refused {
        Refused(self.visit.lang.say(words::NOTHING_TO_DO).to_owned())
    }

    fn field(&self, name: &str) -> String {
        self.visit.field(name).unwrap_or_default()
    }

    fn user(&self) -> &str {
        self.place.user.as_str()
    }

    fn is_on(&self) -> bool {
        self.field("on") == "1"
    }

    fn conversation(&self) -> Result<ConversationId, Refused> {
        let id = self.field("id");
        conversation_of(self.visit.field("type").as_deref(), Some(&id)).ok_or_else(|| self.nothing())
    }

    /// The name of the contact group of that id.
    fn name_of(&self, id: &str) -> Result<String, Refused> {
        let id = id.parse().map(ContactGroupId).map_err(|_| self.nothing())?;
        let found = self.seen.board.head.contact_groups.iter().find(|group| group.id == id);
        let gone = || Refused(self.visit.lang.say(words::GROUP_GONE).to_owned());
        found.map(|group| group.name.as_str().to_owned()).ok_or_else(gone)
    }

    fn target(&self) -> Result<String, Refused> {
        self.name_of(&self.field("to"))
    }

    async fn create(&self) -> Result<Option<String>, Refused> {
        let name = self.field("name");
        let was_there = self.seen.board.head.contact_group(name.trim()).is_some();
        let body = json!({"From_Account": self.user(), "GroupContactItem": [{"GroupName": name.trim()}]});
        data::call::<S, CreateContactGroup>(self.visit, &self.place.of, &body).await?;
        Ok(was_there.then(|| self.visit.lang.say(words::GROUP_THERE).to_owned()))
    }

    async fn rename(&self) -> Result<Option<String>, Refused> {
        let from = self.name_of(&self.field("column"))?;
        let group = json!({"UpdateGroupType": 1, "OldGroupName": from, "NewGroupName": self.field("name").trim()});
        let body = json!({"From_Account": self.user(), "UpdateType": 1, "UpdateGroup": group});
        data::call::<S, UpdateContactGroup>(self.visit, &self.place.of, &body).await?;
        Ok(None)
    }

    async fn delete(&self) -> Result<Option<String>, Refused> {
        let name = self.name_of(&self.field("column"))?;
        let body = json!({"From_Account": self.user(), "GroupName": [name]});
        data::call::<S, DelContactGroup>(self.visit, &self.place.of, &body).await?;
        Ok(None)
    }

    /// Adds a conversation to a contact group, or removes it.
    async fn update(&self, name: &str, id: &ConversationId, what: u8) -> Result<Option<String>, Refused> {
        let item = json!({"ContactOptType": what, "ContactItem": written(id)});
        let group = json!({"UpdateGroupType": 2, "OldGroupName": name, "ContactUpdateItem": [item]});
        let body = json!({"From_Account": self.user(), "UpdateType": 1, "UpdateGroup": group});
        let updated = data::call::<S, UpdateContactGroup>(self.visit, &self.place.of, &body).await?;
        data::items(self.visit.lang, FAMILY, &updated.items)?;
        Ok(None)
    }

    /// From one column to another; out of every contact group where that is the column of those in none.
    async fn relocate(&self) -> Result<Option<String>, Refused> {
        let (id, from, to) = (self.conversation()?, self.field("column"), self.field("to"));
        if to == super::NONE {
            let groups = self.seen.sorted(&id).map(|sorted| sorted.contact_groups.clone()).unwrap_or_default();
            for group in groups {
                self.update(&self.name_of(&group.0.to_string())?, &id, REMOVE).await?;
            }
            return Ok(self.left(&id, None));
        }
        self.update(&self.target()?, &id, ADD).await?;
        if from != super::NONE && from != to {
            self.update(&self.name_of(&from)?, &id, REMOVE).await?;
        }
        Ok(None)
    }

    async fn remove(&self) -> Result<Option<String>, Refused> {
        let (id, to) = (self.conversation()?, self.field("to"));
        self.update(&self.target()?, &id, REMOVE).await?;
        Ok(self.left(&id, to.parse().ok()))
    }

    /// What is to be told of a conversation that was taken out of a contact group, or of all: that nothing of it is kept any more.
    fn left(&self, id: &ConversationId, group: Option<u64>) -> Option<String> {
        let sorted = self.seen.sorted(id)?;
        let in_another = group.is_some_and(|group| sorted.contact_groups.iter().any(|one| one.0 != group));
        let shown = in_another || sorted.is_marked() || self.seen.board.pinned.contains(id);
        let shown = shown || self.seen.board.recents.iter().any(|(one, _)| one == id);
        (!shown).then(|| self.visit.lang.say(words::LEFT).to_owned())
    }

    async fn mark(&self) -> Result<Option<String>, Refused> {
        let mark: u8 = self.field("mark").parse().map_err(|_| self.nothing())?;
        let name = if self.is_on() { "SetMark" } else { "ClearMark" };
        let mut item = json!({"OptType": 1, "ContactItem": written(&self.conversation()?)});
        if let Value::Object(item) = &mut item {
            item.insert(name.to_owned(), json!([mark]));
        }
        self.marked(item).await
    }

    async fn custom(&self) -> Result<Option<String>, Refused> {
        let id = self.conversation()?;
        self.marked(json!({"OptType": 2, "ContactItem": written(&id), "CustomMark": self.field("text").trim()})).await
    }

    async fn marked(&self, item: Value) -> Result<Option<String>, Refused> {
        let body = json!({"From_Account": self.user(), "MarkItem": [item]});
        let results = data::call::<S, MarkContact>(self.visit, &self.place.of, &body).await?;
        data::items(self.visit.lang, FAMILY, &results)?;
        Ok(None)
    }

    async fn pin(&self) -> Result<Option<String>, Refused> {
        let operation = if self.is_on() { 1 } else { 2 };
        let item = written(&self.conversation()?);
        let body = json!({"From_Account": self.user(), "OperationType": operation, "RecentContactItem": [item]});
        data::call::<S, Top>(self.visit, &self.place.of, &body).await?;
        Ok(None)
    }
}
