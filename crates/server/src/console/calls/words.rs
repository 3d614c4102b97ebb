//! The texts of the page of calls.

use cubby_protocol::openapi::{Text, text};

/// Those of its script.
pub(super) const OF_SCRIPT: &[(&str, Text)] = &[
    ("live", text("Live", "实时")),
    ("paused", text("Not connected", "未连接")),
    ("missed", text("{0} calls were missed.", "遗漏了 {0} 次调用。")),
    ("copied", text("Copied.", "已复制。")),
    ("not_copied", text("The browser does not let this page copy.", "浏览器不允许复制。")),
    ("replayed", text("Sent again: {0}", "已重新发送：{0}")),
    ("ok", text("OK", "成功")),
    ("no_reply", text("There was no reply: {0}", "没有收到应答：{0}")),
];

pub(super) const COMMAND: Text = text("Command", "接口");
pub(super) const ANY: Text = text("Any", "全部");
pub(super) const CODE: Text = text("Code", "错误码");
pub(super) const TEXT: Text = text("Text in path or body", "路径或包体中的文本");
pub(super) const FAILED: Text = text("Failed only", "仅失败");
pub(super) const WHOSE: Text = text("Calls of", "来源");
pub(super) const OF_APPLICATION: Text = text("The application", "当前应用");
pub(super) const OF_NONE: Text = text("No application", "未指明应用");
pub(super) const CLEAR: Text = text("Clear", "清空");
pub(super) const CLEAR_SURE: Text = text("Forget all recorded calls?", "清空所有调用记录？");
pub(super) const RECORD: Text = text("Record calls", "记录调用");
pub(super) const LIST: Text = text("List of calls", "调用列表");
pub(super) const FILTER: Text = text("Which calls", "筛选");
pub(super) const MORE: Text = text("Earlier calls", "更早的调用");
pub(super) const FAULT: Text = text("fault {0}", "故障 {0}");
pub(super) const PICK: Text = text("Choose a call to see what happened in it.", "选择一次调用以查看详情。");
pub(super) const NONE_YET: Text = text(
    "No call yet. Send one with the debug tool, or let your program call this server; it appears here at once.",
    "暂无调用。可用调试工具发送一次，或让程序调用本服务，调用会即时显示在这里。",
);
pub(super) const NOT_RECORDED: Text = text(
    "Calls of this application are not recorded. Turn it on above, and send some.",
    "尚未记录该应用的调用。请在上方开启记录后再发送。",
);
pub(super) const STRAYS_NOT_RECORDED: Text = text(
    "Calls that name no application are recorded by an emulator only (cubby serve --emulator).",
    "仅模拟器模式（cubby serve --emulator）会记录未指明应用的调用。",
);
pub(super) const TO_DEBUG: Text = text("Send a call", "发送一次调用");
pub(super) const NO_APPLICATION: Text = text("This application is gone.", "该应用已不存在。");
pub(super) const SCRIPT: Text = text("This page needs JavaScript.", "此页面需要 JavaScript。");
pub(super) const GONE: Text =
    text("This call is no longer kept; the last {0} are.", "该调用已不在记录中；仅保留最近 {0} 次。");

// Of one call.
pub(super) const CALL: Text = text("Call {0}", "调用 {0}");
pub(super) const REPLAY: Text = text("Send again", "重新发送");
pub(super) const IN_DEBUG: Text = text("Open in the debug tool", "在调试工具中打开");
pub(super) const CURL: Text = text("Copy as curl", "复制为 curl");
pub(super) const SCENARIO: Text = text("Copy as scenario", "复制为测试场景");
pub(super) const FROM: Text = text("Calls from", "调用范围");
pub(super) const TO: Text = text("to", "至");
pub(super) const REQUEST: Text = text("Request", "请求");
pub(super) const REPLY: Text = text("Reply", "应答");
pub(super) const QUERY: Text = text("Query string", "查询参数");
pub(super) const PART: Text = text("The first {0} of {1} bytes", "前 {0} 字节，共 {1} 字节");
pub(super) const EMPTY: Text = text("Empty", "空");
pub(super) const REFUSED: Text = text("Refused by", "拒绝此调用的检查");
pub(super) const ROW: Text = text("check {0}", "第 {0} 项检查");
pub(super) const ADVICE: Text = text("What to do", "处理建议");
pub(super) const IGNORED: Text = text("Fields that nobody reads", "被忽略的字段");
pub(super) const MEANT: Text = text("Probably meant:", "可能想写：");
pub(super) const TOLERATED: Text = text("Passed by leniency", "因宽松处理而通过");
pub(super) const TIME: Text = text("Where the time went", "耗时分布");
pub(super) const SHOWED: Text = text("The application's clock showed", "应用时钟当时显示");
pub(super) const STRUCK: Text = text("Struck by fault {0}.", "命中故障 {0}。");
pub(super) const DOCUMENTED: Text = text("Documented in", "文档");
pub(super) const GATE: Text = text("Checks", "校验");
pub(super) const BODY: Text = text("Receiving the body", "接收包体");
pub(super) const DECODE: Text = text("Reading it", "解析");
pub(super) const EXECUTE: Text = text("Store", "存储");
pub(super) const ENCODE: Text = text("Writing the reply", "生成应答");
pub(super) const DELAY: Text = text("Waiting for a fault", "故障延迟");
