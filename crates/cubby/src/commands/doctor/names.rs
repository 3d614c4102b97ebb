//! Where host names lead from here, and what answers there. Only this machine's and private addresses are ever connected to.

use super::{Finding, Verdict};
use crate::http::{Reply, connect, exchange};
use crate::tls::trust::Trust;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::thread;

/// An address that was given for a name.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    name: String,
    address: IpAddr,
}

/// Reads `NAME:IP`; an IPv6 address has colons of its own.
pub(super) fn parse_resolve(text: &str) -> Result<Resolved, String> {
    let wrong = || format!("takes NAME:IP, such as console.tim.qq.com:127.0.0.1, not {text:?}");
    let (name, address) = text.split_once(':').filter(|(name, _)| !name.is_empty()).ok_or_else(wrong)?;
    let address = address.trim_matches(['[', ']']).parse().map_err(|_| wrong())?;
    Ok(Resolved { name: name.to_owned(), address })
}

/// The system's resolver, but for the addresses that were given.
pub(super) struct Resolver {
    given: Vec<Resolved>,
}

impl Resolver {
    pub(super) fn new(given: Vec<Resolved>) -> Self {
        Self { given }
    }

    /// The addresses of a name, each once.
    pub(super) fn addresses(&self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let given = self.given.iter().filter(|one| one.name.eq_ignore_ascii_case(name));
        let given: Vec<SocketAddr> = given.map(|one| SocketAddr::new(one.address, port)).collect();
        if !given.is_empty() {
            return Ok(given);
        }
        let mut found: Vec<SocketAddr> = (name, port).to_socket_addrs()?.collect();
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// Whether an address cannot lead out of this machine's own networks. What is not surely so is taken as public: 198.18.0.0/15 too, which
/// some proxies give for every name.
pub(super) fn is_ours(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
    }
}

/// Looks at all names at once, since one that is not resolved may take its time.
pub(super) fn look(names: &[String], port: u16, resolver: &Resolver, trust: &Trust) -> Vec<Finding> {
    thread::scope(|scope| {
        let looks: Vec<_> =
            names.iter().map(|name| scope.spawn(move || look_at(name, port, resolver, trust))).collect();
        looks.into_iter().filter_map(|look| look.join().ok()).collect()
    })
}

fn look_at(name: &str, port: u16, resolver: &Resolver, trust: &Trust) -> Finding {
    let addresses = match resolver.addresses(name, port) {
        Ok(addresses) if !addresses.is_empty() => addresses,
        // A name server may be out of reach only now, so this says nothing of later.
        Ok(_) => return Finding::new(Verdict::Skipped, name, "leads nowhere now: it has no address"),
        Err(error) => return Finding::new(Verdict::Skipped, name, format!("leads nowhere now: {error}")),
    };
    if let Some(public) = addresses.iter().find(|address| !is_ours(address.ip())) {
        let says = format!("leads to {}, a public address: calls reach the vendor's production servers", public.ip());
        return Finding::new(Verdict::Production, name, says);
    }
    let place = addresses.first().map_or_else(String::new, SocketAddr::to_string);
    let stream = match connect(&addresses) {
        Ok(stream) => stream,
        Err(error) => {
            return Finding::new(Verdict::Wrong, name, format!("leads to {place}, where nothing answers: {error}"));
        }
    };
    match ask(stream, name, trust) {
        Err(error) => {
            Finding::new(Verdict::Wrong, name, format!("leads to {place}, which does not answer HTTPS: {error}"))
        }
        Ok((reply, untrusted)) => {
            let product = product(&reply);
            match (is_cubby(&product), untrusted) {
                (false, _) => {
                    Finding::new(Verdict::Wrong, name, format!("leads to {place}, which is no Cubby: {product}"))
                }
                (true, None) => {
                    Finding::new(Verdict::Ok, name, format!("leads to {place}: {product}, certificate trusted"))
                }
                (true, Some(why)) => {
                    let says = format!("leads to {place}: {product}, but its certificate is not trusted here: {why}");
                    Finding::new(Verdict::Wrong, name, says)
                }
            }
        }
    }
}

fn ask(stream: TcpStream, name: &str, trust: &Trust) -> Result<(Reply, Option<rustls::Error>), String> {
    let (mut stream, untrusted) = trust.examine(stream, name).map_err(|error| error.to_string())?;
    let reply = exchange(&mut stream, name, "GET", "/health", b"").map_err(|error| error.to_string())?;
    Ok((reply, untrusted))
}

/// What a server calls itself.
pub(super) fn product(reply: &Reply) -> String {
    reply.header("server").map_or_else(|| "it does not say what it is".to_owned(), str::to_owned)
}

pub(super) fn is_cubby(product: &str) -> bool {
    product.starts_with("cubby/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_stays_here_is_ours() {
        for ours in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_ours(ours.parse().unwrap()), "{ours}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "198.18.0.1", "100.64.0.1", "240e::1", "::ffff:1.1.1.1"] {
            assert!(!is_ours(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_address_is_given_for_a_name() {
        for (text, address) in [("a.b:127.0.0.1", "127.0.0.1"), ("a.b:::1", "::1"), ("a.b:[::1]", "::1")] {
            let resolver = Resolver::new(vec![parse_resolve(text).unwrap()]);
            let wanted = SocketAddr::new(address.parse().unwrap(), 7);
            assert_eq!(resolver.addresses("A.b", 7).unwrap(), [wanted]);
        }
        for text in ["", "a", "a:", ":127.0.0.1", "a:b"] {
            assert!(parse_resolve(text).is_err(), "{text}");
        }
    }
}
