//! What the commands that send or import a message read alike. A message's body is checked and passed over: messages are not kept.

use crate::decode::user;
use crate::endpoint::Call;
use crate::field::{BadField, Fields, Flaw, MessageFlaw};
use crate::json::{Integer, Json};
use cubby_domain::commands::Message;
use cubby_domain::{Limits, Timestamp, UserId};

fn flaw(fields: &Fields<'_>, name: &str, flaw: MessageFlaw) -> BadField {
    fields.bad(name, Flaw::Message(flaw))
}

/// The longest life of a message: 7 days (1047/34919).
pub(crate) const LIFE_SECONDS_MAX: u64 = 604_800;

/// An account that a message names, where it names one.
fn correspondent(
    fields: &Fields<'_>,
    name: &str,
    wrong: MessageFlaw,
    limits: &Limits,
) -> Result<Option<UserId>, BadField> {
    user(fields, name, limits).map_err(|_| flaw(fields, name, wrong))
}

/// Who sends a message: the caller where nobody is named (1047/34919).
pub(crate) fn sender(body: &Fields<'_>, call: &Call<'_>) -> Result<UserId, BadField> {
    let named = correspondent(body, "From_Account", MessageFlaw::Sender, &call.settings.limits)?;
    Ok(named.unwrap_or_else(|| call.caller.clone()))
}

/// Who sent an imported message.
pub(crate) fn required_sender(fields: &Fields<'_>, limits: &Limits) -> Result<UserId, BadField> {
    account(fields, "From_Account", MessageFlaw::Sender, limits)
}

/// A list of accounts; those that are ill-formed are nobody's.
fn accounts(fields: &Fields<'_>, name: &str, wrong: MessageFlaw, limits: &Limits) -> Result<Vec<UserId>, BadField> {
    let texts = fields.texts(name).map_err(|_| flaw(fields, name, wrong))?;
    let within = |text: &&str| text.len() as u64 <= limits.user_id_bytes;
    let ids = texts.iter().map(|text| Some(*text).filter(within).and_then(|text| UserId::new(text).ok()));
    ids.collect::<Option<_>>().ok_or_else(|| flaw(fields, name, wrong))
}

/// `To_Account` of a message to many.
pub(crate) fn recipients(body: &Fields<'_>, limits: &Limits) -> Result<Vec<UserId>, BadField> {
    let to = accounts(body, "To_Account", MessageFlaw::Recipient, limits)?;
    let (found, max) = (to.len(), limits.users_per_message);
    match found {
        0 => Err(flaw(body, "To_Account", MessageFlaw::Recipient)),
        found if found as u64 > max => Err(flaw(body, "To_Account", MessageFlaw::Recipients { found, max })),
        _ => Ok(to),
    }
}

/// `To_Account` of a message to some members of a chat group, where it is not to all.
pub(crate) fn targets(body: &Fields<'_>, limits: &Limits) -> Result<Option<Vec<UserId>>, BadField> {
    let to = accounts(body, "To_Account", MessageFlaw::Recipient, limits)?;
    let (found, max) = (to.len(), limits.members_per_message);
    if found as u64 > max {
        return Err(flaw(body, "To_Account", MessageFlaw::Recipients { found, max }));
    }
    Ok((found > 0).then_some(to))
}

/// `Peer_Account`, where only some are asked about.
pub(crate) fn peers(body: &Fields<'_>, limits: &Limits) -> Result<Option<Vec<UserId>>, BadField> {
    let peers = accounts(body, "Peer_Account", MessageFlaw::Recipient, limits)?;
    let (found, max) = (peers.len(), limits.users_per_unread);
    if found as u64 > max {
        return Err(flaw(body, "Peer_Account", MessageFlaw::Peers { found, max }));
    }
    Ok((found > 0).then_some(peers))
}

/// The recipient that a message needs.
pub(crate) fn recipient(body: &Fields<'_>, limits: &Limits) -> Result<UserId, BadField> {
    account(body, "To_Account", MessageFlaw::Recipient, limits)
}

/// An account that is needed.
pub(crate) fn account(body: &Fields<'_>, name: &str, wrong: MessageFlaw, limits: &Limits) -> Result<UserId, BadField> {
    correspondent(body, name, wrong, limits)?.ok_or_else(|| flaw(body, name, wrong))
}

