//! Addresses of strangers: whatever they say, the page opens, and what it understood is what a link
//! of it says again.

use proptest::prelude::*;

use super::{Parameter, Query};
use crate::session::Session;

/// Values that somebody tried, and some that are right.
fn values() -> impl Strategy<Value = String> {
    let odd = [
        "",
        "0",
        "1",
        "-1",
        "1e9",
        "NaN",
        "4294967295",
        "18446744073709551616",
        "null",
        "unbounded",
        "%",
        "%00",
        "%zz",
        "%ff%fe",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "book",
        "flood",
        "ten-sleeps",
        "pool",
        "single,spawn,pool,fork-join,async,sharded",
        "pool,pool",
        "en",
        "ru",
        "dark",
        "drop-oldest",
        "wait",
        "lti",
        "0@0",
        "1@5000000000x1000000",
        "0@1x9,1@2,0@3x2",
        "64",
        "1024",
        "9223372036854775807",
        "the-flood",
        "fork-join",
        "panic",
    ];
    prop_oneof![
        3 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        1 => (0_u64..2000).prop_map(|number| number.to_string()),
        1 => "\\PC{0,40}",
    ]
}

fn addresses() -> impl Strategy<Value = String> {
    let names: Vec<_> = Parameter::ALL.map(Parameter::name).to_vec();
    let pair =
        (prop::sample::select(names), values()).prop_map(|(name, value)| format!("{name}={value}"));
    prop_oneof![
        4 => prop::collection::vec(pair, 0..8).prop_map(|pairs| pairs.join("&")),
        1 => "\\PC{0,200}",
    ]
}

proptest! {
    #[test]
    fn what_is_understood_of_an_address_is_what_a_link_says_again(address in addresses()) {
        let (query, _) = Query::parse(&address);
        prop_assert_eq!(Query::parse(&query.to_string()), (query, Vec::new()));
    }
}

proptest! {
    // Each simulates what the address asks for.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn the_page_opens_whatever_its_address_says(address in addresses()) {
        let (query, _) = Query::parse(&address);
        let (session, _) = Session::new(&query);
        prop_assert!(!session.models().is_empty());
    }
}
