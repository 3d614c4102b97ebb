//! The fields and the forms that several commands have, described once.

use super::doc::{Bound, Field, Kind, Shape, optional, required, text};

/// Whose conversation data a contact command is about.
pub const FROM_ACCOUNT: Field = required(
    "From_Account",
    Kind::TextWithin(|limits| limits.user_id_bytes),
    text("The user whose conversation data this is about; imported.", "请求针对哪个用户的会话数据，该用户须已导入。"),
);

/// The kind of a conversation.
const TYPE: Field = required(
    "Type",
    Kind::Choice(&[1, 2]),
    text("1: a conversation with a user; 2: with a chat group.", "会话类型：1 为单聊（C2C），2 为群聊（G2C）。"),
);

/// With whom a conversation of a request is.
const OTHER_SIDE: Field = optional(
    "To_Account",
    USER_ID_KIND,
    text("Type 1: the UserID of the other side.", "Type 为 1 时必填：对方的 UserID。"),
);

/// With whom a conversation of a reply is.
const OTHER_SIDE_REPLIED: Field =
    optional("To_Account", Kind::Text, text("Type 1: the UserID of the other side.", "单聊时对方的 UserID。"));

/// A conversation of a request.
pub const CONVERSATION: Shape = Shape {
    name: "Conversation",
    text: text(
        "A conversation of a user: with another user, or with a chat group. Only the field of its `Type` is looked at.",
        "用户的一个会话：单聊或群聊。只读取与 `Type` 对应的那个字段。",
    ),
    fields: &[
        TYPE,
        OTHER_SIDE,
        optional(
            "ToGroupId",
            Kind::TextWithin(|limits| limits.chat_group_id_bytes),
            text("Type 2: the GroupId of the chat group.", "Type 为 2 时必填：群组的 GroupId。"),
        )
        .also(&["ToGroupid", "GroupId"]),
    ],
};

/// A conversation in an item of a request.
pub const CONTACT_ITEM: Field =
    required("ContactItem", Kind::Shape(&CONVERSATION), text("The conversation.", "要操作的会话。"));

/// A conversation of a request about recent contacts, in which a chat group's id has its own spelling.
pub const RECENT_CONVERSATION: Shape = Shape {
    name: "RecentConversation",
    text: text(
        "A conversation of a user: with another user, or with a chat group. Only the field of its `Type` is looked at.",
        "用户的一个会话：单聊或群聊。只读取与 `Type` 对应的那个字段。",
    ),
    fields: &[
        TYPE,
        OTHER_SIDE,
        optional(
            "GroupId",
            CHAT_GROUP_ID_KIND,
            text("Type 2: the GroupId of the chat group.", "Type 为 2 时必填：群组的 GroupId。"),
        )
        .also(&["ToGroupId", "ToGroupid"]),
    ],
};

const USER_ID_KIND: Kind = Kind::TextWithin(|limits| limits.user_id_bytes);
const CHAT_GROUP_ID_KIND: Kind = Kind::TextWithin(|limits| limits.chat_group_id_bytes);

/// A recent contact of a reply.
pub const SESSION_ITEM: Shape = Shape {
    name: "SessionItem",
    text: text(
        "A recent contact. How the user sorts it is there where `AssistFlags` asks for it and the user sorts it.",
        "一个最近联系人会话。其标记与分组仅在 `AssistFlags` 要求且存在时返回。",
    ),
    fields: &[
        TYPE,
        OTHER_SIDE_REPLIED,
        optional("GroupId", Kind::Text, text("Type 2: the GroupId of the chat group.", "群聊时群组的 GroupId。")),
        required(
            "MsgTime",
            Kind::Count,
            text("When its last message was sent, in Unix seconds.", "最后一条消息的时间，Unix 时间戳，单位秒。"),
        ),
        required(
            "TopFlag",
            Kind::Choice(&[0, 1]),
            text("1 where it is pinned.", "置顶标记：1 为置顶会话，0 为普通会话。"),
        ),
        optional(
            "StandardMark",
            Kind::Matching("^1[01]{0,63}$"),
            text(
                "Its standard marks as a binary number; left out where none.",
                "标准会话标记，写成二进制串；没有则不返回。",
            ),
        ),
        optional(
            "CustomMark",
            Kind::Text,
            text("Its custom mark; left out where none.", "自定义会话标记；没有则不返回。"),
        ),
        optional(
            "ContactGroupId",
            Kind::List(&Kind::Count),
            text(
                "The GroupIds of its conversation groups; left out where none.",
                "会话所在各会话分组的 GroupId；没有则不返回。",
            ),
        ),
    ],
};

