//! The model's chat groups and applications.

use super::{Model, Room};
use crate::properties::actions::Reply;
use cubby_domain::commands::{
    AddMembers, Added, ApplicationChange, ApplicationRefused, ChangeApplication, ChatGroupIdWanted, CreateChatGroup,
    DestroyChatGroup, RemoveMembers,
};
use cubby_domain::queries::{ChatGroupInfo, ChatGroupPage, GetChatGroups, JoinedChatGroups, ListChatGroups};
use cubby_domain::{
    Application, ApplicationKey, ChatGroup, ChatGroupId, Context, Edition, Member, Refusal, Settings, UserId,
};

impl Model {
    pub(super) fn create_chat_group(
        &mut self,
        command: &CreateChatGroup,
        context: &Context,
        heard: &Reply,
    ) -> Result<ChatGroupId, Refusal> {
        let no_account = |field, user: &UserId| Err(Refusal::NoSuchAccount { field, user: user.clone() });
        if let ChatGroupIdWanted::Given(id) = &command.id
            && let Some(room) = self.rooms.iter().find(|room| room.id == *id)
        {
            let by_owner = room.owner.is_some() && room.owner == command.owner;
            let id = id.clone();
            return Err(if by_owner { Refusal::ChatGroupIdTakenByOwner(id) } else { Refusal::ChatGroupIdTaken(id) });
        }
        if let Some(owner) = command.owner.as_ref().filter(|owner| !self.exists(owner, context)) {
            return no_account("Owner_Account", owner);
        }
        if let Some(member) = command.members.iter().find(|member| !self.exists(member, context)) {
            return no_account("MemberList.Member_Account", member);
        }
        let limit = context.settings.limits.chat_group_members;
        let most = command.members_max.map_or(limit, |wanted| wanted.min(limit));
        let mut members: Vec<(UserId, Member)> = Vec::new();
        for user in command.owner.iter().chain(&command.members) {
            if members.iter().all(|(member, _)| member != user) {
                let owner = Some(user) == command.owner.as_ref();
                members.push((user.clone(), Member { owner, joined: context.now, since: 0 }));
            }
        }
        if members.len() as u64 > most {
            return Err(Refusal::ChatGroupFull { max: most });
        }
        let id = match (&command.id, heard) {
            (ChatGroupIdWanted::Given(id), _) => id.clone(),
            (ChatGroupIdWanted::Generated, Reply::ChatGroupCreated(Ok(id))) => {
                self.check_generated(id);
                id.clone()
            }
            (ChatGroupIdWanted::Generated, other) => panic!("a chat group with an id of ours is made, not {other:?}"),
        };
        self.rooms_made += 1;
        let (number, kind, name) = (self.rooms_made, command.kind.clone(), command.name.clone());
        let owner = command.owner.clone();
        let (created, counted, said) = (context.now, 0, Vec::new());
        self.rooms.push(Room { id: id.clone(), number, kind, name, owner, created, most, members, counted, said });
        Ok(id)
    }

