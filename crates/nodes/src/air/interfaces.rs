//! Where a broadcast goes: to each network that this machine is in.

use if_addrs::{IfAddr, Interface};
use std::net::Ipv4Addr;

/// Where a broadcast stays within the machine.
const LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

/// Returns the directed broadcast address of each interface that is up, each once; that of the loopback if there is no other.
pub(super) fn broadcast_addresses(interfaces: &[Interface]) -> Vec<Ipv4Addr> {
    let up = interfaces.iter().filter(|interface| interface.is_oper_up() && !interface.is_p2p());
    let mut addresses: Vec<Ipv4Addr> = up
        .filter_map(|interface| match &interface.addr {
            IfAddr::V4(address) if !address.ip.is_loopback() => address.broadcast,
            _ => None,
        })
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() { vec![LOOPBACK] } else { addresses }
}

#[cfg(test)]
mod tests {
    use super::*;
    use if_addrs::{IfOperStatus, Ifv4Addr};

    fn interface(ip: [u8; 4], broadcast: Option<[u8; 4]>, oper_status: IfOperStatus, is_p2p: bool) -> Interface {
        let addr = IfAddr::V4(Ifv4Addr {
            ip: ip.into(),
            netmask: [255, 255, 255, 0].into(),
            prefixlen: 24,
            broadcast: broadcast.map(Into::into),
        });
        Interface { name: "eth0".to_owned(), addr, index: None, oper_status, is_p2p }
    }

    #[test]
    fn each_network_that_is_up_is_sent_to_once_and_the_loopback_only_if_there_is_no_other() {
        use IfOperStatus::{Down, Up};
        let loopback = interface([127, 0, 0, 1], None, Up, false);
        let ours = interface([10, 1, 2, 3], Some([10, 1, 2, 255]), Up, false);
        let same = interface([10, 1, 2, 4], Some([10, 1, 2, 255]), Up, false);
        let down = interface([10, 9, 9, 9], Some([10, 9, 9, 255]), Down, false);
        let tunnel = interface([10, 8, 8, 8], Some([10, 8, 8, 9]), Up, true);
        let all = [loopback.clone(), ours, same, down.clone(), tunnel.clone()];
        assert_eq!(broadcast_addresses(&all), [Ipv4Addr::new(10, 1, 2, 255)]);
        assert_eq!(broadcast_addresses(&[loopback, down, tunnel]), [LOOPBACK]);
        assert_eq!(broadcast_addresses(&[]), [LOOPBACK]);
    }
}
