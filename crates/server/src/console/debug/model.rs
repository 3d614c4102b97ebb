//! What the debug tool draws: every command with its fields, in one language and with one application's limits, and every code.

use crate::console::words::Lang;
use crate::openapi::commands;
use cubby_domain::Limits;
use cubby_protocol::codes::CODES;
use cubby_protocol::endpoint::Meta;
use cubby_protocol::openapi::{Field, Kind, Text, text};
use serde_json::{Map, Value, json};

/// Texts of the script.
const WORDS: &[(&str, Text)] = &[
    ("required", text("required", "必填")),
    ("add", text("Add", "添加")),
    ("add_to", text("Add to {0}", "添加到 {0}")),
    ("remove", text("Remove", "移除")),
    ("remove_from", text("Remove item {0} of {1}", "移除 {1} 的第 {0} 项")),
    ("item", text("item {0}", "第 {0} 项")),
    ("left_out", text("(left out)", "（不填）")),
    ("bytes", text("{0} of {1} bytes", "{0} / {1} 字节")),
    ("other_type", text("Not of the documented type; as JSON", "与文档中的类型不符，以 JSON 显示")),
    ("unknown", text("Not described, so ignored: {0}", "文档中没有的字段，会被忽略：{0}")),
    ("no_fields", text("This command has no fields to fill in.", "该接口没有需要填写的字段。")),
    (
        "bad_json",
        text(
            "This is no JSON: {0}. The form shows what could be read last, and waits until it can be read again. You can send it nonetheless.",
            "不是合法的 JSON：{0}。表单显示的是上一次可以解析的内容，待 JSON 恢复合法后方可编辑。仍可照原样发送。",
        ),
    ),
    ("sending", text("Sending…", "正在发送…")),
    ("no_reply", text("There was no reply: {0}", "没有收到应答：{0}")),
    ("not_signed", text("The call could not be signed: {0}", "无法签名：{0}")),
    ("took", text("{0} ms", "{0} 毫秒")),
    ("ok", text("OK", "成功")),
    ("ok_about", text("The call succeeded.", "调用成功。")),
    ("some_failed", text("{0} of {1} items failed", "{1} 项中有 {0} 项失败")),
    ("no_code", text("The documentation does not know this code.", "文档中没有该错误码。")),
    ("documented_in", text("Documented in", "文档")),
    ("codes", text("What the codes mean", "错误码说明")),
    ("rate", text("{0} calls a second", "{0} 次/秒")),
    ("missing", text("Something that this request names may not be there yet.", "请求中提到的对象可能尚不存在。")),
    ("fix", text("Create what is missing and send again", "创建缺少的对象并重新发送")),
    ("imported", text("Imported: {0}.", "已导入：{0}。")),
    ("made_chat_group", text("Chat group {0} is created.", "已创建群组 {0}。")),
    (
        "put_chat_group",
        text("Chat group {0} is created and stands where the sample had {1}.", "已创建群组 {0}，并替换示例中的 {1}。"),
    ),
    ("made_contact_group", text("Conversation group {0} is created.", "已创建会话分组 {0}。")),
    ("nothing_missing", text("Everything that this request names is there.", "请求中提到的对象均已存在。")),
    ("could_not", text("{0} failed with {1}: {2}", "{0} 失败，错误码 {1}：{2}")),
    ("copied", text("Copied.", "已复制。")),
    (
        "not_copied",
        text(
            "The browser does not let this page copy; select the text and copy it.",
            "浏览器不允许复制，请选中文本后手动复制。",
        ),
    ),
    ("bring_back", text("Bring back {0} of {1}", "恢复 {1} 的 {0}")),
    ("unknown_command", text("No command has the path {0}.", "没有路径为 {0} 的接口。")),
];

/// All of it.
pub(super) fn of(limits: &Limits, lang: Lang) -> Value {
    let words: Map<String, Value> =
        WORDS.iter().map(|(name, text)| ((*name).to_owned(), lang.say(*text).into())).collect();
    let code = |one: &cubby_protocol::codes::Documented| {
        (one.code.0.to_string(), json!({"text": lang.say(one.text), "links": links(one.source)}))
    };
    let codes: Map<String, Value> = CODES.iter().map(code).collect();
    let commands: Vec<Value> = commands().iter().map(|meta| command(meta, limits, lang)).collect();
    json!({"words": words, "codes": codes, "commands": commands})
}

fn command(meta: &Meta, limits: &Limits, lang: Lang) -> Value {
    let doc = meta.doc;
    json!({
        "path": meta.path,
        "summary": lang.say(doc.summary),
        "details": lang.say(doc.details),
        "rate": meta.call_rate,
        "links": links(meta.source),
        "sample": serde_json::from_str::<Value>(doc.sample_request).unwrap_or_default(),
        "fields": fields(doc.request, limits, lang),
    })
}

/// The pages of a source, `269/85791, 1047/34960`, by the vendor's two documentations.
fn links(source: &str) -> Vec<Value> {
    let link = |page: &str| {
        let host = if page.starts_with("1047/") { "www.tencentcloud.com" } else { "cloud.tencent.com" };
        json!({"page": page, "href": format!("https://{host}/document/product/{page}")})
    };
    source.split(", ").map(link).collect()
}

