//! What pages ask of an application's data and do to it. What a person typed is read as the body of a call would be, so that the same
//! rules and limits hold; what they refuse is told with its code and in words. Only who calls is not checked: that was the console's login.

use super::visit::Visit;
use super::words::Lang;
use crate::applications::Loaded;
use cubby_domain::{Command, ItemRefusal, Query};
use cubby_protocol::codes::{self, CODES, Code, Failure};
use cubby_protocol::endpoint::{self, Call, Endpoint, Family};
use cubby_protocol::openapi::{Text, text};
use cubby_store::{Answer, Store, StoreError};
use serde_json::Value;

const STORE_FAILED: Text = text("The store did not do it: ", "存储未能完成操作：");

const NO_ADMINISTRATOR: Text = text("The application has no administrator.", "该应用没有管理员。");

/// What a page says whose application was deleted.
pub(super) const APPLICATION_GONE: Text =
    text("There is no such application any more; load the page again.", "该应用已不存在，请重新加载页面。");

/// Why something was not done, in the language of the page.
#[derive(Debug)]
pub(super) struct Refused(pub(super) String);

/// Runs the command of an endpoint on a body.
pub(super) async fn call<S: Store, E: Endpoint>(
    visit: &Visit<S>,
    of: &Loaded,
    body: &Value,
) -> Result<E::Reply, Refused>
where
    E::Action: Command<Reply = E::Reply>,
{
    Ok(call_asked::<S, E>(visit, of, body).await?.1)
}

/// The same, with what its reply on the wire would repeat of the request.
pub(super) async fn call_asked<S: Store, E: Endpoint>(
    visit: &Visit<S>,
    of: &Loaded,
    body: &Value,
) -> Result<(E::Asked, E::Reply), Refused>
where
    E::Action: Command<Reply = E::Reply>,
{
    let Some(caller) = of.settings.administrators.first() else {
        return Err(Refused(visit.lang.say(NO_ADMINISTRATOR).to_owned()));
    };
    let call = Call { caller, settings: &of.settings };
    let read = endpoint::read::<E>(body.to_string().as_bytes(), &call);
    let (asked, action) = read.map_err(|failure| refused(visit.lang, E::META.family, &failure))?;
    Ok((asked, execute(visit, of, E::META.family, action).await?))
}

/// Runs a command that is made of what the store has.
pub(super) async fn execute<S: Store, C: Command>(
    visit: &Visit<S>,
    of: &Loaded,
    family: Family,
    command: C,
) -> Result<C::Reply, Refused> {
    told(visit, family, visit.app.store.execute(command, visit.context(of)).await)
}

/// Asks a query that is made of what the store has.
pub(super) async fn query<S: Store, Q: Query>(
    visit: &Visit<S>,
    of: &Loaded,
    family: Family,
    query: Q,
) -> Result<Q::Reply, Refused> {
    told(visit, family, visit.app.store.query(query, visit.context(of)).await)
}

fn told<S: Store, R>(visit: &Visit<S>, family: Family, answer: Answer<R>) -> Result<R, Refused> {
    match answer {
        Ok(answer) => answer.map_err(|refusal| refused(visit.lang, family, &refusal.into())),
        Err(error) => Err(failed(visit.lang, &error)),
    }
}

/// The machine failed.
pub(super) fn failed(lang: Lang, error: &StoreError) -> Refused {
    tracing::warn!(%error, "the console could not use the store");
    Refused(format!("{}{error}", lang.say(STORE_FAILED)))
}

pub(super) fn refused(lang: Lang, family: Family, failure: &Failure) -> Refused {
    Refused(in_words(lang, codes::code(family, failure), &failure.to_string()))
}

/// The first item that was refused.
pub(super) fn items(lang: Lang, family: Family, results: &[Result<(), ItemRefusal>]) -> Result<(), Refused> {
    match results.iter().find_map(|result| result.as_ref().err()) {
        None => Ok(()),
        Some(refusal) => Err(item(lang, family, refusal)),
    }
}

/// An item that was refused.
pub(super) fn item(lang: Lang, family: Family, refusal: &ItemRefusal) -> Refused {
    Refused(in_words(lang, codes::item_code(family, refusal), &refusal.to_string()))
}

/// A code, what it means, and what the rule says.
fn in_words(lang: Lang, Code(code): Code, rule: &str) -> String {
    let known = CODES.iter().find(|one| one.code == Code(code));
    let meaning = known.map(|known| lang.say(known.text)).unwrap_or_default();
    match lang {
        Lang::En => format!("{code}: {meaning} ({rule})"),
        Lang::Zh => format!("{code}：{meaning}（{rule}）"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cubby_domain::Refusal;

    #[test]
    fn a_refusal_is_told_with_its_code_and_in_both_languages() {
        let failure = Failure::Refused(Refusal::TooManyContactGroups { max: 20 });
        let said = |lang| refused(lang, Family::Contact, &failure).0;
        assert!(said(Lang::En).starts_with("51010: over the number of conversation groups ("), "{}", said(Lang::En));
        assert!(said(Lang::Zh).starts_with("51010：会话分组数超过上限（"), "{}", said(Lang::Zh));
        assert!(said(Lang::En).contains("at most 20"));
    }
}
