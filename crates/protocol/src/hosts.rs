//! The host names under which the API is documented, by region. Which of them a client means, and where they lead, is not known here.

/// A region of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Its name in English.
    pub english: &'static str,
    /// Its name in Chinese.
    pub chinese: &'static str,
    /// The host name of its API.
    pub domain: &'static str,
    /// The documented other one, for when the first is not resolved rightly.
    pub backup: Option<&'static str>,
}

/// Every region that was ever documented: clients keep the name of one that is no longer.
pub const REGIONS: [Region; 9] = [
    region("China", "中国", "console.tim.qq.com", Some("adminapi.my-imcloud.com")),
    region("Singapore", "新加坡", "adminapisgp.im.qcloud.com", Some("adminapisgp.my-imcloud.com")),
    region("Seoul", "首尔", "adminapikr.im.qcloud.com", Some("adminapikr.my-imcloud.com")),
    region("Tokyo", "东京", "adminapijpn.im.qcloud.com", None),
    region("Frankfurt", "法兰克福", "adminapiger.im.qcloud.com", Some("adminapiger.my-imcloud.com")),
    region("Mumbai", "孟买", "adminapiind.im.qcloud.com", Some("adminapiind.my-imcloud.com")),
    region("Silicon Valley", "硅谷", "adminapiusa.im.qcloud.com", Some("adminapiusa.my-imcloud.com")),
    region("Jakarta", "雅加达", "adminapiidn.im.qcloud.com", Some("adminapiidn.my-imcloud.com")),
    region("Riyadh", "利雅得", "adminapiksa.im.qcloud.com", None),
];

const fn region(
    english: &'static str,
    chinese: &'static str,
    domain: &'static str,
    backup: Option<&'static str>,
) -> Region {
    Region { english, chinese, domain, backup }
}

/// Every host name of every region.
pub fn hosts() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().flat_map(|region| std::iter::once(region.domain).chain(region.backup))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_host_name_is_there_once() {
        let all: BTreeSet<_> = hosts().collect();
        assert_eq!((all.len(), hosts().count()), (16, 16));
        assert!(all.contains("console.tim.qq.com") && all.contains("adminapi.my-imcloud.com"));
    }
}
