//! Names of functions: those that are the same from one build to the next, and the shortest ones.

/// A function's name without what changes from build to build: the number that a linker puts behind a name
/// which it has already, the hash at the end of a name of the old kind, and the crates' hashes in one of the
/// new kind.
pub(crate) fn stable(name: &str) -> String {
    let is_hash = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let name = match name.rsplit_once('.') {
        Some((start, number)) if is_number(number) => start,
        _ => name,
    };
    let name = match name.rsplit_once("::h") {
        Some((start, hash)) if hash.len() == 16 && is_hash(hash) => start,
        _ => name,
    };
    let mut stable = String::with_capacity(name.len());
    let mut left = name;
    while let Some((before, after)) = left.split_once('[') {
        stable.push_str(before);
        match after.split_once(']') {
            Some((hash, after)) if is_hash(hash) && hash.len() > 8 => left = after,
            _ => {
                stable.push('[');
                left = after;
            }
        }
    }
    stable.push_str(left);
    stable
}

/// The shortest names after `start`: a to z, then aa, ba and so on.
pub(crate) fn short(start: &str) -> impl Iterator<Item = String> + '_ {
    (0_u32..).map(move |number| {
        let mut left = number;
        let mut name = start.to_owned();
        loop {
            name.push(char::from(b'a' + u8::try_from(left % 26).expect("26 letters")));
            left = match left / 26 {
                0 => return name,
                more => more - 1,
            };
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_all_different() {
        let names: Vec<String> = short("_").take(800).collect();
        assert_eq!(
            (names[0].as_str(), names[26].as_str(), names[27].as_str()),
            ("_a", "_aa", "_ba")
        );
        let different: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(different.len(), names.len());
    }

    #[test]
    fn what_changes_from_build_to_build_is_left_out_of_a_name() {
        for (name, expected) in [
            ("core::ptr::drop_in_place::h0123456789abcdef", "core::ptr::drop_in_place"),
            ("<web_sim[29a1b4f6c0d3e587]::App>::view", "<web_sim::App>::view"),
            (
                "<[u8] as core[0123456789abcdef]::fmt::Debug>::fmt",
                "<[u8] as core::fmt::Debug>::fmt",
            ),
            ("array::<[bool; 8]>", "array::<[bool; 8]>"),
            (
                "<alloc[0123456789abcdef]::string::String>::push.997",
                "<alloc::string::String>::push",
            ),
            ("half[", "half["),
        ] {
            assert_eq!(stable(name), expected);
        }
    }
}
