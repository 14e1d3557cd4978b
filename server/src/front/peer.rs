//! Who is at the other end of a connection, as an extension of what comes over it. Headers of
//! proxies are not read (H9): behind one, it is the proxy.

use std::net::{IpAddr, Ipv6Addr};

/// How much of an IPv6 address is one subscriber's own choice.
const OWN_BITS: u32 = 64;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(IpAddr);

impl Peer {
    /// At this address.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(long) => {
                let network = long.to_bits() >> OWN_BITS << OWN_BITS;
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            short @ IpAddr::V4(_) => short,
        })
    }

    /// Where; of IPv6 the network, which one subscriber has for itself.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_subscriber_is_one_peer() {
        let at = |text: &str| Peer::at(text.parse().unwrap());

        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
