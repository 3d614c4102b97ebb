//! The host names of the documented API, one a region. They are the vendor's: nothing here calls them.

/// A region's hosts.
#[derive(Debug)]
pub struct Host {
    /// The region.
    pub region: &'static str,
    /// Its host.
    pub domain: &'static str,
    /// The host to fall back on, where there is one.
    pub backup: Option<&'static str>,
}

const fn host(region: &'static str, domain: &'static str, backup: Option<&'static str>) -> Host {
    Host { region, domain, backup }
}

/// The documented hosts (269/1519, 1047/34620), those of past and later pages too.
pub static HOSTS: &[Host] = &[
    host("China", "console.tim.qq.com", Some("adminapi.my-imcloud.com")),
    host("Singapore", "adminapisgp.im.qcloud.com", Some("adminapisgp.my-imcloud.com")),
    host("Seoul", "adminapikr.im.qcloud.com", Some("adminapikr.my-imcloud.com")),
    host("Tokyo", "adminapijpn.im.qcloud.com", None),
    host("Frankfurt", "adminapiger.im.qcloud.com", Some("adminapiger.my-imcloud.com")),
    host("Mumbai", "adminapiind.im.qcloud.com", Some("adminapiind.my-imcloud.com")),
    host("Silicon Valley", "adminapiusa.im.qcloud.com", Some("adminapiusa.my-imcloud.com")),
    host("Jakarta", "adminapiidn.im.qcloud.com", Some("adminapiidn.my-imcloud.com")),
    host("Riyadh", "adminapiksa.im.qcloud.com", None),
];
