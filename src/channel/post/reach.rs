//! Which addresses are of the open net. What is not surely so is inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// This machine.
pub(super) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Whether an address may be reached: one of the open net, or one that is named.
pub(super) fn may(ip: IpAddr, named: &[IpAddr]) -> bool {
    named.contains(&ip.to_canonical())
        || match ip.to_canonical() {
            IpAddr::V4(ip) => is_open_v4(ip),
            IpAddr::V6(ip) => is_open_v6(ip),
        }
}

/// Not what IANA's registry of special-purpose IPv4 addresses takes out.
fn is_open_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        // Of providers, for what shares an address.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        // To IPv6 by a relay.
        || (a == 192 && b == 88 && c == 99)
        // For measurements.
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !special
}

/// Only what is given out for the open net (`2000::/3`), without what leads on to IPv4 addresses and what is for
/// protocols and books.
fn is_open_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let is_given_out = a & 0xe000 == 0x2000;
    let special =
        (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    is_given_out && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_the_open_net_is_not_reached() {
        for (ip, open) in [
            ("1.1.1.1", true),
            ("193.162.153.164", true),
            ("100.63.255.255", true),
            ("172.15.255.255", true),
            ("2a00:1450:400f:80d::200e", true),
            ("2606:4700::1111", true),
            ("0.0.0.0", false),
            ("127.0.0.1", false),
            ("127.255.255.255", false),
            ("10.0.0.1", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("198.18.0.1", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::127.0.0.1", false),
            ("64:ff9b::a9fe:a9fe", false),
            ("64:ff9b:1::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("3fff::1", false),
        ] {
            let ip: IpAddr = ip.parse().expect("an address");
            assert_eq!(may(ip, &[]), open, "{ip}");
            assert!(may(ip, &[ip.to_canonical()]), "{ip} is named");
        }
    }
}
