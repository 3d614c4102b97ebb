//! The table of the surface: a line each, with what it takes and gives, out of which its description is made too.

use super::asked::{Asked, Told};
use super::{apps, calls, clock, faults, replay, signing, state};
use crate::controls::{Counted, Data, File, GivenFault, Rate, SignedAnew};
use cubby_protocol::openapi::{Text, text};
use cubby_store::Store;
use hyper::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::future::ready;
use std::marker::PhantomData;
use std::pin::Pin;

/// A type's form in JSON.
pub(super) type Form = fn(&mut SchemaGenerator) -> Schema;
type Handler<S> = fn(Asked<S>) -> Pin<Box<dyn Future<Output = Told> + Send>>;

/// What is true of a route, whatever the store is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Described {
    pub(super) method: &'static str,
    /// The path under `/admin/v1/`; `{…}` stands for what is named.
    pub(super) path: &'static str,
    pub(super) text: Text,
    pub(super) takes: Option<Form>,
    pub(super) gives: Option<Form>,
    /// Parameters of the query string: the name, whether it is a number, and what it is for.
    pub(super) query: &'static [(&'static str, bool, Text)],
    /// Whether the reply is a stream of events, each of that form.
    pub(super) live: bool,
    pub(super) created: bool,
}

/// A route.
pub(super) struct Route<S: Store> {
    pub(super) described: Described,
    pub(super) run: Handler<S>,
}

impl<S: Store> Route<S> {
    const fn new(method: &'static str, path: &'static str, text: Text, run: Handler<S>) -> Self {
        let described =
            Described { method, path, text, takes: None, gives: None, query: &[], live: false, created: false };
        Self { described, run }
    }

    const fn takes<T: JsonSchema>(mut self) -> Self {
        self.described.takes = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    const fn gives<T: JsonSchema>(mut self) -> Self {
        self.described.gives = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    const fn query(mut self, query: &'static [(&'static str, bool, Text)]) -> Self {
        self.described.query = query;
        self
    }

    const fn created(mut self) -> Self {
        self.described.created = true;
        self
    }

    const fn live(mut self) -> Self {
        self.described.live = true;
        self
    }
}

/// What a method and a path come to.
pub(super) enum Found<S: Store + 'static> {
    Route(&'static Route<S>, Vec<String>),
    /// The path takes these methods alone.
    OtherMethods(Vec<&'static str>),
    Nothing,
}

/// What is under a path without its first `/admin/v1/`.
pub(super) fn find<S: Store>(method: &Method, path: &str) -> Found<S> {
    let mut others = Vec::new();
    for route in Table::<S>::ROUTES {
        let Some(params) = matched(route.described.path, path) else { continue };
        if route.described.method == method.as_str() {
            return Found::Route(route, params);
        }
        others.push(route.described.method);
    }
    if others.is_empty() { Found::Nothing } else { Found::OtherMethods(others) }
}

/// What stands for the `{…}` of a pattern, where a path is of it.
fn matched(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut params, mut parts) = (Vec::new(), path.split('/'));
    for wanted in pattern.split('/') {
        let part = parts.next()?;
        if wanted.starts_with('{') {
            let decoded = percent(part).filter(|text| !text.is_empty())?;
            params.push(decoded);
        } else if wanted != part {
            return None;
        }
    }
    parts.next().is_none().then_some(params)
}

/// A part of a path with its escapes undone. A plus sign is one.
fn percent(part: &str) -> Option<String> {
    let plus = part.replace('+', "%2B");
    let decoded = form_urlencoded::parse(plus.as_bytes()).next()?.0.into_owned();
    // An equals sign would end a name; nothing that is named here has one.
    (!part.contains(['=', '&'])).then_some(decoded)
}

/// All of them, described.
pub(super) fn described() -> impl Iterator<Item = &'static Described> {
    Table::<cubby_store::Memory>::ROUTES.iter().map(|route| &route.described)
}

struct Table<S>(PhantomData<S>);

const CALLS_QUERY: &[(&str, bool, Text)] = &[
    ("command", false, text("Of this command: service/command.", "仅此接口：service/command。")),
    ("code", true, text("With this ErrorCode.", "仅此 ErrorCode。")),
    ("failed", false, text("true: that failed.", "true：仅失败的调用。")),
    ("text", false, text("With this text in the body or the path.", "请求包体或路径中含有此文本。")),
];

const CALLS_PAGE: &[(&str, bool, Text)] = &[
    ("command", false, text("Of this command: service/command.", "仅此接口：service/command。")),
    ("code", true, text("With this ErrorCode.", "仅此 ErrorCode。")),
    ("failed", false, text("true: that failed.", "true：仅失败的调用。")),
    ("text", false, text("With this text in the body or the path.", "请求包体或路径中含有此文本。")),
    ("before", true, text("Before the call of this number.", "在此编号的调用之前。")),
    ("limit", true, text("So many at most; 50 by default, up to 500.", "最多返回的条数，默认 50，最大 500。")),
];