    fn check_generated(&mut self, id: &ChatGroupId) {
        let rest = id.as_str().strip_prefix("@TGS#").unwrap();
        assert!(rest.len() >= 9 && rest.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()), "{id}");
        assert!(!self.rooms_named.contains(id), "{id} was given before");
        self.rooms_named.push(id.clone());
    }

    pub(super) fn room(&mut self, id: &ChatGroupId) -> Result<&mut Room, Refusal> {
        self.rooms.iter_mut().find(|room| room.id == *id).ok_or_else(|| Refusal::NoSuchChatGroup(id.clone()))
    }

    pub(super) fn destroy(&mut self, command: &DestroyChatGroup) -> Result<(), Refusal> {
        let members = self.room(&command.id)?.members.clone();
        for (user, _) in &members {
            self.leave(user, &command.id);
        }
        self.rooms.retain(|room| room.id != command.id);
        Ok(())
    }

    pub(super) fn add_members(&mut self, command: &AddMembers, context: &Context) -> Result<Vec<Added>, Refusal> {
        let exists = |user: &Result<UserId, _>| user.as_ref().is_ok_and(|user| self.exists(user, context));
        let exists: Vec<bool> = command.users.iter().map(exists).collect();
        let room = self.room(&command.id)?;
        let mut results = Vec::new();
        let mut first_failure = None;
        for (user, exists) in command.users.iter().zip(exists) {
            let Ok(user) = user else {
                results.push(Added::Failed);
                continue;
            };
            if room.members.iter().any(|(member, _)| member == user) {
                results.push(Added::AlreadyMember);
            } else if !exists {
                let field = "MemberList.Member_Account";
                first_failure.get_or_insert(Refusal::NoSuchAccount { field, user: user.clone() });
                results.push(Added::Failed);
            } else if room.members.len() as u64 >= room.most {
                first_failure.get_or_insert(Refusal::ChatGroupFull { max: room.most });
                results.push(Added::Failed);
            } else {
                room.members.push((user.clone(), Member { owner: false, joined: context.now, since: room.counted }));
                results.push(Added::Joined);
            }
        }
        match first_failure {
            Some(why) if results.iter().all(|one| *one == Added::Failed) => Err(why),
            _ => Ok(results),
        }
    }

    pub(super) fn remove_members(&mut self, command: &RemoveMembers) -> Result<(), Refusal> {
        let room = self.room(&command.id)?;
        for user in &command.users {
            if room.members.iter().any(|(member, how)| member == user && how.owner) {
                return Err(Refusal::OwnerStays(user.clone()));
            }
        }
        let leaving: Vec<UserId> = room.members.iter().map(|(member, _)| member.clone()).collect();
        for user in leaving.iter().filter(|member| command.users.contains(member)) {
            self.leave(user, &command.id);
        }
        Ok(())
    }

    pub(super) fn get_chat_groups(&self, query: &GetChatGroups) -> Vec<Option<ChatGroupInfo>> {
        let info = |room: &Room| {
            let mut members = room.members.clone();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            ChatGroupInfo { chat_group: room.shown(), members }
        };
        query.ids.iter().map(|id| self.rooms.iter().find(|room| room.id == *id).map(info)).collect()
    }

    pub(super) fn list_chat_groups(&self, query: &ListChatGroups) -> ChatGroupPage {
        let mut rest: Vec<_> = self.rooms.iter().filter(|room| room.number > query.after).collect();
        let is_last = rest.len() as u64 <= query.limit;
        rest.truncate(query.limit.try_into().unwrap());
        let next = rest.last().filter(|_| !is_last).map(|room| room.number);
        rest.retain(|room| query.kind.as_ref().is_none_or(|kind| *kind == room.kind));
        let chat_groups = rest.into_iter().map(|room| (room.id.clone(), room.shown())).collect();
        ChatGroupPage { chat_groups, total: self.rooms.len() as u64, next }
    }

    pub(super) fn joined(
        &self,
        query: &JoinedChatGroups,
        context: &Context,
    ) -> Result<Vec<(ChatGroupId, ChatGroup, Member)>, Refusal> {
        if !self.exists(&query.user, context) {
            return Err(Refusal::NoSuchAccount { field: "Member_Account", user: query.user.clone() });
        }
        let mut found = Vec::new();
        for room in &self.rooms {
            for (member, how) in &room.members {
                if *member == query.user && query.kind.as_ref().is_none_or(|kind| *kind == room.kind) {
                    found.push((room.id.clone(), room.shown(), *how));
                }
            }
        }
        found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        Ok(found)
    }

    pub(super) fn change(
        &mut self,
        command: &ChangeApplication,
        context: &Context,
    ) -> Result<Application, ApplicationRefused> {
        let mut application = self.application.clone();
        for change in &command.changes {
            application = Some(changed(application, change, context)?);
        }
        self.application.clone_from(&application);
        application.ok_or(ApplicationRefused::Unknown)
    }
}

fn changed(
    before: Option<Application>,
    change: &ApplicationChange,
    context: &Context,
) -> Result<Application, ApplicationRefused> {
    let makes = matches!(change, ApplicationChange::Create(_) | ApplicationChange::Register(..));
    if matches!(change, ApplicationChange::Create(_)) && before.is_some() {
        return Err(ApplicationRefused::Exists);
    }
    if before.is_none() && !makes {
        return Err(ApplicationRefused::Unknown);
    }
    let new = Application { id: context.app, keys: Vec::new(), disabled: false, settings: Settings::default() };
    let mut application = before.unwrap_or(new);
    match change {
        ApplicationChange::Create(key) | ApplicationChange::AddKey(key) => {
            application.keys.retain(|one| one.text != *key);
            application.keys.push(ApplicationKey { text: key.clone(), added: context.now });
        }
        ApplicationChange::Register(key, edition) => {
            if application.keys.iter().all(|one| one.text != *key) {
                application.keys.push(ApplicationKey { text: key.clone(), added: context.now });
            }
            if let Some(edition) = edition {
                application.settings.edition = *edition;
            }
        }
        ApplicationChange::RetireOldKeys => drop(application.keys.drain(..application.keys.len() - 1)),
        ApplicationChange::Disable(disabled) => application.disabled = *disabled,
        // The one setting that the sequences set.
        ApplicationChange::Set(_, value) => application.settings.edition = Edition::parse(value).unwrap(),
    }
    Ok(application)
}
