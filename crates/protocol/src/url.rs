//! The query string of a call: the first of a parameter given twice counts, escapes are decoded once, as UTF-8.

/// Why a query string cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the query string is not UTF-8")]
pub struct BadQuery;

/// The names of the common parameters.
const NAMES: [&str; 5] = ["sdkappid", "identifier", "usersig", "random", "contenttype"];

/// The common parameters of a call (269/1519).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// `sdkappid`, as sent.
    pub sdkappid: Option<String>,
    /// `identifier`: the administrator who calls.
    pub identifier: Option<String>,
    /// `usersig`: the administrator's signature.
    pub usersig: Option<String>,
    /// `random`.
    pub random: Option<String>,
    /// `contenttype`, which is `json`.
    pub contenttype: Option<String>,
}

impl Query {
    /// Reads a query string. Names are case-sensitive; others than these are passed over, but are UTF-8 too.
    ///
    /// # Errors
    /// Where a name or value does not decode to UTF-8.
    pub fn parse(query: &str) -> Result<Self, BadQuery> {
        let mut found = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            let place = match name.as_str() {
                "sdkappid" => &mut found.sdkappid,
                "identifier" => &mut found.identifier,
                "usersig" => &mut found.usersig,
                "random" => &mut found.random,
                "contenttype" => &mut found.contenttype,
                _ => continue,
            };
            place.get_or_insert(value);
        }
        Ok(found)
    }

    /// Whether `random` is the unsigned 32-bit number that it is documented to be.
    pub fn has_random(&self) -> bool {
        let is_u32 = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u32>().is_ok();
        self.random.as_deref().is_some_and(is_u32)
    }

    /// The common parameters that a query string has more than once.
    pub fn repeated(query: &str) -> impl Iterator<Item = &'static str> {
        let names: Vec<String> = query.split('&').filter_map(|pair| name(pair).ok()).collect();
        let times = move |wanted: &str| names.iter().filter(|one| *one == wanted).count();
        NAMES.into_iter().filter(move |name| times(name) > 1)
    }
}

/// The name of a pair of a query string.
pub(crate) fn name(pair: &str) -> Result<String, BadQuery> {
    decode(pair.split_once('=').map_or(pair, |(name, _)| name))
}

/// A query string as it may be shown and kept: without what the signature says, however its name is spelt.
pub fn masked(query: &str) -> String {
    let mask = |pair: &str| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        // What cannot be decoded may be anything.
        let secret = decode(name).map_or(true, |name| name.eq_ignore_ascii_case("usersig"));
        if secret { format!("{name}={MASK}") } else { pair.to_owned() }
    };
    query.split('&').map(mask).collect::<Vec<_>>().join("&")
}

/// A masked query string with a signature in it; a UserSig has no letter that a query string escapes.
pub fn signed(masked: &str, usersig: &str) -> String {
    let sign = |pair: &str| match pair.split_once('=') {
        Some((its_name, _)) if name(pair).is_ok_and(|plain| plain == "usersig") => format!("{its_name}={usersig}"),
        _ => pair.to_owned(),
    };
    masked.split('&').map(sign).collect::<Vec<_>>().join("&")
}

/// What stands for a signature that is not shown.
pub const MASK: &str = "***";

/// Decodes `%41` and `+`. What only looks like an escape stays as it is, as in every browser.
fn decode(text: &str) -> Result<String, BadQuery> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high) << 4 | hex(*low));
                rest = after;
            }
            (byte, _) => out.push(*byte),
        }
    }
    String::from_utf8(out).map_err(|_| BadQuery)
}

fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_005_the_first_counts_and_names_are_case_sensitive() {
        let query = Query::parse("identifier=a&Identifier=b&identifier=c&SDKAPPID=7&x=1&").unwrap();
        assert_eq!(query, Query { identifier: Some("a".to_owned()), ..Query::default() });
    }

    #[test]
    fn a_signature_is_masked_however_it_is_spelt() {
        assert_eq!(masked("sdkappid=7&usersig=eJw*&random=1"), "sdkappid=7&usersig=***&random=1");
        assert_eq!(
            masked("%75sersig=eJw&UserSig=x&usersig=a&usersig=b"),
            "%75sersig=***&UserSig=***&usersig=***&usersig=***"
        );
        assert_eq!(masked(""), "");
    }

    #[test]
    fn escapes_are_decoded_once_as_utf_8() {
        let decoded =
            [("%61%2b", "a+"), ("a+b", "a b"), ("%2561", "%61"), ("%zz%4", "%zz%4"), ("%E5%BC%A0", "张"), ("张", "张")];
        for (text, wanted) in decoded {
            assert_eq!(decode(text).unwrap(), wanted);
        }
        for text in ["identifier=%FF", "x=%ff", "%ff=x", "identifier=%E5%BC"] {
            assert_eq!(Query::parse(text), Err(BadQuery), "{text}");
        }
    }
}
