//! What is around every page: its head, the menu, the application that is picked, banners.

use super::visit::Visit;
use super::words::{self, Lang, Theme};
use super::{Table, assets, page_of};
use crate::applications::Loaded;
use crate::controls::Signing;
use cubby_protocol::openapi::Text;
use cubby_store::Store;

/// What templates that extend `frame.html` have in their field `frame`.
pub(super) struct Frame {
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) title: &'static str,
    /// The start of the addresses of assets.
    pub(super) assets: &'static str,
    pub(super) version: &'static str,
    pub(super) csrf: String,
    pub(super) menu: Vec<Entry>,
    pub(super) applications: Vec<Choice>,
    pub(super) banners: Vec<&'static str>,
}

/// A page in the menu.
pub(super) struct Entry {
    pub(super) path: &'static str,
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    pub(super) is_this: bool,
}

/// An application that can be picked.
pub(super) struct Choice {
    pub(super) id: u64,
    pub(super) is_picked: bool,
}

impl Frame {
    pub(super) fn of<S: Store>(visit: &Visit<S>) -> Self {
        let lang = visit.lang;
        let picked = visit.picked();
        let id_picked = picked.as_ref().map(|picked| picked.application.id);
        let entry = |page: &super::Page<S>| Entry {
            path: page.path,
            title: lang.say(page.title),
            icon: page.icon,
            is_this: page.path == visit.page,
        };
        let choice =
            |one: &Loaded| Choice { id: one.application.id.0, is_picked: Some(one.application.id) == id_picked };
        Self {
            lang,
            theme: visit.theme,
            title: lang.say(page_of::<S>(visit.page).map_or(words::CONSOLE, |(page, _)| page.title)),
            assets: assets::start(),
            version: env!("CARGO_PKG_VERSION"),
            csrf: visit.session.as_ref().map(|(_, session)| session.csrf.to_string()).unwrap_or_default(),
            menu: Table::<S>::PAGES.iter().map(entry).collect(),
            applications: visit.app.applications.all().iter().map(|one| choice(one)).collect(),
            banners: banners(visit, picked.as_deref()).map(|text| lang.say(text)).collect(),
        }
    }

    /// A text in the language of the page.
    pub(super) fn say(&self, text: Text) -> &'static str {
        self.lang.say(text)
    }
}

/// What whoever looks at any page should know.
fn banners<S: Store>(visit: &Visit<S>, picked: Option<&Loaded>) -> impl Iterator<Item = Text> {
    let emulator = visit.app.access.emulator.then_some(words::EMULATOR);
    let of_picked = picked.map(|picked| {
        let signing = match picked.controls.signing.get() {
            Signing::Strict => None,
            Signing::Lenient => Some(words::LENIENT),
            Signing::Off => Some(words::SIGNING_OFF),
        };
        let clock = picked.controls.clock.state(&visit.app.clock);
        let clock = match (clock.frozen, clock.system) {
            (true, _) => Some(words::FROZEN),
            (false, false) => Some(words::MOVED),
            (false, true) => None,
        };
        [picked.application.disabled.then_some(words::DISABLED), signing, clock]
    });
    emulator.into_iter().chain(of_picked.into_iter().flatten().flatten())
}
