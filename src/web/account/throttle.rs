//! Login back-off: whoever keeps failing waits longer and longer, by name and by address.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// A name's failures that cost nothing, then 1 s, 2 s, 4 s …
const FREE_BY_NAME: u32 = 4;
/// An office behind one address mistypes more.
const FREE_BY_ADDRESS: u32 = 20;
/// Nobody is locked out for longer than this by others' guessing, ms.
const LONGEST_MS: i64 = 5 * 60_000;
/// Failures are forgotten after a quiet hour.
const FORGET_MS: i64 = 60 * 60_000;
/// Names and addresses remembered.
const MOST: usize = 20_000;

/// Who failed how often. Times are unix ms.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    failures: BTreeMap<String, Failures>,
    /// Who logged in from where: guessing at their name from elsewhere does not lock them out.
    at_home: BTreeSet<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last: i64,
    until: i64,
}

/// One try: counted as failed until [`Throttle::passed`] says otherwise, so that tries at once do not slip through.
#[derive(Debug)]
pub struct Try {
    keys: Vec<(String, u32)>,
    /// The name and the network.
    place: Option<(String, String)>,
    /// True when the next try must wait: this one, if it fails, used the last free one up.
    pub last_free: bool,
}

impl Throttle {
    /// A try by this name (if there is one) from this address.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn enter(&self, name: Option<&str>, address: Option<IpAddr>, now: i64) -> Result<Try, u64> {
        let network = address.map(network);
        let place = name.map(str::to_string).zip(network.clone());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at_home = place.as_ref().is_some_and(|p| known.at_home.contains(p));
        let by_name = name
            .filter(|_| !at_home)
            .map(|n| (format!("n:{n}"), FREE_BY_NAME));
        let by_address = network.map(|a| (format!("a:{a}"), FREE_BY_ADDRESS));
        let keys: Vec<_> = by_name.into_iter().chain(by_address).collect();
        let known = &mut known.failures;
        known.retain(|_, f| now - f.last < FORGET_MS);
        let wait = keys
            .iter()
            .filter_map(|(key, _)| known.get(key))
            .map(|f| f.until - now)
            .max()
            .unwrap_or(0);
        if wait > 0 {
            return Err(wait.unsigned_abs().div_ceil(1000));
        }
        let mut last_free = false;
        for (key, free) in &keys {
            if known.len() >= MOST && !known.contains_key(key) {
                make_room(known);
            }
            let failures = known.entry(key.clone()).or_default();
            failures.count = failures.count.saturating_add(1);
            failures.last = now;
            if failures.count > *free {
                let steps = (failures.count - free - 1).min(20);
                failures.until = now + (1000_i64 << steps).min(LONGEST_MS);
                last_free |= failures.count == free + 1;
            }
        }
        Ok(Try {
            keys,
            place,
            last_free,
        })
    }

    /// The try was right: the name starts anew, and the try does not count against the address.
    pub fn passed(&self, attempt: &Try) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut *known;
        if let Some(place) = &attempt.place
            && known.at_home.len() < MOST
        {
            known.at_home.insert(place.clone());
        }
        let known = &mut known.failures;
        for (key, free) in &attempt.keys {
            if key.starts_with("n:") {
                known.remove(key);
            } else if let Some(failures) = known.get_mut(key) {
                // One right password among many wrong ones must not wash an address clean.
                failures.count = failures.count.saturating_sub(1);
                if failures.count <= *free {
                    failures.until = 0;
                }
            }
        }
    }
}

/// Forgets the one that failed least.
fn make_room(known: &mut BTreeMap<String, Failures>) {
    let least = known
        .iter()
        .min_by_key(|(_, f)| (f.until, f.count, f.last))
        .map(|(key, _)| key.clone());
    if let Some(key) = least {
        known.remove(&key);
    }
}