/// A number without a sign, up to `max`.
fn unsigned(fields: &Fields<'_>, name: &str, max: u64, wrong: &Flaw) -> Result<Option<u64>, BadField> {
    let Some(value) = fields.value(name) else { return Ok(None) };
    let n = match value.integer() {
        Some(Integer::Fits(n)) => u64::try_from(n).ok().filter(|n| *n <= max),
        _ => None,
    };
    n.map(Some).ok_or_else(|| fields.bad(name, wrong.clone()))
}

/// `MsgRandom`, or `Random` in a chat group.
pub(crate) fn random(fields: &Fields<'_>, name: &str) -> Result<u64, BadField> {
    let wrong = Flaw::Message(MessageFlaw::Random);
    unsigned(fields, name, u32::MAX.into(), &wrong)?.ok_or_else(|| fields.bad(name, wrong))
}

/// A Unix time that is needed.
pub(crate) fn time(fields: &Fields<'_>, name: &str) -> Result<Timestamp, BadField> {
    let wrong = Flaw::Message(MessageFlaw::Time);
    let read = unsigned(fields, name, u64::MAX, &wrong)?;
    read.map(Timestamp).ok_or_else(|| fields.bad(name, wrong))
}

/// `MsgBody`: a list of elements, each with its `MsgType`.
pub(crate) fn body(fields: &Fields<'_>, to_many: bool, limits: &Limits) -> Result<(), BadField> {
    const NAME: &str = "MsgBody";
    let value = fields.value(NAME).ok_or_else(|| flaw(fields, NAME, MessageFlaw::Form))?;
    let elements = fields.objects(NAME).map_err(|_| flaw(fields, NAME, MessageFlaw::NotAList))?;
    let is_element = |element: &&Json<'_>| {
        let Json::Object(object) = element else { return false };
        let element = Fields::new(object, "MsgBody.");
        element.required_text("MsgType").is_ok() && element.object("MsgContent").is_ok()
    };
    if !elements.iter().all(is_element) {
        return Err(flaw(fields, NAME, MessageFlaw::Form));
    }
    let mut text = Vec::new();
    value.write(&mut text);
    let (bytes, max) = (text.len(), limits.message_bytes);
    if bytes as u64 > max { Err(flaw(fields, NAME, MessageFlaw::TooLong { bytes, max, to_many })) } else { Ok(()) }
}

/// What `SendMsgControl` says (1047/34919). Other words are passed over.
pub(crate) struct Control {
    pub(crate) no_last_message: bool,
    pub(crate) no_unread: bool,
}

pub(crate) fn control(fields: &Fields<'_>) -> Result<Control, BadField> {
    let words = fields.texts("SendMsgControl")?;
    Ok(Control { no_last_message: words.contains(&"NoLastMsg"), no_unread: words.contains(&"NoUnread") })
}

/// Whether it is said to be for those who are online alone.
pub(crate) fn online_only(fields: &Fields<'_>) -> Result<bool, BadField> {
    Ok(fields.integer("OnlineOnlyFlag", "0 or 1")? == Some(1))
}

/// A message between users, all but who sends and gets it.
pub(crate) fn message(fields: &Fields<'_>, to_many: bool, limits: &Limits) -> Result<Message, BadField> {
    let synced = fields.integer("SyncOtherMachine", "1 or 2");
    let synced = synced.map_err(|_| flaw(fields, "SyncOtherMachine", MessageFlaw::SyncOtherMachine))?;
    let seconds = life_seconds(fields)?;
    let sequence = unsigned(fields, "MsgSeq", u32::MAX.into(), &Flaw::NotA("an unsigned 32-bit integer"))?;
    let random = random(fields, "MsgRandom")?;
    body(fields, to_many, limits)?;
    let control = control(fields)?;
    let kept = !online_only(fields)? && seconds != Some(0);
    Ok(Message {
        sequence,
        random,
        sent: None,
        seconds,
        listed: kept && !control.no_last_message,
        counted: kept && !control.no_unread,
        to_sender: synced != Some(2),
    })
}

fn life_seconds(fields: &Fields<'_>) -> Result<Option<u64>, BadField> {
    const NAME: &str = "MsgLifeTime";
    let range = || flaw(fields, NAME, MessageFlaw::LifeTimeRange { max: LIFE_SECONDS_MAX });
    match fields.value(NAME).map(Json::integer) {
        None => Ok(None),
        Some(Some(Integer::Fits(n))) => {
            u64::try_from(n).ok().filter(|n| *n <= LIFE_SECONDS_MAX).map(Some).ok_or_else(range)
        }
        Some(Some(_)) => Err(range()),
        Some(None) => Err(flaw(fields, NAME, MessageFlaw::LifeTime)),
    }
}