fn fields(fields: &[Field], limits: &Limits, lang: Lang) -> Vec<Value> {
    let one = |field: &Field| {
        let mut value = kind(&field.kind, limits, lang);
        if let Value::Object(members) = &mut value {
            members.insert("name".to_owned(), field.name.into());
            members.insert("also".to_owned(), field.also.into());
            members.insert("required".to_owned(), field.required.into());
            members.insert("text".to_owned(), lang.say(field.text).into());
        }
        value
    };
    fields.iter().map(one).collect()
}

/// What a field holds: how it is drawn, its bounds, and the same in words.
fn kind(kind: &Kind, limits: &Limits, lang: Lang) -> Value {
    let words = |en: String, zh: String| match lang {
        Lang::En => en,
        Lang::Zh => zh,
    };
    let say = |en, zh| lang.say(text(en, zh));
    match kind {
        Kind::Text => json!({"kind": "text", "about": say("text", "文本")}),
        Kind::TextWithin(bound) | Kind::MaybeEmptyWithin(bound) => {
            let bytes = bound(limits);
            let about = words(format!("text, at most {bytes} bytes"), format!("文本，最长 {bytes} 字节"));
            json!({"kind": "text", "bytes": bytes, "about": about})
        }
        Kind::Matching(pattern) => {
            json!({"kind": "text", "about": words(format!("text, {pattern}"), format!("文本，{pattern}"))})
        }
        Kind::Word(choices) => json!({"kind": "choice", "choices": choices, "about": ""}),
        Kind::Choice(choices) => json!({"kind": "choice", "choices": choices, "about": ""}),
        Kind::Integer | Kind::ItemCode => json!({"kind": "number", "about": say("integer", "整数")}),
        Kind::Count => json!({"kind": "number", "min": 0, "about": say("integer from 0", "非负整数")}),
        Kind::CountWithin(min, max) => number(*min, max(limits), lang),
        Kind::Unsigned => number(0, u32::MAX.into(), lang),
        Kind::AnyObject | Kind::Echo => json!({"kind": "json", "about": say("any object", "任意对象")}),
        Kind::Object(of) => {
            json!({"kind": "object", "fields": fields(of, limits, lang), "about": say("object", "对象")})
        }
        Kind::Shape(shape) => {
            json!({"kind": "object", "fields": fields(shape.fields, limits, lang), "about": say("object", "对象")})
        }
        Kind::List(item) => {
            json!({"kind": "list", "item": self::kind(item, limits, lang), "about": say("list", "列表")})
        }
        Kind::ListWithin(min, max, item) => {
            let max = max(limits);
            let about = words(format!("list of {min} to {max}"), format!("列表，{min} 至 {max} 项"));
            json!({"kind": "list", "min": min, "max": max, "item": self::kind(item, limits, lang), "about": about})
        }
    }
}

fn number(min: u64, max: u64, lang: Lang) -> Value {
    let about = match lang {
        Lang::En => format!("integer, {min} to {max}"),
        Lang::Zh => format!("整数，{min} 至 {max}"),
    };
    json!({"kind": "number", "min": min, "max": max, "about": about})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_drawn_with_what_its_sample_has() {
        let model = of(&Limits::default(), Lang::En);
        let commands = model["commands"].as_array().unwrap();
        assert_eq!(commands.len(), crate::openapi::commands().len());
        for command in commands {
            let described: Vec<&str> =
                command["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
            for name in command["sample"].as_object().unwrap().keys() {
                assert!(described.contains(&name.as_str()), "{}: {name}", command["path"]);
            }
            assert!(command["links"][0]["href"].as_str().unwrap().starts_with("https://"), "{}", command["path"]);
        }
        assert_eq!(model["codes"].as_object().unwrap().len(), CODES.len());
    }

    #[test]
    fn bounds_are_those_of_the_application_and_texts_are_of_the_language() {
        let limits = Limits { contact_group_name_bytes: 7, ..Limits::default() };
        let field = |lang| {
            fields(
                &[cubby_protocol::openapi::required(
                    "GroupName",
                    Kind::TextWithin(cubby_protocol::openapi::fields::GROUP_NAME_BYTES),
                    text("Its name.", "名称。"),
                )],
                &limits,
                lang,
            )
            .remove(0)
        };
        assert_eq!(
            field(Lang::En),
            json!({"name": "GroupName", "also": [], "required": true, "text": "Its name.", "kind": "text", "bytes": 7, "about": "text, at most 7 bytes"})
        );
        assert_eq!(
            (&field(Lang::Zh)["text"], &field(Lang::Zh)["about"]),
            (&json!("名称。"), &json!("文本，最长 7 字节"))
        );
    }

    #[test]
    fn a_page_is_linked_where_it_is_published() {
        let both = links("269/85791, 1047/34960");
        assert_eq!(both[0]["href"], "https://cloud.tencent.com/document/product/269/85791");
        assert_eq!(both[1]["href"], "https://www.tencentcloud.com/document/product/1047/34960");
    }
}
