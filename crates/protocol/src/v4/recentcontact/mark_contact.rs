//! `POST /v4/recentcontact/mark_contact`: sets and clears standard marks and the custom mark (269/85792).

use crate::conversation::Echo;
use crate::decode::{echoed_number, from_account, item_conversation, malformed};
use crate::endpoint::{Call, Endpoint, Family, ItemFault, Meta, Need};
use crate::envelope;
use crate::field::{BadField, Fields, Flaw};
use crate::json::{Integer, Json};
use crate::openapi::{Bound, Doc, Kind, fields, optional, required, text};
use crate::v4::ResultFields;
use cubby_domain::commands::{self, CustomMarking, Marking};
use cubby_domain::{ConversationId, CustomMark, Limits, MarkSet};
use serde::Serialize;

/// The command.
#[derive(Debug)]
pub struct MarkContact;

/// What the reply repeats, and what the need of an edition follows from.
type Asked = Vec<(i64, Echo)>;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    result_item: Vec<Marked>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Marked {
    opt_type: i64,
    contact_item: Echo,
    #[serde(flatten)]
    result: ResultFields,
}

const STANDARD: i64 = 1;
const CUSTOM: i64 = 2;
const BOTH: i64 = 3;

/// The last of the standard marks.
const LAST_MARK: Bound = |_| MarkSet::LAST;
const MARKS: Kind = Kind::ListWithin(0, LAST_MARK, &Kind::CountWithin(1, LAST_MARK));

const DOC: Doc = Doc {
    summary: text("Mark conversations", "创建或更新会话标记"),
    details: text(
        "Sets and clears standard marks and the custom mark of conversations. Of the 64 standard marks 1 is star, 2 unread, 3 folded, 4 hidden, up to 32 the vendor's; 33 to 64 are the application's own. Only standard marks need the ultimate or the enterprise edition.",
        "设置、清除会话的标准会话标记与自定义会话标记。标准会话标记共 64 位：1 标星，2 标记未读，3 折叠，4 隐藏，前 32 位由 IM 使用，33 至 64 位由应用自行定义。仅标准会话标记要求旗舰版或企业版。",
    ),
    request: &[
        fields::FROM_ACCOUNT,
        required(
            "MarkItem",
            Kind::ListWithin(
                1,
                |limits| limits.conversations_per_mark,
                &Kind::Object(&[
                    required(
                        "OptType",
                        Kind::Choice(&[STANDARD, CUSTOM, BOTH]),
                        text(
                            "What is changed: 1 standard marks, 2 the custom mark, 3 both.",
                            "操作类型：1 标准会话标记，2 自定义会话标记，3 两者。",
                        ),
                    ),
                    fields::CONTACT_ITEM,
                    optional(
                        "ClearMark",
                        MARKS,
                        text(
                            "OptType 1, 3: the marks to clear, before SetMark.",
                            "OptType 为 1、3 时：要清除的标记位，先于 SetMark 处理。",
                        ),
                    ),
                    optional(
                        "SetMark",
                        MARKS,
                        text("OptType 1, 3: the marks to set.", "OptType 为 1、3 时：要设置的标记位。"),
                    ),
                    optional(
                        "CustomMark",
                        Kind::MaybeEmptyWithin(|limits| limits.custom_mark_bytes),
                        text(
                            "OptType 2, 3: the custom mark; \"\" clears it.",
                            "OptType 为 2、3 时：自定义会话标记；空字符串表示清除。",
                        ),
                    ),
                ]),
            ),
            text("The conversations and their marks.", "要标记的会话及其标记。"),
        ),
    ],
    reply: &[required(
        "ResultItem",
        Kind::List(&Kind::Object(&[
            required("OptType", Kind::Integer, text("The OptType of the item.", "该项的操作类型。")),
            fields::CONTACT_ITEM_ECHO,
            fields::RESULT_CODE,
            fields::RESULT_INFO,
        ])),
        text("A result for each item, in their order.", "每一项的处理结果，顺序与请求一致。"),
    )],
    sample_request: r#"{"From_Account":"user0","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"user1"},"SetMark":[1,2,3],"CustomMark":"abcd"}]}"#,
    sample_reply: r#"{"ResultItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"user1"},"ResultCode":0,"ResultInfo":""}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#,
    codes: &[50001, 51006, 51013],
    item_codes: &[50001, 50002, 51007, 51008],
};

