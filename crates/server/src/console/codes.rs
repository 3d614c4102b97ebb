//! What the codes mean, and where the vendor's documentation says so.

use super::words::Lang;
use cubby_protocol::codes::{CODES, Code, Documented, OK};
use cubby_protocol::openapi::{Text, text};

const WELL: Text = text("The call succeeded.", "调用成功。");
const UNKNOWN: Text = text("The documentation does not know this code.", "文档中没有该错误码。");

/// A page of the vendor's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Its number, `269/85791`.
    pub(super) page: &'static str,
    pub(super) href: String,
}

/// The pages of a source, `269/85791, 1047/34960`, by the vendor's two documentations.
pub(super) fn links(source: &'static str) -> Vec<Link> {
    let link = |page: &'static str| {
        let host = if page.starts_with("1047/") { "www.tencentcloud.com" } else { "cloud.tencent.com" };
        Link { page, href: format!("https://{host}/document/product/{page}") }
    };
    source.split(", ").map(link).collect()
}

fn documented(code: u32) -> Option<&'static Documented> {
    CODES.iter().find(|one| one.code.0 == code)
}

/// What a code means.
pub(super) fn meaning(code: u32, lang: Lang) -> &'static str {
    let text = if Code(code) == OK { WELL } else { documented(code).map_or(UNKNOWN, |one| one.text) };
    lang.say(text)
}

/// The pages that tell of a code.
pub(super) fn pages(code: u32) -> Vec<Link> {
    documented(code).map(|one| links(one.source)).unwrap_or_default()
}

/// Every code with what it means.
pub(super) fn all(lang: Lang) -> Vec<(u32, &'static str)> {
    CODES.iter().map(|one| (one.code.0, lang.say(one.text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_linked_where_it_is_published() {
        let both = links("269/85791, 1047/34960");
        assert_eq!(both[0].href, "https://cloud.tencent.com/document/product/269/85791");
        assert_eq!(both[1].href, "https://www.tencentcloud.com/document/product/1047/34960");
    }

    #[test]
    fn every_code_has_a_meaning_and_a_page_and_one_that_is_none_says_so() {
        assert!(all(Lang::En).iter().all(|(code, text)| meaning(*code, Lang::En) == *text && !pages(*code).is_empty()));
        assert_eq!(meaning(1, Lang::Zh), UNKNOWN.zh);
        assert_eq!(meaning(0, Lang::En), WELL.en);
    }
}
