//! The texts of the page of faults and the clock.

use cubby_protocol::openapi::{Text, text};

pub(super) const NO_APPLICATION: Text = text("There is no application yet; create one first.", "尚无应用，请先创建。");
pub(super) const CREATE: Text = text("Create an application", "创建应用");

pub(super) const FAULTS: Text = text("Faults", "故障");
pub(super) const NONE: Text = text(
    "No fault: every call is answered as it should be. Add one below, and see how your program takes it.",
    "暂无故障，所有调用正常应答。可在下方添加，观察程序的反应。",
);
pub(super) const CALLS: Text = text("Which calls", "命中条件");
pub(super) const DOES: Text = text("What it does", "效果");
pub(super) const SEEN: Text = text("Seen", "匹配");
pub(super) const STRUCK: Text = text("Struck", "命中");
pub(super) const CLEAR: Text = text("Clear", "清除");
pub(super) const CLEAR_ONE: Text = text("Clear fault {0}", "清除故障 {0}");
pub(super) const CLEAR_ALL: Text = text("Clear all", "全部清除");
pub(super) const EVERY: Text = text("every call", "所有调用");

pub(super) const ADD_TITLE: Text = text("Add a fault", "添加故障");
pub(super) const ADD: Text = text("Add", "添加");
pub(super) const COMMAND: Text = text("Command", "接口");
pub(super) const ANY: Text = text("Any", "全部");
pub(super) const EFFECT: Text = text("What happens", "效果");
pub(super) const EFFECT_ERROR: Text = text("The call fails with a code", "调用返回错误码");
pub(super) const EFFECT_ITEM: Text = text("Items fail with a code", "条目返回错误码");
pub(super) const EFFECT_DROP: Text = text("The connection is dropped", "断开连接");
pub(super) const EFFECT_TRUNCATE: Text = text("The reply is cut off", "截断应答");
pub(super) const EFFECT_DELAY: Text = text("Only a delay", "仅延迟");
pub(super) const ERROR_CODE: Text = text("ErrorCode", "ErrorCode");
pub(super) const ERROR_INFO: Text = text("ErrorInfo (optional)", "ErrorInfo（选填）");
pub(super) const RESULT_CODE: Text = text("ResultCode", "ResultCode");
pub(super) const TRUNCATE: Text = text("Bytes that are sent", "发送的字节数");
pub(super) const DELAY: Text = text("Delay in milliseconds", "延迟（毫秒）");
pub(super) const WHEN: Text = text("When", "时机");
pub(super) const BEFORE: Text = text("Instead of the command", "代替命令执行");
pub(super) const AFTER: Text = text("After the command took effect", "命令生效之后");
pub(super) const MORE: Text = text("Only some calls", "限定范围");
pub(super) const USER: Text = text("Of this user", "指定用户");
pub(super) const ITEM: Text = text("With this id in an item", "条目中含此 ID");
pub(super) const NTH: Text = text("The n-th alone", "仅第 n 次");
pub(super) const FIRST: Text = text("The first n", "前 n 次");
pub(super) const PROBABILITY: Text = text("Probability, 0 to 1", "概率（0 至 1）");
pub(super) const SEED: Text = text("Seed of the chance", "随机种子");
pub(super) const UNTIL: Text = text("Until, in Unix seconds", "截止时间（Unix 秒）");

pub(super) const CLOCK: Text = text("Clock", "时钟");
pub(super) const CLOCK_ABOUT: Text = text(
    "UserSig expiry, timestamps and call rates of this application follow it.",
    "该应用的 UserSig 有效期、时间戳与调用频率均以此为准。",
);
pub(super) const IS_SYSTEM: Text = text("the system's time", "系统时间");
pub(super) const IS_FROZEN: Text = text("frozen", "已冻结");
pub(super) const IS_TURNED: Text = text("runs from another time", "从其他时间运行");
pub(super) const FREEZE: Text = text("Freeze", "冻结");
pub(super) const RUN: Text = text("Run", "运行");
pub(super) const SYSTEM: Text = text("System time", "恢复系统时间");
pub(super) const MINUTE: Text = text("+1 min", "+1 分钟");
pub(super) const HOUR: Text = text("+1 h", "+1 小时");
pub(super) const DAY: Text = text("+1 day", "+1 天");
pub(super) const SECONDS: Text = text("Advance by seconds", "前进秒数");
pub(super) const ADVANCE: Text = text("Advance", "前进");
pub(super) const FREEZE_AT: Text = text("Freeze at Unix seconds", "冻结在 Unix 秒");

pub(super) const SIGNING: Text = text("UserSig check", "UserSig 校验");
pub(super) const STRICT: Text = text("Strict: as documented", "严格：与文档一致");
pub(super) const LENIENT: Text = text("Lenient: an expired one is taken", "宽松：接受已过期的 UserSig");
pub(super) const OFF: Text = text("Off: none is looked at", "关闭：不校验 UserSig");
pub(super) const SET: Text = text("Set", "设置");

pub(super) const STATE: Text = text("Data", "数据");
pub(super) const RESET: Text = text("Reset", "重置");
pub(super) const RESET_ABOUT: Text = text(
    "Back to the seed: the data; and no fault, no waiting call, the system's clock, full rates.",
    "恢复到种子数据，并清除故障、放行等待中的调用、恢复系统时钟、补满调用频率。",
);
pub(super) const RESET_SURE: Text = text(
    "Reset the data of this application to its seed? What was changed since is lost.",
    "将该应用的数据重置为种子数据？此后的更改将丢失。",
);
pub(super) const WITH_CALLS: Text = text("and forget the calls", "同时清空调用记录");
pub(super) const RESET_DONE: Text = text("Reset; records that changed: {0}.", "已重置，变更记录数：{0}。");
pub(super) const SNAPSHOTS: Text = text("Snapshots", "快照");
pub(super) const NO_SNAPSHOT: Text =
    text("None yet. Take one before a test, and come back to it after.", "暂无快照。可在测试前创建，测试后恢复。");
pub(super) const NAME: Text = text("Name", "名称");
pub(super) const USERS: Text = text("Users", "用户");
pub(super) const CHAT_GROUPS: Text = text("Chat groups", "群组");
pub(super) const RECORDS: Text = text("Records", "记录数");
pub(super) const TAKE: Text = text("Take a snapshot", "创建快照");
pub(super) const TAKEN: Text = text("Snapshot {0} is taken.", "已创建快照 {0}。");
pub(super) const RESTORE: Text = text("Restore", "恢复");
pub(super) const RESTORE_SURE: Text = text(
    "Bring the data back to this snapshot? What was changed since is lost.",
    "将数据恢复到该快照？此后的更改将丢失。",
);
pub(super) const RESTORED: Text =
    text("Back to snapshot {0}; records that changed: {1}.", "已恢复快照 {0}，变更记录数：{1}。");
pub(super) const FORGET: Text = text("Delete", "删除");
pub(super) const SEED_TITLE: Text = text("Load a seed", "加载种子数据");
pub(super) const SEED_ABOUT: Text = text(
    "JSON of users and chat groups. The data becomes it, and a reset goes back to it.",
    "用户与群组的 JSON。数据将被替换为此内容，重置时恢复到此状态。",
);
pub(super) const SEED_LOAD: Text = text("Load", "加载");
pub(super) const SEED_SURE: Text =
    text("Replace the data of this application by this seed?", "用该种子替换此应用的数据？");
pub(super) const SEEDED: Text = text("Loaded; records that changed: {0}.", "已加载，变更记录数：{0}。");