impl Endpoint for MarkContact {
    const META: Meta = Meta {
        path: "recentcontact/mark_contact",
        family: Family::Contact,
        error_display: true,
        call_rate: 200,
        source: "269/85792",
        doc: &DOC,
    };
    type Action = commands::MarkContacts;
    type Asked = Asked;
    type Reply = Vec<commands::ItemResult>;

    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField> {
        let user = from_account(body, call.settings)?;
        let items = body.objects("MarkItem")?;
        let (found, max) = (items.len(), call.settings.limits.conversations_per_mark);
        if found == 0 || found as u64 > max {
            return Err(body.bad("MarkItem", Flaw::Conversations { found, max }));
        }
        let read = items.into_iter().map(|item| read_item(item, &call.settings.limits));
        let (asked, items) = read.map(|(echo, item)| (echo, item.map_err(|bad| malformed(&bad)))).unzip();
        Ok((asked, commands::MarkContacts { user, items }))
    }

    fn need(asked: &Self::Asked) -> Need {
        let standard = asked.iter().any(|(opt_type, _)| matches!(*opt_type, STANDARD | BOTH));
        if standard { Need::ContactGroups } else { Need::Nothing }
    }

    fn strike(action: &mut Self::Action, fault: &ItemFault) -> Vec<usize> {
        fault.strike(&mut action.items, |(id, _)| id.as_str())
    }

    fn tell(reply: &mut Self::Reply, fault: &ItemFault, places: &[usize]) {
        fault.tell(reply, places);
    }

    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8> {
        let item = |((opt_type, contact_item), result)| Marked {
            opt_type,
            contact_item,
            result: ResultFields::of(Family::Contact, &result),
        };
        envelope::success(&Self::META, &Reply { result_item: asked.into_iter().zip(reply).map(item).collect() })
    }
}

fn read_item(item: &Json<'_>, limits: &Limits) -> ((i64, Echo), Result<(ConversationId, Marking), BadField>) {
    let Json::Object(object) = item else {
        let bad = BadField { path: "MarkItem".to_owned(), flaw: Flaw::NotA("an object") };
        return ((0, Echo::Nothing), Err(bad));
    };
    let item = Fields::new(object, "");
    let (echo, id) = item_conversation(&item, limits);
    let opt_type =
        item.choice("OptType", &[STANDARD, CUSTOM, BOTH], "1 (standard marks), 2 (the custom mark) or 3 (both)");
    let marking = opt_type.and_then(|opt_type| Ok((id?, marking(&item, opt_type, limits)?)));
    ((echoed_number(&item, "OptType"), echo), marking)
}

/// What an `OptType` does not use is not looked at (R-056).
fn marking(item: &Fields<'_>, opt_type: i64, limits: &Limits) -> Result<Marking, BadField> {
    let mut marking = Marking::default();
    if opt_type != CUSTOM {
        let (clear, set) = (marks(item, "ClearMark")?, marks(item, "SetMark")?);
        if opt_type == STANDARD && clear.is_none() && set.is_none() {
            return Err(item.bad("SetMark", Flaw::Required));
        }
        marking.clear = clear.unwrap_or_default();
        marking.set = set.unwrap_or_default();
    }
    if opt_type != STANDARD {
        marking.custom_mark = custom_mark(item, limits)?;
        if opt_type == CUSTOM && marking.custom_mark == CustomMarking::Keep {
            return Err(item.bad("CustomMark", Flaw::Required));
        }
    }
    Ok(marking)
}

fn marks(item: &Fields<'_>, name: &str) -> Result<Option<MarkSet>, BadField> {
    const WANTS: Flaw = Flaw::Unknown { wants: "a list of marks, which are 1 to 64" };
    let numbers = match item.value(name) {
        None => return Ok(None),
        Some(Json::Array(numbers)) => numbers,
        Some(_) => return Err(item.bad(name, WANTS)),
    };
    let mut set = MarkSet::EMPTY;
    for number in numbers {
        let Some(Integer::Fits(n)) = number.integer() else { return Err(item.bad(name, WANTS)) };
        set.insert(n).map_err(|_| item.bad(name, WANTS))?;
    }
    Ok(Some(set))
}

/// The one field where "" differs from leaving it out: it clears the mark (R-055).
fn custom_mark(item: &Fields<'_>, limits: &Limits) -> Result<CustomMarking, BadField> {
    const NAME: &str = "CustomMark";
    if matches!(item.raw(NAME), Some(Json::String(text)) if text.is_empty()) {
        return Ok(CustomMarking::Clear);
    }
    let text = item.text_within(NAME, limits.custom_mark_bytes)?;
    Ok(text.and_then(|text| CustomMark::new(text).ok()).map_or(CustomMarking::Keep, CustomMarking::Set))
}