impl<S: Store> Table<S> {
    const ROUTES: &'static [Route<S>] = &[
        Route::new("GET", "apps", text("All applications", "所有应用"), |asked| {
            Box::pin(ready(apps::list(&asked)))
        })
        .gives::<Vec<apps::Listed>>(),
        Route::new("POST", "apps", text("Make an application", "创建应用"), |asked| Box::pin(apps::create(asked)))
            .takes::<apps::Create>()
            .gives::<apps::Created>()
            .created(),
        Route::new("GET", "apps/{sdkappid}", text("An application", "查询应用"), |asked| {
            Box::pin(apps::show(asked))
        })
        .gives::<apps::Shown>(),
        Route::new(
            "PATCH",
            "apps/{sdkappid}",
            text("Change an application: all of it, or nothing", "修改应用：全部生效或全部不生效"),
            |asked| Box::pin(apps::change(asked)),
        )
        .takes::<apps::Change>()
        .gives::<apps::Changed>(),
        Route::new(
            "DELETE",
            "apps/{sdkappid}",
            text("Delete an application with all its data", "删除应用及其全部数据"),
            |asked| Box::pin(apps::delete(asked)),
        ),
        Route::new(
            "GET",
            "apps/{sdkappid}/rates",
            text("The call rates and what is left of them", "调用频率及其余量"),
            |asked| Box::pin(apps::rates(asked)),
        )
        .gives::<Vec<Rate>>(),
        Route::new(
            "POST",
            "seed",
            text("Load applications with their data; a reset goes back to it", "加载应用及其数据；重置时恢复到此状态"),
            |asked| Box::pin(state::seed_all(asked)),
        )
        .takes::<File>()
        .gives::<Vec<state::Seeded>>(),
        Route::new(
            "PUT",
            "apps/{sdkappid}/seed",
            text("Load the data of an application; a reset goes back to it", "加载应用的数据；重置时恢复到此状态"),
            |asked| Box::pin(state::seed(asked)),
        )
        .takes::<Data>()
        .gives::<state::Replaced>(),
        Route::new(
            "POST",
            "apps/{sdkappid}/reset",
            text(
                "Go back to the seed: the data; and no fault, no waiting call, the system's clock, full rates",
                "重置到加载时的状态：数据、故障、等待中的调用、时钟、频率",
            ),
            |asked| Box::pin(state::reset(asked)),
        )
        .takes::<state::Reset>()
        .gives::<state::Replaced>(),
        Route::new("GET", "apps/{sdkappid}/snapshots", text("The snapshots", "所有快照"), |asked| {
            Box::pin(state::snapshots(asked))
        })
        .gives::<Vec<state::Snapshot>>(),
        Route::new(
            "PUT",
            "apps/{sdkappid}/snapshots/{snapshot}",
            text("Take a snapshot of the data", "为数据创建快照"),
            |asked| Box::pin(state::take(asked)),
        )
        .gives::<state::Snapshot>(),
        Route::new(
            "DELETE",
            "apps/{sdkappid}/snapshots/{snapshot}",
            text("Forget a snapshot", "删除快照"),
            |asked| Box::pin(state::forget(asked)),
        ),
        Route::new(
            "POST",
            "apps/{sdkappid}/snapshots/{snapshot}/restore",
            text("Bring the data back to a snapshot", "将数据恢复到快照"),
            |asked| Box::pin(state::restore(asked)),
        )
        .gives::<state::Replaced>(),
        Route::new("GET", "apps/{sdkappid}/faults", text("The faults", "所有故障"), |asked| {
            Box::pin(faults::list(asked))
        })
        .gives::<Vec<Counted>>(),
        Route::new("POST", "apps/{sdkappid}/faults", text("Add a fault", "添加故障"), |asked| {
            Box::pin(faults::add(asked))
        })
        .takes::<GivenFault>()
        .gives::<faults::Added>()
        .created(),
        Route::new(
            "DELETE",
            "apps/{sdkappid}/faults",
            text("Clear all faults, and let the calls go that wait", "清除所有故障，并放行正在等待的调用"),
            |asked| Box::pin(faults::clear_all(asked)),
        ),
        Route::new("DELETE", "apps/{sdkappid}/faults/{fault}", text("Clear a fault", "清除一个故障"), |asked| {
            Box::pin(faults::clear(asked))
        }),
        Route::new("GET", "apps/{sdkappid}/clock", text("The clock", "查询时钟"), |asked| {
            Box::pin(clock::show(asked))
        })
        .gives::<clock::Shown>(),
        Route::new("POST", "apps/{sdkappid}/clock", text("Turn the clock", "调整时钟"), |asked| {
            Box::pin(clock::turn(asked))
        })
        .takes::<clock::Given>()
        .gives::<clock::Shown>(),
        Route::new(
            "PUT",
            "apps/{sdkappid}/signing",
            text("How strictly UserSigs are checked", "UserSig 的校验方式"),
            |asked| Box::pin(signing::set(asked)),
        )
        .takes::<signing::Mode>()
        .gives::<signing::Mode>(),
        Route::new("POST", "apps/{sdkappid}/usersig", text("Make a UserSig", "签发 UserSig"), |asked| {
            Box::pin(signing::mint(asked))
        })
        .takes::<signing::Mint>()
        .gives::<signing::Minted>(),
        Route::new(
            "GET",
            "apps/{sdkappid}/calls",
            text("The last calls, the newest first", "最近的调用，最新的在前"),
            |asked| Box::pin(calls::list(asked)),
        )
        .gives::<Vec<calls::Brief>>()
        .query(CALLS_PAGE),
        Route::new(
            "GET",
            "calls",
            text("The last calls that name no application", "最近未指明应用的调用"),
            |asked| Box::pin(ready(calls::strays(&asked))),
        )
        .gives::<Vec<calls::Detail>>()
        .query(CALLS_QUERY),
        // Before the one of a number, which would take it.
        Route::new(
            "GET",
            "apps/{sdkappid}/calls/live",
            text("Each call as it is answered", "实时推送每次调用"),
            |asked| Box::pin(calls::live(asked)),
        )
        .gives::<calls::Brief>()
        .query(CALLS_QUERY)
        .live(),
        Route::new(
            "GET",
            "apps/{sdkappid}/calls/{call}",
            text("A call, explained", "一次调用及其说明"),
            |asked| Box::pin(calls::show(asked)),
        )
        .gives::<calls::Detail>(),
        Route::new(
            "GET",
            "apps/{sdkappid}/calls/{call}/request",
            text("A call signed anew, ready to be sent again", "重新签名、可再次发送的调用"),
            |asked| Box::pin(replay::request(asked)),
        )
        .gives::<SignedAnew>(),
        Route::new(
            "GET",
            "apps/{sdkappid}/calls/{call}/curl",
            text("A call as a curl command", "调用的 curl 命令"),
            |asked| Box::pin(replay::curl(asked)),
        )
        .gives::<replay::Curl>()
        .query(&[("url", false, text("Of this server, else the one asked.", "服务地址，默认为当前服务。"))]),
        Route::new(
            "GET",
            "apps/{sdkappid}/calls/{call}/scenario",
            text("Calls as a conformance scenario", "将调用转为一致性测试场景"),
            |asked| Box::pin(replay::scenario(asked)),
        )
        .gives::<replay::Scenario>()
        .query(&[
            (
                "to",
                true,
                text("Up to the call of this number; else the one alone.", "到此编号的调用为止，默认仅此一次。"),
            ),
            ("title", false, text("The scenario's title.", "场景标题。")),
        ]),
        Route::new("DELETE", "apps/{sdkappid}/calls", text("Forget the calls", "清除调用记录"), |asked| {
            Box::pin(calls::forget(asked))
        }),
        Route::new(
            "PUT",
            "apps/{sdkappid}/recording",
            text("Whether calls are recorded, where they are not by themselves", "是否记录调用（模拟器始终记录）"),
            |asked| Box::pin(calls::record(asked)),
        )
        .takes::<calls::Recording>()
        .gives::<calls::Recording>(),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_path_is_matched_part_by_part_and_its_escapes_are_undone() {
        let matched = |pattern, path| matched(pattern, path).map(|found| found.join("|"));
        assert_eq!(matched("apps/{a}/faults/{b}", "apps/7/faults/3").as_deref(), Some("7|3"));
        assert_eq!(matched("apps/{a}", "apps/a%20b+c%2Fd").as_deref(), Some("a b+c/d"));
        for path in ["apps", "apps/", "apps/7/faults", "app/7", "apps/a=b"] {
            assert_eq!(matched("apps/{a}", path), None, "{path}");
        }
    }

    #[test]
    fn every_route_is_found_by_its_own_path() {
        for one in described() {
            let method = Method::from_bytes(one.method.as_bytes()).unwrap();
            let Found::Route(found, _) = find::<cubby_store::Memory>(&method, one.path) else { panic!("{}", one.path) };
            assert_eq!((found.described.method, found.described.path), (one.method, one.path));
        }
    }

    #[test]
    fn no_two_routes_have_one_method_and_path() {
        let all: Vec<_> = described().map(|one| (one.method, one.path)).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
