//! How many connections each address has open, so that one client cannot take all places.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts connections by address.
#[derive(Debug)]
pub(super) struct Addresses {
    max: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection's place among those of its address, until it is dropped.
#[derive(Debug)]
pub(super) struct AddressPlace {
    addresses: Arc<Addresses>,
    address: IpAddr,
}

impl Addresses {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, open: Mutex::default() })
    }

    /// A place for one more connection of this address; none when it has as many as it may.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<AddressPlace> {
        let address = of_one_owner(address);
        let mut open = self.open();
        let n_open = open.entry(address).or_default();
        if *n_open >= self.max {
            return None;
        }
        *n_open += 1;
        Some(AddressPlace { addresses: Arc::clone(self), address })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut open = self.addresses.open();
        if let Some(n_open) = open.get_mut(&self.address) {
            *n_open -= 1;
            if *n_open == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// The addresses that one client has for the asking count as one: a /64 of IPv6 (RFC 6177).
fn of_one_owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_and_no_more_until_one_is_given_back() {
        let addresses = Addresses::new(2);
        let one = IpAddr::from([127, 0, 0, 1]);
        let places = [addresses.enter(one), addresses.enter(one)];
        assert!(places.iter().all(Option::is_some));
        assert!(addresses.enter(one).is_none());
        assert!(addresses.enter(IpAddr::from([127, 0, 0, 2])).is_some());
        drop(places);
        assert!(addresses.open().is_empty(), "nothing is kept of those who left");
        assert!(addresses.enter(one).is_some());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_and_a_mapped_address_is_its_ipv4() {
        let addresses = Addresses::new(1);
        let enter = |text: &str| addresses.enter(text.parse().unwrap());
        let _first = enter("2001:db8::1").unwrap();
        assert!(enter("2001:db8::2").is_none());
        let _mapped = enter("::ffff:10.0.0.1").unwrap();
        assert!(enter("10.0.0.1").is_none());
    }
}
