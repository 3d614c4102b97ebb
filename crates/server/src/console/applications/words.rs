//! The texts of the page of applications.

use cubby_protocol::openapi::{Text, text};

pub(super) const NONE: Text = text(
    "There is no application yet. Create one: its SDKAppID and key are what a client needs.",
    "尚无应用。请创建一个，客户端需要其 SDKAppID 与密钥。",
);
pub(super) const SDKAPPID: Text = text("SDKAppID", "SDKAppID");
pub(super) const EDITION: Text = text("Edition", "版本");
pub(super) const STATE: Text = text("State", "状态");
pub(super) const KEYS: Text = text("Keys", "密钥");
pub(super) const ENABLED: Text = text("enabled", "已启用");
pub(super) const DISABLED: Text = text("disabled", "已停用");
pub(super) const ALL: Text = text("All applications", "所有应用");

pub(super) const CREATE: Text = text("Create an application", "创建应用");
pub(super) const CREATE_DO: Text = text("Create", "创建");
pub(super) const NUMBER: Text = text("SDKAppID, else the next one", "SDKAppID（默认自动分配）");
pub(super) const KEY: Text = text("Key, else a random one", "密钥（默认随机生成）");
pub(super) const CREATED: Text = text("Application {0} is created.", "已创建应用 {0}。");
pub(super) const KEY_ONCE: Text =
    text("This is its key. It is shown this once: copy it now.", "以下是密钥，仅显示这一次，请立即复制保存。");
pub(super) const COPY: Text = text("Copy the key", "复制密钥");
pub(super) const COPIED: Text = text("Copied.", "已复制。");
pub(super) const NOT_COPIED: Text = text("Select the key and copy it.", "请选中密钥后手动复制。");

pub(super) const DISABLE: Text = text("Disable", "停用");
pub(super) const ENABLE: Text = text("Enable", "启用");
pub(super) const DISABLE_ABOUT: Text =
    text("Calls of a disabled application are refused with 60016.", "停用后，该应用的调用会以 60016 拒绝。");
pub(super) const ADDED: Text = text("Added", "添加时间");
pub(super) const NEWEST: Text = text("newest", "最新");
pub(super) const ADD_KEY: Text = text("Add a key", "添加密钥");
pub(super) const RETIRE: Text = text("Retire the old ones", "停用旧密钥");
pub(super) const RETIRE_SURE: Text = text(
    "Retire every key but the newest? UserSigs made with them are refused at once.",
    "停用除最新密钥外的所有密钥？用旧密钥签发的 UserSig 将立即失效。",
);
pub(super) const ROTATE_ABOUT: Text = text(
    "To rotate: add a key, give it to whoever signs, and retire the old ones. All keys are taken until then.",
    "轮换密钥：先添加新密钥并交给签发方，再停用旧密钥；在此之前所有密钥均有效。",
);
pub(super) const RETIRED: Text = text("The newest key alone is active now.", "现在仅最新密钥有效。");

pub(super) const SETTINGS: Text = text("Settings", "设置");
pub(super) const LIMITS: Text = text("Limits", "配额");
pub(super) const SAVE: Text = text("Save", "保存");
pub(super) const SAVED: Text = text("Saved: {0}.", "已保存：{0}。");
pub(super) const NOTHING: Text = text("Nothing was changed.", "没有更改。");

pub(super) const RATES: Text = text("Call rates", "调用频率");
pub(super) const RATES_ABOUT: Text = text(
    "Calls a second, and how many are left at this moment on this server.",
    "每秒调用次数，以及本服务此刻的余量。",
);
pub(super) const COMMAND: Text = text("Command", "接口");
pub(super) const PER_SECOND: Text = text("A second", "每秒");
pub(super) const LEFT: Text = text("Left", "余量");
pub(super) const OFF: Text = text("off", "不限");
pub(super) const TOGETHER: Text = text("All together", "合计");
pub(super) const EACH: Text = text("Every command", "每个接口");
pub(super) const RATE: Text =
    text("Calls a second; 0 is off, default as documented", "每秒次数；0 为不限，default 为文档值");
pub(super) const SET: Text = text("Set", "设置");

pub(super) const DELETE: Text = text("Delete the application", "删除应用");
pub(super) const DELETE_ABOUT: Text = text(
    "Deletes it with all its data: users, contact groups, marks, chat groups. It cannot be brought back.",
    "删除应用及其全部数据（用户、会话分组、标记、群组），无法恢复。",
);
pub(super) const DELETE_CONFIRM: Text = text("Type {0} to confirm", "输入 {0} 以确认");
pub(super) const DELETE_DO: Text = text("Delete for good", "永久删除");
pub(super) const NOT_CONFIRMED: Text = text("What was typed is not the SDKAppID.", "输入的内容与 SDKAppID 不符。");
