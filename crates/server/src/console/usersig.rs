//! A `UserSig` taken apart: each member, the signed text, which key signed it and what is wrong; and one made for any account. Keys are told by
//! a label and the moment they were added, and never shown.

use super::codes::{Link, meaning, pages};
use super::frame::Frame;
use super::visit::{Refused, Visit};
use super::words::Lang;
use crate::applications::Loaded;
use crate::controls::mint;
use crate::reply::Reply;
use askama::Template;
use cubby_domain::SdkAppId;
use cubby_protocol::explain::Told;
use cubby_protocol::openapi::{Text, text};
use cubby_protocol::usersig::{Dissected, dissect};
use cubby_store::Store;
use std::sync::Arc;

pub(super) const TITLE: Text = text("UserSig", "UserSig");

/// Seconds for which one is made where nothing else is asked: 180 days, as the vendor's own libraries do.
const EXPIRE: i64 = 180 * 86_400;

mod words {
    use super::{Text, text};

    pub(super) const EXPLAIN: Text = text("Explain a UserSig", "解析 UserSig");
    pub(super) const PASTE: Text = text("UserSig", "UserSig");
    pub(super) const SDKAPPID: Text = text("SDKAppID (optional)", "SDKAppID（选填）");
    pub(super) const IDENTIFIER: Text = text("Identifier (optional)", "identifier（选填）");
    pub(super) const DO: Text = text("Explain", "解析");
    pub(super) const NOTHING: Text = text(
        "Paste one that a call was refused with, to see what is in it and what is wrong; or make one.",
        "粘贴被拒绝的 UserSig，查看其内容与问题；也可以签发一个。",
    );
    pub(super) const GOOD: Text = text("Accepted", "有效");
    pub(super) const BAD: Text = text("Refused", "无效");
    pub(super) const DOCUMENTED: Text = text("Documented in", "文档");
    pub(super) const STEPS: Text = text("Decoding", "解码");
    pub(super) const MEMBERS: Text = text("Members", "字段");
    pub(super) const NAME: Text = text("Name", "名称");
    pub(super) const VALUE: Text = text("Value", "值");
    pub(super) const MEANING: Text = text("Meaning", "含义");
    pub(super) const MISSING: Text = text("missing", "缺失");
    pub(super) const SIGNED: Text = text("The text that is signed", "被签名的文本");
    pub(super) const SIGNER: Text = text("Key", "密钥");
    pub(super) const MATCHED: Text = text("signed with {0}", "由 {0} 签名");
    pub(super) const NO_MATCH: Text = text("no key matches", "没有匹配的密钥");
    pub(super) const TIMES: Text = text("Times", "时间");
    pub(super) const MADE: Text = text("Made", "签发时间");
    pub(super) const UNTIL: Text = text("Valid until", "有效期至");
    pub(super) const REMARKS: Text = text("Remarks", "备注");
    pub(super) const NO_KEYS: Text = text(
        "This server has no application {0}, so the signature could not be checked.",
        "本服务没有应用 {0}，无法验证签名。",
    );
    pub(super) const KEY: Text = text("key {0} of application {1}", "应用 {1} 的第 {0} 个密钥");

    pub(super) const MINT: Text = text("Make a UserSig", "签发 UserSig");
    pub(super) const MINT_ABOUT: Text = text(
        "Signed with the newest key of the application that is picked, by its clock.",
        "使用当前应用的最新密钥签发，时间以该应用的时钟为准。",
    );
    pub(super) const FOR: Text = text("Identifier", "identifier");
    pub(super) const EXPIRE: Text = text("Valid for seconds", "有效秒数");
    pub(super) const MAKE: Text = text("Make", "签发");
    pub(super) const COPY: Text = text("Copy", "复制");
    pub(super) const COPIED: Text = text("Copied.", "已复制。");
    pub(super) const NOT_COPIED: Text = text("Select it and copy it.", "请选中后手动复制。");
    pub(super) const NO_APPLICATION: Text =
        text("There is no application yet; create one first.", "尚无应用，请先创建。");
}

#[derive(Template)]
#[template(path = "console/usersig.html")]
struct Page {
    frame: Frame,
    app: Option<u64>,
    usersig: String,
    sdkappid: String,
    identifier: String,
    administrator: String,
    minted: Option<String>,
    found: Option<Found>,
    /// The application that the signature could not be checked against.
    unknown: Option<u64>,
    expire: i64,
}

/// What was found out, in one language.
struct Found {
    good: bool,
    code: Option<u32>,
    meaning: &'static str,
    pages: Vec<Link>,
    told: String,
    steps: Vec<String>,
    members: Vec<Member>,
    remarks: Vec<String>,
    signed_text: Option<String>,
    /// The label of the key that signed it, whether it did so rightly, and that in words.
    signer: Option<(Option<String>, bool, Vec<String>)>,
    times: Option<Shown>,
}

struct Member {
    name: &'static str,
    value: Option<String>,
    meaning: &'static str,
    flaw: Option<String>,
}

struct Shown {
    made_ms: i64,
    until_ms: i64,
    told: String,
}

