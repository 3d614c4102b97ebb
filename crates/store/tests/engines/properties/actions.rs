//! The commands and queries as one kind of thing, and their replies as one that can be compared. It decides nothing.

use cubby_domain::commands::{
    AddMembers, Added, ApplicationRefused, ChangeApplication, ContactGroupCreated, ContactGroupUpdated,
    CreateChatGroup, CreateContactGroup, DeleteAccounts, DeleteContactGroup, DeleteRecentContact, DestroyChatGroup,
    ImportAccounts, ImportChatGroupMessages, ItemResult, MarkContacts, PinConversations, ReadMessages, RemoveMembers,
    SendChatGroupMessage, SendMessage, SendMessages, SentToMany, SetUnread, UpdateContactGroup,
};
use cubby_domain::queries::{
    ChatGroupInfo, ChatGroupPage, CheckAccounts, ContactPage, Contacts, CountUnread, GetChatGroups, JoinedChatGroups,
    ListApplications, ListChatGroups, ListContacts, ListRecentContacts, RecentContactsPage, SearchContacts, Unread,
};
use cubby_domain::{
    Application, ChatGroup, ChatGroupId, Command, ContactGroup, Context, ItemRefusal, LastMessage, Member, Query,
    Refusal,
};
use cubby_store::{Store, StoreError};

/// A request.
#[derive(Debug)]
pub enum Action {
    Create(CreateContactGroup),
    Update(UpdateContactGroup),
    Delete(DeleteContactGroup),
    Mark(MarkContacts),
    Search(SearchContacts),
    List(ListContacts),
    Import(ImportAccounts),
    Check(CheckAccounts),
    DeleteAccounts(DeleteAccounts),
    CreateChatGroup(CreateChatGroup),
    DestroyChatGroup(DestroyChatGroup),
    AddMembers(AddMembers),
    RemoveMembers(RemoveMembers),
    GetChatGroups(GetChatGroups),
    ListChatGroups(ListChatGroups),
    Joined(JoinedChatGroups),
    ChangeApplication(ChangeApplication),
    ListApplications,
    Send(SendMessage),
    SendToMany(SendMessages),
    SendToChatGroup(SendChatGroupMessage),
    ImportToChatGroup(ImportChatGroupMessages),
    Pin(PinConversations),
    DeleteRecent(DeleteRecentContact),
    Read(ReadMessages),
    SetUnread(SetUnread),
    Recents(ListRecentContacts),
    CountUnread(CountUnread),
}

/// What is answered: named after the first request that answers so.
#[derive(Debug, PartialEq)]
pub enum Reply {
    Created(Result<ContactGroupCreated, Refusal>),
    Updated(Result<ContactGroupUpdated, Refusal>),
    Deleted(Result<ContactGroup, Refusal>),
    Marked(Result<Vec<ItemResult>, Refusal>),
    Found(Result<Contacts, Refusal>),
    Listed(Result<ContactPage, Refusal>),
    Done(Result<(), Refusal>),
    Checked(Result<Vec<Result<bool, ItemRefusal>>, Refusal>),
    ChatGroupCreated(Result<ChatGroupId, Refusal>),
    Added(Result<Vec<Added>, Refusal>),
    ChatGroups(Result<Vec<Option<ChatGroupInfo>>, Refusal>),
    ChatGroupsListed(Result<ChatGroupPage, Refusal>),
    Joined(Result<Vec<(ChatGroupId, ChatGroup, Member)>, Refusal>),
    Changed(Box<Result<Result<Application, ApplicationRefused>, Refusal>>),
    Applications(Result<Vec<Application>, Refusal>),
    Sent(Result<LastMessage, Refusal>),
    SentToMany(Result<SentToMany, Refusal>),
    Imported(Result<Vec<Result<LastMessage, ItemRefusal>>, Refusal>),
    Recents(Result<RecentContactsPage, Refusal>),
    Unread(Result<Unread, Refusal>),
}

/// Sends a request. What is awaited is boxed: a request of each kind side by side would be a large future.
pub async fn send(store: &impl Store, action: Action, context: Context) -> Result<Reply, StoreError> {
    Ok(match action {
        Action::Create(command) => Reply::Created(execute(store, command, context).await?),
        Action::Update(command) => Reply::Updated(execute(store, command, context).await?),
        Action::Delete(command) => Reply::Deleted(execute(store, command, context).await?),
        Action::Mark(command) => Reply::Marked(execute(store, command, context).await?),
        Action::Search(query) => Reply::Found(ask(store, query, context).await?),
        Action::List(query) => Reply::Listed(ask(store, query, context).await?),
        Action::Import(command) => Reply::Done(execute(store, command, context).await?),
        Action::Check(query) => Reply::Checked(ask(store, query, context).await?),
        Action::DeleteAccounts(command) => Reply::Marked(execute(store, command, context).await?),
        Action::CreateChatGroup(command) => Reply::ChatGroupCreated(execute(store, command, context).await?),
        Action::DestroyChatGroup(command) => Reply::Done(execute(store, command, context).await?),
        Action::AddMembers(command) => Reply::Added(execute(store, command, context).await?),
        Action::RemoveMembers(command) => Reply::Done(execute(store, command, context).await?),
        Action::GetChatGroups(query) => Reply::ChatGroups(ask(store, query, context).await?),
        Action::ListChatGroups(query) => Reply::ChatGroupsListed(ask(store, query, context).await?),
        Action::Joined(query) => Reply::Joined(ask(store, query, context).await?),
        Action::ChangeApplication(command) => Reply::Changed(Box::new(execute(store, command, context).await?)),
        Action::ListApplications => Reply::Applications(ask(store, ListApplications, context).await?),
        Action::Send(command) => Reply::Sent(execute(store, command, context).await?),
        Action::SendToMany(command) => Reply::SentToMany(execute(store, command, context).await?),
        Action::SendToChatGroup(command) => Reply::Sent(execute(store, command, context).await?),
        Action::ImportToChatGroup(command) => Reply::Imported(execute(store, command, context).await?),
        Action::Pin(command) => Reply::Done(execute(store, command, context).await?),
        Action::DeleteRecent(command) => Reply::Done(execute(store, command, context).await?),
        Action::Read(command) => Reply::Done(execute(store, command, context).await?),
        Action::SetUnread(command) => Reply::Done(execute(store, command, context).await?),
        Action::Recents(query) => Reply::Recents(ask(store, query, context).await?),
        Action::CountUnread(query) => Reply::Unread(ask(store, query, context).await?),
    })
}

async fn execute<C: Command>(
    store: &impl Store,
    command: C,
    context: Context,
) -> Result<Result<C::Reply, Refusal>, StoreError> {
    Box::pin(store.execute(command, context)).await
}

async fn ask<Q: Query>(
    store: &impl Store,
    query: Q,
    context: Context,
) -> Result<Result<Q::Reply, Refusal>, StoreError> {
    Box::pin(store.query(query, context)).await
}
