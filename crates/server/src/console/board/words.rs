//! The board's texts.

use cubby_protocol::openapi::{Text, text};

pub(super) const TITLE: Text = text("User board", "用户看板");
pub(super) const ABOUT: Text = text(
    "Everything that sorts one user's conversations: contact groups, marks, pins. What is done here is done by the commands of the API, with all their rules; what anyone changes elsewhere appears here by itself.",
    "一个用户的全部会话整理：会话分组、会话标记与置顶。这里的操作与 API 命令执行相同的规则；其他地方的改动会自动出现在这里。",
);
pub(super) const USER: Text = text("UserID", "UserID");
pub(super) const OPEN: Text = text("Open the board", "打开看板");
pub(super) const NO_USER: Text = text("Whose board?", "查看哪个用户？");
pub(super) const NO_USER_ABOUT: Text = text(
    "Type the UserID of an account of this application. The console remembers it for the next time.",
    "输入此应用中一个帐号的 UserID；控制台会记住它，下次直接打开。",
);
pub(super) const NO_APPLICATION: Text = text("There is no application yet", "尚无应用");
pub(super) const NO_APPLICATION_ABOUT: Text = text(
    "A board belongs to a user of an application. Make one first: start the server with --app, or use cubby app create.",
    "看板属于某个应用的用户。请先创建应用：以 --app 启动服务，或使用 cubby app create。",
);
pub(super) const BAD_USER: Text = text("A UserID is 1 to 255 bytes.", "UserID 的长度为 1 至 255 字节。");
pub(super) const NOT_IMPORTED: Text = text("is not imported", "尚未导入");
pub(super) const NOT_IMPORTED_ABOUT: Text = text(
    "The application has no account of this UserID, so there is nothing to sort yet. Import it and go on, or choose another one above.",
    "此应用没有这个 UserID 的帐号，因此还没有可整理的会话。可以立即导入，或在上方选择其他用户。",
);
pub(super) const IMPORT: Text = text("Import it", "导入该帐号");
pub(super) const LIVE: Text = text("Live", "实时更新中");
pub(super) const NOT_LIVE: Text = text("Not live", "未实时更新");

pub(super) const CONTACT_GROUPS: Text = text("Contact groups", "会话分组");
pub(super) const CONVERSATIONS: Text = text("Conversations", "会话");
pub(super) const GROUPED: Text = text("In contact groups", "分组中的会话");
pub(super) const MARKED: Text = text("With marks", "有标记的会话");
pub(super) const PINS: Text = text("Pinned", "置顶会话");
pub(super) const FULL: Text = text("full", "已满");

pub(super) const NO_EDITION: Text = text(
    "The edition of this application has neither contact groups nor standard marks: changes of them are refused with 51013.",
    "此应用的版本不支持会话分组与标准会话标记：相关改动会以 51013 拒绝。",
);
pub(super) const TRUNCATED: Text = text(
    "There are more conversations than a board shows; these are the first.",
    "会话数量超过看板所能显示的上限，这里是最早的一部分。",
);

pub(super) const GONE_COUNT: Text = text("Conversations whose other side is gone: ", "对方已不存在的会话：");
pub(super) const GONE_ABOUT: Text = text(
    "Their accounts were deleted or their chat groups dissolved. They count towards the limits until they are removed.",
    "对应的帐号已删除，或群组已解散。移除之前，它们仍占用各项上限。",
);
pub(super) const SWEEP: Text = text("Sweep them", "清理");
pub(super) const SWEEP_SURE: Text = text(
    "Remove all of them from the contact groups, marks, pins and recent contacts of this user?",
    "将它们从该用户的会话分组、会话标记、置顶与最近联系人中全部移除？",
);
pub(super) const SWEEP_DO: Text = text("Remove them", "全部移除");
pub(super) const SWEPT: Text = text("Conversations swept: ", "已清理的会话：");
pub(super) const GONE: Text = text("gone", "已不存在");