/// IPv6 users own whole /64 networks.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let s = v6.segments();
            format!("{:x}:{:x}:{:x}:{:x}::", s[0], s[1], s[2], s[3])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn here() -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, 1]))
    }

    #[test]
    fn a_name_that_keeps_failing_waits_twice_as_long_each_time() {
        let throttle = Throttle::default();
        for _ in 0..FREE_BY_NAME {
            throttle.enter(Some("lin"), here(), NOW).unwrap();
        }
        let mut now = NOW;
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            throttle.enter(Some("lin"), None, now).unwrap();
            assert_eq!(throttle.enter(Some("lin"), None, now).unwrap_err(), wait);
            now += i64::try_from(wait).unwrap() * 1000;
        }
        throttle.enter(Some("wang"), here(), now).unwrap();
    }

    #[test]
    fn an_address_that_tries_many_names_waits_too() {
        let throttle = Throttle::default();
        for n in 0..=FREE_BY_ADDRESS {
            throttle
                .enter(Some(&format!("name{n}")), here(), NOW)
                .unwrap();
        }
        assert_eq!(throttle.enter(Some("another"), here(), NOW).unwrap_err(), 1);
        let elsewhere = Some(IpAddr::from([192, 0, 2, 2]));
        throttle.enter(Some("another"), elsewhere, NOW).unwrap();
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_count_as_one() {
        let throttle = Throttle::default();
        for n in 0..=FREE_BY_ADDRESS {
            let address = format!("2001:db8:1:2::{n:x}").parse().unwrap();
            throttle.enter(None, Some(address), NOW).unwrap();
        }
        let next = "2001:db8:1:2:ffff::1".parse().unwrap();
        assert!(throttle.enter(None, Some(next), NOW).is_err());
    }

    #[test]
    fn the_right_password_starts_the_name_anew_but_not_the_address() {
        let throttle = Throttle::default();
        for n in 0..FREE_BY_ADDRESS {
            throttle.enter(Some(&format!("n{n}")), here(), NOW).unwrap();
        }
        let right = throttle.enter(Some("lin"), here(), NOW).unwrap();
        throttle.passed(&right);
        throttle.enter(Some("guess"), here(), NOW).unwrap();
        assert!(throttle.enter(Some("guess2"), here(), NOW).is_err());
    }

    #[test]
    fn guessing_elsewhere_does_not_lock_a_person_out_where_they_work() {
        let throttle = Throttle::default();
        throttle.passed(&throttle.enter(Some("lin"), here(), NOW).unwrap());
        let elsewhere = Some(IpAddr::from([192, 0, 2, 2]));
        for _ in 0..=FREE_BY_NAME {
            throttle.enter(Some("lin"), elsewhere, NOW).unwrap();
        }
        assert!(throttle.enter(Some("lin"), elsewhere, NOW).is_err());
        throttle.enter(Some("lin"), here(), NOW).unwrap();
    }

    #[test]
    fn a_quiet_hour_is_forgiven() {
        let throttle = Throttle::default();
        for _ in 0..=FREE_BY_NAME {
            throttle.enter(Some("lin"), None, NOW).unwrap();
        }
        assert!(throttle.enter(Some("lin"), None, NOW).is_err());
        for _ in 0..FREE_BY_NAME {
            throttle.enter(Some("lin"), None, NOW + FORGET_MS).unwrap();
        }
    }

    #[test]
    fn a_flood_of_names_does_not_grow_the_memory_nor_free_a_blocked_name() {
        let throttle = Throttle::default();
        for _ in 0..=FREE_BY_NAME + 3 {
            let _ = throttle.enter(Some("lin"), None, NOW);
        }
        {
            let known = &mut throttle.0.lock().unwrap().failures;
            for n in 0..MOST {
                let guess = Failures {
                    count: 1,
                    last: NOW,
                    until: 0,
                };
                known.insert(format!("n:{n}"), guess);
                if known.len() > MOST {
                    make_room(known);
                }
            }
        }
        throttle.enter(Some("one more"), None, NOW).unwrap();
        assert!(throttle.0.lock().unwrap().failures.len() <= MOST);
        assert!(throttle.enter(Some("lin"), None, NOW).is_err());
    }
}
