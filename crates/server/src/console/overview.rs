//! How the server does: what it counts, read every two seconds by `assets/overview.js`, which draws it; and the first steps of a newcomer.

use super::codes::meaning;
use super::frame::Frame;
use super::visit::Visit;
use crate::reply::Reply;
use askama::Template;
use cubby_protocol::openapi::{Text, text};
use cubby_store::figures::{Distribution, Figures};
use cubby_store::{Health, Store};
use serde_json::{Map, Value, json};

pub(super) const TITLE: Text = text("Overview", "概览");

mod words {
    use super::{Text, text};

    pub(super) const FIRST: Text = text("First steps", "快速开始");
    pub(super) const FIRST_SEND: Text =
        text("Send a first call here: its sample is filled in.", "在此发送第一次调用，示例已填好。");
    pub(super) const SEND: Text = text("Send the first call", "发送第一次调用");
    pub(super) const FIRST_CLIENT: Text = text("Point your back end at this server.", "将后端指向本服务。");
    pub(super) const BASE: Text = text("Base URL", "服务地址");
    pub(super) const KEY_AT: Text = text("its keys", "查看密钥");
    pub(super) const FIRST_CURL: Text = text("Or call it from a shell:", "或在终端中调用：");
    pub(super) const CURL: Text = text("Copy a curl that works now", "复制可直接运行的 curl");
    pub(super) const NO_APPLICATION: Text = text("Create an application first.", "请先创建应用。");
    pub(super) const CREATE: Text = text("Create an application", "创建应用");
    pub(super) const HEALTH: Text = text("Store", "存储");
    pub(super) const UPTIME: Text = text("Up for", "已运行");
    pub(super) const VERSION: Text = text("Version", "版本");
    pub(super) const CALLS: Text = text("Calls answered", "已应答调用");
    pub(super) const SIZE: Text = text("Store size", "存储大小");
    pub(super) const QUEUE: Text = text("Waiting for the store", "等待存储");
    pub(super) const BATCH: Text = text("Commands in a write", "每次写入的命令数");
    pub(super) const APPLICATIONS: Text = text("Applications", "应用数");
    pub(super) const THROUGHPUT: Text = text("Calls a second", "每秒调用");
    pub(super) const LATENCY: Text = text("Latency", "延迟");
    pub(super) const ERRORS: Text = text("Failures a second", "每秒失败");
    pub(super) const COMMIT: Text = text("Durable write", "持久化写入");
    pub(super) const CODES: Text = text("Codes since the start", "启动以来的错误码");
    pub(super) const CODE: Text = text("Code", "错误码");
    pub(super) const MEANING: Text = text("Meaning", "含义");
    pub(super) const COUNT: Text = text("Calls", "次数");
    pub(super) const COMMANDS: Text = text("Commands since the start", "启动以来的接口");
    pub(super) const COMMAND: Text = text("Command", "接口");
    pub(super) const NONE: Text = text("No call yet.", "暂无调用。");
    pub(super) const SCRIPT: Text = text("The figures need JavaScript.", "指标显示需要 JavaScript。");

    /// Those of the script.
    pub(super) const OF_SCRIPT: &[(&str, Text)] = &[
        ("calls", text("calls", "调用")),
        ("failures", text("failures", "失败")),
        ("p50", text("p50", "p50")),
        ("p99", text("p99", "p99")),
        ("none", text("none", "无")),
        ("memory", text("in memory", "内存")),
        ("day", text("{0} d {1} h", "{0} 天 {1} 小时")),
        ("hour", text("{0} h {1} min", "{0} 小时 {1} 分")),
        ("minute", text("{0} min {1} s", "{0} 分 {1} 秒")),
        ("ago", text("{0} s ago", "{0} 秒前")),
        ("now", text("now", "现在")),
        ("copied", text("Copied.", "已复制。")),
        (
            "not_copied",
            text(
                "The browser does not let this page copy; select the text and copy it.",
                "浏览器不允许复制，请选中文本后手动复制。",
            ),
        ),
    ];

    pub(super) const SERVING: Text = text("serving", "正常");
    pub(super) const OVERLOADED: Text = text("overloaded", "过载");
    pub(super) const UNAVAILABLE: Text = text("unavailable", "不可用");
    pub(super) const FAILED: Text = text("failed", "故障");
}

const CHARTS: &[(&str, Text)] = &[
    ("throughput", words::THROUGHPUT),
    ("latency", words::LATENCY),
    ("errors", words::ERRORS),
    ("commit", words::COMMIT),
];

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Page {
    frame: Frame,
    app: Option<u64>,
    administrator: String,
    /// The script's texts, in JSON.
    words: String,
    /// The charts, by the ids of their places.
    charts: Vec<(&'static str, &'static str)>,
}

/// The page, and what its script asks for.
pub(super) fn answer<S: Store>(visit: &Visit<S>) -> Reply {
    match (visit.below.as_str(), visit.is_post()) {
        ("", false) => page(visit),
        ("figures", false) => Reply::json(200, figures(visit).to_string()),
        _ => visit.unknown(),
    }
}

fn page<S: Store>(visit: &Visit<S>) -> Reply {
    let picked = visit.picked();
    let administrator = picked.as_ref().and_then(|picked| picked.settings.administrators.first());
    let words: Map<String, Value> =
        words::OF_SCRIPT.iter().map(|(name, text)| ((*name).to_owned(), visit.lang.say(*text).into())).collect();
    visit.shows(&Page {
        frame: visit.frame(),
        app: picked.as_ref().map(|picked| picked.application.id.0),
        administrator: administrator.map(|user| user.as_str().to_owned()).unwrap_or_default(),
        words: Value::Object(words).to_string(),
        charts: CHARTS.iter().map(|(id, title)| (*id, visit.lang.say(*title))).collect(),
    })
}

/// What is counted since the start, and what there is at this moment. Differences are the script's.
fn figures<S: Store>(visit: &Visit<S>) -> Value {
    let all = visit.app.metrics.together();
    let (health, healthy) = match visit.app.store.health() {
        Health::Serving => (words::SERVING, true),
        Health::Overloaded => (words::OVERLOADED, false),
        Health::Unavailable(_) => (words::UNAVAILABLE, false),
        Health::Poisoned(_) => (words::FAILED, false),
    };
    let codes = all.codes.iter().map(|(code, count)| {
        let code = code.map_or(u32::MAX, |code| code.0);
        json!({"code": code, "meaning": meaning(code, visit.lang), "count": count})
    });
    let commands = all.commands.iter().map(|(path, count)| json!({"command": path, "count": count}));
    let Figures { queue, commits, disk, .. } = visit.app.store.figures();
    let batches = commits.as_ref().and_then(|commits| commits.batches.as_ref());
    json!({
        "at_ms": visit.app.clock.monotonic().as_millis(),
        "up": visit.app.clock.now().0.saturating_sub(visit.app.metrics.started().0),
        "health": visit.lang.say(health),
        "healthy": healthy,
        "applications": visit.app.applications.count(),
        "codes": codes.collect::<Vec<_>>(),
        "commands": commands.collect::<Vec<_>>(),
        "took": {"bounds": all.bounds, "counts": all.took},
        "queue": queue.map(|queue| json!({"now": queue.now, "max": queue.max})),
        "commits": commits.as_ref().map(|commits| distribution(&commits.took)),
        "batches": batches.map(|batches| distribution(&batches.commands)),
        "bytes": disk.map(|disk| disk.tables + disk.journals),
    })
}

fn distribution(of: &Distribution) -> Value {
    json!({"bounds": of.bounds, "counts": of.counts, "sum": of.sum})
}