pub(super) const NONE: Text = text("In no contact group", "未分组");
pub(super) const NONE_ABOUT: Text = text(
    "Conversations that are only marked or pinned, and recent contacts, stand here.",
    "只有标记或置顶的会话，以及最近联系人，显示在这里。",
);
pub(super) const EMPTY_GROUP: Text =
    text("Empty. Drag a conversation here, or add one with +.", "空分组。把会话拖到这里，或点击 + 添加。");
pub(super) const FIRST_GROUP: Text = text(
    "This user has no contact group yet. Name the first one, then put conversations into it.",
    "该用户还没有会话分组。先创建一个，再把会话加入其中。",
);
pub(super) const NEW_GROUP: Text = text("New contact group", "新建会话分组");
pub(super) const NAME: Text = text("Name", "名称");
pub(super) const CREATE: Text = text("Create", "创建");
pub(super) const RENAME: Text = text("Rename", "重命名");
pub(super) const DELETE: Text = text("Delete", "删除");
pub(super) const DELETE_SURE: Text = text(
    "Delete this contact group? Its conversations leave it; those without a mark or another group leave the data.",
    "删除此会话分组？其中的会话会移出；没有标记、也不在其他分组中的会话将不再保留。",
);
pub(super) const ADD: Text = text("Add a conversation", "添加会话");
pub(super) const SAVE: Text = text("Save", "保存");
pub(super) const CANCEL: Text = text("Cancel", "取消");
pub(super) const CLOSE: Text = text("Close", "关闭");
pub(super) const MORE: Text = text("Show more", "显示更多");
pub(super) const WITH_USER: Text = text("User", "用户");
pub(super) const WITH_CHAT_GROUP: Text = text("Chat group", "群组");
pub(super) const ID: Text = text("UserID or GroupId", "UserID 或群组 ID");
pub(super) const PUT: Text = text("Add", "添加");

pub(super) const STAR: Text = text("Star", "标星");
pub(super) const UNREAD: Text = text("Unread", "标记未读");
pub(super) const FOLD: Text = text("Folded", "折叠");
pub(super) const HIDE: Text = text("Hidden", "隐藏");
pub(super) const PIN: Text = text("Pin", "置顶");
pub(super) const MARK: Text = text("Mark", "标记");
pub(super) const MARKS: Text = text("Marks", "会话标记");
pub(super) const VENDOR_MARKS: Text = text("Marks 5 to 32 (reserved for the vendor)", "标记 5 至 32（由 IM 保留）");
pub(super) const OWN_MARKS: Text = text("Marks 33 to 64 (the application's own)", "标记 33 至 64（由应用自行定义）");
pub(super) const CUSTOM_MARK: Text = text("Custom mark", "自定义标记");
pub(super) const MOVE_TO: Text = text("Move to", "移动到");
pub(super) const MOVE: Text = text("Move", "移动");
pub(super) const IN_GROUPS: Text = text("In contact groups", "所在会话分组");
pub(super) const NO_GROUPS: Text = text("This user has no contact group yet.", "该用户还没有会话分组。");
pub(super) const UPDATED: Text = text("Last change of groups or marks", "分组或标记的最近更新");
pub(super) const LAST_MESSAGE: Text = text("Last message", "最后一条消息");

pub(super) const GROUP_GONE: Text =
    text("51009: this contact group was deleted meanwhile.", "51009：该会话分组已被删除。");
pub(super) const GROUP_THERE: Text = text("There was a contact group of this name already.", "已存在同名的会话分组。");
pub(super) const LEFT: Text = text(
    "It is in no contact group and has no mark now: it has left the user's data.",
    "该会话不在任何分组中，也没有标记，已不再保留在用户数据中。",
);
pub(super) const NOTHING_TO_DO: Text = text("The form says nothing that could be done.", "表单内容无法执行。");
