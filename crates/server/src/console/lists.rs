//! What the pages of accounts and of chat groups share: texts, pages of a list, many ids out of one field, and the account picker's list.

use super::data::{self, Refused};
use super::visit::Visit;
use crate::applications::Loaded;
use askama::Template;
use cubby_domain::UserId;
use cubby_domain::queries::{AccountPage, ListAccounts};
use cubby_protocol::endpoint::Family;
use cubby_store::Store;

/// How many rows a list shows at once.
pub(super) const ROWS: u64 = 50;
/// How many ids one reply names that something was not done to.
const NAMED_MAX: usize = 20;

pub(super) mod words {
    use cubby_protocol::openapi::{Text, text};

    pub(in crate::console) const SEARCH: Text = text("Search", "搜索");
    pub(in crate::console) const FIRST: Text = text("First page", "第一页");
    pub(in crate::console) const NEXT: Text = text("Next page", "下一页");
    pub(in crate::console) const NOTHING_FOUND: Text = text("Nothing has this text in it.", "没有符合条件的结果。");
    pub(in crate::console) const MORE_MAY_FOLLOW: Text =
        text("Nothing here; later pages may have some.", "本页没有结果，后面的页可能有。");
    pub(in crate::console) const NOT_DONE: Text = text("Not done: ", "未处理：");
    pub(in crate::console) const NO_APPLICATION: Text = text("There is no application yet", "尚无应用");
    pub(in crate::console) const NO_APPLICATION_ABOUT: Text = text(
        "Make one first: start the server with --app, or use cubby app create.",
        "请先创建应用：以 --app 启动服务，或使用 cubby app create。",
    );
}

/// A query string that names the application, and these.
pub(super) fn query(app: u64, pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("app", &app.to_string()).extend_pairs(pairs).finish()
}

/// The lines of a field that hold something.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What was done to so many, and whom it was not done to.
pub(super) fn told<S: Store>(visit: &Visit<S>, done: &str, not: &[String]) -> String {
    if not.is_empty() {
        return done.to_owned();
    }
    let named = not.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if not.len() > NAMED_MAX { " …" } else { "" };
    format!("{done} {}{named}{more}", visit.lang.say(words::NOT_DONE))
}

/// A page of the accounts that have a text in them.
pub(super) async fn accounts<S: Store>(
    visit: &Visit<S>,
    of: &Loaded,
    text: Option<String>,
    after: Option<String>,
    limit: u64,
) -> Result<AccountPage, Refused> {
    let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(Into::into);
    let after = after.and_then(|after| UserId::new(&after).ok());
    data::query(visit, of, Family::Account, ListAccounts { after, limit, text }).await
}

/// Accounts to choose from.
#[derive(Template)]
#[template(path = "console/choices.html")]
pub(super) struct Choices {
    pub(super) accounts: AccountPage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_holds_an_id_a_line() {
        assert_eq!(lines(" a\r\n\n b c \n").collect::<Vec<_>>(), ["a", "b c"]);
    }
}