/// Who sends a message.
pub const SENDER: Field = optional(
    "From_Account",
    USER_ID_KIND,
    text(
        "Who sends it; the calling administrator where left out.",
        "消息发送者的 UserID；不填则为发起调用的 App 管理员。",
    ),
);

/// Who sent an imported message.
pub const IMPORTED_SENDER: Field =
    required("From_Account", USER_ID_KIND, text("Who sent it.", "消息发送者的 UserID，须已导入。"));

/// Who gets a message.
pub const RECIPIENT: Field =
    required("To_Account", USER_ID_KIND, text("Who gets it; imported.", "消息接收者的 UserID，须已导入。"));

/// The random number of a message.
pub const MSG_RANDOM: Field = required(
    "MsgRandom",
    Kind::Unsigned,
    text("A random number; part of the message's key.", "消息随机数，32 位无符号整数，是消息标识的一部分。"),
);

/// The body of a message.
pub const MSG_BODY: Field = required(
    "MsgBody",
    Kind::List(&Kind::Object(&[
        required(
            "MsgType",
            Kind::Text,
            text("The kind of the element, as TIMTextElem.", "消息元素类型，例如 TIMTextElem。"),
        ),
        optional("MsgContent", Kind::AnyObject, text("The element; not kept.", "消息元素内容，不会被存储。")),
    ])),
    text("The message: its form is checked, it is not kept.", "消息内容：只检查格式，不存储。"),
);

/// Whether a message is for its sender's other devices.
pub const SYNC_OTHER_MACHINE: Field = optional(
    "SyncOtherMachine",
    Kind::Choice(&[1, 2]),
    text("2: the sender's own list does not hear of it.", "2：不同步至发送方，发送方的最近联系人不更新。"),
);

/// How long a message lives.
pub const MSG_LIFE_TIME: Field = optional(
    "MsgLifeTime",
    Kind::CountWithin(0, |_| crate::message::LIFE_SECONDS_MAX),
    text(
        "Seconds for which it is kept, 7 days where left out; 0 is online-only.",
        "消息保存时长，单位秒，最长 7 天，默认 7 天；0 表示仅发给在线用户。",
    ),
);

/// Whether a message is online-only.
pub const ONLINE_ONLY_FLAG: Field = optional(
    "OnlineOnlyFlag",
    Kind::Choice(&[0, 1]),
    text("1: it is online-only and makes no recent contact.", "1：仅发给在线用户，不产生最近联系人。"),
);

/// The order of a message within its second.
pub const MSG_SEQ: Field = optional(
    "MsgSeq",
    Kind::Unsigned,
    text(
        "Orders the messages of a second; counted where left out.",
        "消息序列号，用于同一秒内消息的排序；不填则由服务端生成。",
    ),
);

/// What a message changes.
pub const SEND_MSG_CONTROL: Field = optional(
    "SendMsgControl",
    Kind::List(&Kind::Word(&["NoUnread", "NoLastMsg", "WithMuteNotifications"])),
    text(
        "NoUnread: it does not count as unread; NoLastMsg: it does not change the list of recent contacts.",
        "NoUnread：不计入未读数；NoLastMsg：不更新最近联系人会话。",
    ),
);

/// The conversation of an item, repeated in its result.
pub const CONTACT_ITEM_ECHO: Field =
    required("ContactItem", Kind::Echo, text("The conversation of the request's item.", "请求中对应的会话。"));

/// The result of an item.
pub const RESULT_CODE: Field = required(
    "ResultCode",
    Kind::ItemCode,
    text("0 where the item was applied, else its error.", "该项的处理结果：0 为成功，非 0 为失败。"),
);

/// Why an item was refused.
pub const RESULT_INFO: Field = required(
    "ResultInfo",
    Kind::Text,
    text("Why the item was refused; empty where it was not.", "该项失败的原因；成功时为空字符串。"),
);

/// How many bytes the name of a conversation group has.
pub const GROUP_NAME_BYTES: Bound = |limits| limits.contact_group_name_bytes;

