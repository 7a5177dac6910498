//! Which names a request may call this server by.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Refuses names that are not this computer's.
///
/// A page of a stranger can have its own name resolve to 127.0.0.1, and then read whatever answers
/// there as its own (DNS rebinding); the browser still sends that name.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostCheck {
    /// `None`: whoever listens elsewhere is reached by names that nobody here knows.
    loopback_port: Option<u16>,
}

impl HostCheck {
    /// The check for a listener at this address.
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { loopback_port: address.ip().to_canonical().is_loopback().then_some(address.port()) }
    }

    /// Whether a request for this host and port may be answered; `None`: it does not say.
    pub(super) fn accepts(self, host: Option<&str>) -> bool {
        let Some(own_port) = self.loopback_port else { return true };
        let Some(host) = host else { return false };
        // A colon of an IPv6 address is in brackets.
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
            _ => (host, Some(HTTP_PORT)),
        };
        port == Some(own_port) && is_loopback(name)
    }
}

fn is_loopback(name: &str) -> bool {
    let in_brackets = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match in_brackets {
        Some(address) => address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback()),
        None => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse().is_ok_and(|address: IpAddr| {
                    // Without brackets an IPv6 address cannot be told from a port.
                    address.is_ipv4() && address.is_loopback()
                })
        }
    }
}

/// A `Host` without a port means this one.
const HTTP_PORT: u16 = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_loopback_only_its_names_with_its_port_are_accepted() {
        let check = HostCheck::new("127.0.0.1:7879".parse().unwrap());
        for host in
            ["127.0.0.1:7879", "127.1.2.3:7879", "localhost:7879", "LOCALHOST:7879", "[::1]:7879"]
        {
            assert!(check.accepts(Some(host)), "{host}");
        }
        for host in [
            "",
            ":7879",
            "localhost",
            "localhost:",
            "localhost:7880",
            "[::1]",
            "::1:7879",
            "192.168.0.1:7879",
            "evil.example:7879",
            "localhost.evil.example:7879",
            "localhost@evil.example:7879",
            "127.0.0.1.evil.example:7879",
        ] {
            assert!(!check.accepts(Some(host)), "{host}");
        }
        assert!(!check.accepts(None));
    }

    #[test]
    fn elsewhere_any_name_is_accepted() {
        let check = HostCheck::new("0.0.0.0:7879".parse().unwrap());
        assert!(check.accepts(Some("server.example")) && check.accepts(None));
    }

    #[test]
    fn on_port_80_the_port_may_be_left_out() {
        let check = HostCheck::new("[::1]:80".parse().unwrap());
        assert!(check.accepts(Some("localhost")) && check.accepts(Some("[::1]")));
    }
}