/// The page, and what its two forms do.
pub(super) fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    match (visit.below.as_str(), visit.is_post()) {
        ("", false) => visit.shows(&page(visit)),
        ("explain", true) => explained(visit).map_or_else(Refused::reply, |page| visit.shows(&page)),
        ("mint", true) => minted(visit).map_or_else(Refused::reply, |page| visit.shows(&page)),
        _ => visit.unknown(),
    }
}

fn page<S: Store>(visit: &Visit<S>) -> Page {
    let picked = visit.picked();
    let administrator = picked.as_ref().and_then(|picked| picked.settings.administrators.first());
    Page {
        frame: visit.frame(),
        app: picked.as_ref().map(|picked| picked.application.id.0),
        usersig: String::new(),
        sdkappid: String::new(),
        identifier: String::new(),
        administrator: administrator.map(|user| user.as_str().to_owned()).unwrap_or_default(),
        minted: None,
        found: None,
        unknown: None,
        expire: EXPIRE,
    }
}

fn explained<S: Store>(visit: &Visit<S>) -> Result<Page, Refused> {
    let usersig = visit.field("usersig").unwrap_or_default();
    let (sdkappid, identifier) = (visit.number("sdkappid")?, visit.filled("identifier"));
    // Without a number the one inside is looked up, whoever's it is.
    let inside = || cubby_protocol::usersig::UserSig::decode(usersig.trim()).ok().map(|sig| sig.sdkappid());
    let of = sdkappid.or_else(inside);
    let loaded = match of {
        Some(id) => visit.app.applications.get(SdkAppId(id)),
        None => visit.picked(),
    };
    let clock = &visit.app.clock;
    let now = loaded.as_ref().map_or_else(|| clock.now(), |loaded| loaded.controls.clock.now(clock));
    let now = i64::try_from(now.0).unwrap_or(i64::MAX);
    let keys = loaded.as_ref().map(|loaded| labelled(loaded, visit.lang)).unwrap_or_default();
    let found = dissect(&usersig, sdkappid, identifier.as_deref(), &keys, now);
    Ok(Page {
        found: Some(Found::of(found, visit.lang)),
        unknown: if loaded.is_none() { of } else { None },
        usersig,
        sdkappid: sdkappid.map(|id| id.to_string()).unwrap_or_default(),
        identifier: identifier.unwrap_or_default(),
        ..page(visit)
    })
}

/// The keys of an application, each under a label to call it by.
fn labelled(loaded: &Arc<Loaded>, lang: Lang) -> Vec<(String, String)> {
    let label = |n: usize| {
        lang.say(words::KEY).replace("{0}", &(n + 1).to_string()).replace("{1}", &loaded.application.id.to_string())
    };
    loaded.application.keys.iter().enumerate().map(|(n, key)| (label(n), key.text.to_string())).collect()
}

fn minted<S: Store>(visit: &Visit<S>) -> Result<Page, Refused> {
    let picked = visit.named().ok_or_else(|| Refused::of(409, visit.lang.say(words::NO_APPLICATION)))?;
    let (identifier, expire) = (visit.filled("identifier").unwrap_or_default(), visit.number("expire")?);
    let usersig = mint(&picked, &identifier, expire.unwrap_or(EXPIRE), &visit.app.clock);
    Ok(Page { minted: Some(usersig.map_err(|why| visit.refuse(400, &why))?), ..page(visit) })
}

impl Found {
    fn of(found: Dissected, lang: Lang) -> Self {
        let all = |told: Vec<Told>| told.into_iter().map(|one| lang.told(one)).collect::<Vec<_>>();
        let code = found.code().map(|code| code.0);
        let member = |member: cubby_protocol::usersig::Member| Member {
            name: member.name,
            value: member.value.map(|value| lang.told(value)),
            meaning: lang.say(member.meaning),
            flaw: member.flaw.map(|flaw| lang.told(flaw)),
        };
        Self {
            good: found.verdict.is_ok(),
            code,
            meaning: code.map(|code| meaning(code, lang)).unwrap_or_default(),
            pages: code.map(pages).unwrap_or_default(),
            told: without_verdict(&lang.told(found.told)).to_owned(),
            steps: all(found.steps),
            members: found.members.into_iter().map(member).collect(),
            remarks: all(found.remarks),
            signed_text: found.signed_text,
            signer: found.signer.map(|signer| (signer.key, signer.is_right, all(signer.told))),
            times: found.times.map(|times| Shown {
                made_ms: times.made.saturating_mul(1000),
                until_ms: times.valid_until.saturating_mul(1000),
                told: lang.told(times.told),
            }),
        }
    }
}

/// What was found without the word of the verdict, which the page shows by itself.
fn without_verdict(told: &str) -> &str {
    ["refused. ", "无效。"].iter().find_map(|verdict| told.strip_prefix(verdict)).unwrap_or(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_not_told_twice() {
        for lang in [Lang::En, Lang::Zh] {
            let found = Found::of(dissect::<&str>("", None, None, &[], 0), lang);
            let word = lang.say(words::BAD);
            assert!(!found.good && !found.told.is_empty(), "{}", found.told);
            assert!(!found.told.to_lowercase().starts_with(&word.to_lowercase()), "{}", found.told);
        }
    }
}
