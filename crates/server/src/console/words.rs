//! The two languages and the two themes, and the texts that every page has. A page's own texts stand in its own file; a text without one of
//! the languages does not compile.

use cubby_protocol::openapi::{Text, text};

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    En,
    Zh,
}

impl Lang {
    /// The language of that name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// As HTML names it.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The language that an `Accept-Language` wants most.
    pub(super) fn wanted(accept: &str) -> Self {
        let weighed = accept.split(',').filter_map(|one| {
            let (tag, weight) = one.split_once(";q=").unwrap_or((one, "1"));
            let lang = tag.trim().get(..2).map(str::to_ascii_lowercase)?;
            Some((Self::parse(&lang)?, weight.trim().parse().unwrap_or(0.0)))
        });
        let best = weighed.fold(None, |best: Option<(Self, f32)>, one| match best {
            Some(best) if best.1 >= one.1 => Some(best),
            _ => Some(one),
        });
        best.map_or(Self::En, |(lang, _)| lang)
    }

    /// A text in this language.
    pub(super) fn say(self, text: Text) -> &'static str {
        match self {
            Self::En => text.en,
            Self::Zh => text.zh,
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The theme of that name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Self::System),
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

pub(super) const CONSOLE: Text = text("Console", "控制台");
pub(super) const SKIP: Text = text("Skip to the content", "跳到正文");
pub(super) const MENU: Text = text("Menu", "菜单");
pub(super) const PAGES: Text = text("Pages", "页面");
pub(super) const APPLICATION: Text = text("Application", "应用");
pub(super) const NO_APPLICATION: Text = text("No application yet", "尚无应用");
pub(super) const LANGUAGE: Text = text("Language", "语言");
pub(super) const THEME: Text = text("Theme", "外观");
pub(super) const THEME_SYSTEM: Text = text("System", "跟随系统");
pub(super) const THEME_LIGHT: Text = text("Light", "浅色");
pub(super) const THEME_DARK: Text = text("Dark", "深色");
pub(super) const LOG_OUT: Text = text("Log out", "退出登录");
pub(super) const UNKNOWN: Text = text("There is no such page", "页面不存在");
pub(super) const UNKNOWN_ABOUT: Text =
    text("The address may be misspelt, or the page may have been moved.", "地址可能有误，或页面已移动。");
pub(super) const BACK: Text = text("To the console", "返回控制台");
pub(super) const EMULATOR: Text = text(
    "Emulator: programs that reach this server may steer it without the admin token.",
    "模拟器模式：能访问本服务的程序无需管理令牌即可操控它。",
);
pub(super) const DISABLED: Text =
    text("This application is disabled: its calls are refused with 60016.", "该应用已停用：调用会以 60016 拒绝。");
pub(super) const LENIENT: Text = text(
    "UserSigs of this application are checked leniently: an expired one is taken.",
    "该应用的 UserSig 校验为宽松模式：过期的签名也会通过。",
);
pub(super) const SIGNING_OFF: Text =
    text("UserSigs of this application are not checked at all.", "该应用已关闭 UserSig 校验。");
pub(super) const FROZEN: Text = text("The clock of this application stands still.", "该应用的时钟已冻结。");
pub(super) const MOVED: Text =
    text("The clock of this application shows another time than the system's.", "该应用的时钟与系统时间不一致。");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_wanted_most_is_spoken_and_english_where_none_is_known() {
        for (accept, lang) in [
            ("", Lang::En),
            ("fr, de;q=0.5", Lang::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("en-GB,en;q=0.9,zh;q=0.8", Lang::En),
            ("fr, zh;q=0.3", Lang::Zh),
            ("en;q=0.2, ZH-tw;q=0.7", Lang::Zh),
            ("zh;q=x, en;q=0.1", Lang::En),
            ("é", Lang::En),
        ] {
            assert_eq!(Lang::wanted(accept), lang, "{accept}");
        }
    }

    #[test]
    fn names_of_languages_and_themes_are_read_as_they_are_written() {
        assert!([Lang::En, Lang::Zh].into_iter().all(|lang| Lang::parse(lang.as_str()) == Some(lang)));
        let themes = [Theme::System, Theme::Light, Theme::Dark];
        assert!(themes.into_iter().all(|theme| Theme::parse(theme.as_str()) == Some(theme)));
        assert_eq!((Lang::parse("xx"), Theme::parse("")), (None, None));
    }
}