/// A conversation group of a reply.
pub const GROUP_ITEM: Shape = Shape {
    name: "GroupItem",
    text: text("A conversation group.", "一个会话分组。"),
    fields: &[
        required("GroupName", Kind::Text, text("Its name.", "会话分组名。")),
        required(
            "GroupId",
            Kind::Count,
            text(
                "Its number within the user's data: 1, 2, 3 …; never given again.",
                "会话分组在该用户数据中的编号：从 1 递增，删除后不再使用。",
            ),
        ),
    ],
};

/// The conversation groups of a user, all of them.
pub const ALL_GROUP_ITEMS: Field = required(
    "GroupItem",
    Kind::List(&Kind::Shape(&GROUP_ITEM)),
    text("All the user's conversation groups, by GroupId.", "该用户的全部会话分组，按 GroupId 升序。"),
);

/// A conversation with its groups and marks, in a reply.
pub const ENTRY: Shape = Shape {
    name: "ConversationData",
    text: text("A conversation with its groups and marks.", "一个会话及其分组与标记。"),
    fields: &[
        TYPE,
        OTHER_SIDE_REPLIED,
        optional("ToGroupId", Kind::Text, text("Type 2: the GroupId of the chat group.", "群聊时群组的 GroupId。")),
        required(
            "StandardMark",
            Kind::Matching("^(1[01]{0,63})?$"),
            text(
                "The standard marks as a binary number without leading zeros: mark 1 is the last character; \"\" where none is set.",
                "标准会话标记，写成不带前导零的二进制串：最后一个字符是第 1 位；没有任何标记时为空字符串。",
            ),
        ),
        optional(
            "CustomMark",
            Kind::Text,
            text("The custom mark; left out where none.", "自定义会话标记；没有则不返回。"),
        ),
        optional(
            "ContactGroupId",
            Kind::List(&Kind::Count),
            text(
                "The GroupIds of its conversation groups, ascending; left out where none.",
                "会话所在各会话分组的 GroupId，升序；不在任何分组中则不返回。",
            ),
        ),
        required(
            "Timestamp",
            Kind::Count,
            text(
                "When its groups or marks last changed, in Unix seconds.",
                "该会话的分组或标记最近一次变更的时间，Unix 时间戳，单位秒。",
            ),
        ),
    ],
};

/// The UserID of an account that a request names.
pub const USER_ID: Field = required(
    "UserID",
    Kind::TextWithin(|limits| limits.user_id_bytes),
    text("The UserID: printable ASCII.", "帐号的 UserID，须为可打印 ASCII 字符。"),
);

/// The UserID of an account, repeated in the result of its item.
pub const USER_ID_ECHO: Field = required("UserID", Kind::Text, text("The UserID of the item.", "该项的 UserID。"));

/// The nickname of an account.
pub const NICK: Field =
    optional("Nick", Kind::MaybeEmptyWithin(|limits| limits.profile_bytes), text("The nickname.", "用户昵称。"));

/// The avatar of an account.
pub const FACE_URL: Field = optional(
    "FaceUrl",
    Kind::MaybeEmptyWithin(|limits| limits.profile_bytes),
    text("The URL of the avatar.", "用户头像的 URL。"),
);

/// The chat group that a request is about.
pub const CHAT_GROUP_ID: Field = required(
    "GroupId",
    Kind::TextWithin(|limits| limits.chat_group_id_bytes),
    text("The chat group: printable ASCII.", "要操作的群组 ID，须为可打印 ASCII 字符。"),
);

/// A member that a request names.
pub const MEMBER_ACCOUNT: Field = required(
    "Member_Account",
    Kind::TextWithin(|limits| limits.user_id_bytes),
    text("The UserID of the member.", "群成员的 UserID。"),
);

/// The kinds of chat groups.
pub const CHAT_GROUP_TYPES: Kind =
    Kind::Word(&["Private", "Work", "Public", "ChatRoom", "Meeting", "AVChatRoom", "Community"]);

/// A filter of lists of chat groups.
pub const GROUP_TYPE: Field = optional(
    "GroupType",
    Kind::Text,
    text("Only chat groups of this type; all where left out.", "只返回该类型的群组；不填则返回所有类型。"),
);

/// A list of chat groups' ids in a reply.
pub const GROUP_ID_LIST: Field = required(
    "GroupIdList",
    Kind::List(&Kind::Object(&[required("GroupId", Kind::Text, text("The id of the chat group.", "群组 ID。"))])),
    text("The chat groups.", "群组列表。"),
);
