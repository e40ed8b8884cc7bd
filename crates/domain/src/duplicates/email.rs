//! E-mail addresses as they are compared: without spaces around them, in lower case.
//!
//! Letters before the `@` may differ in case by the standard (RFC 5321, 2.4), but no provider tells two people apart by
//! that. Dots and what stands behind a `+` are left alone: only some providers ignore them.

/// The longest address (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST: usize = 254;

/// Returns the addresses in a text, ready to be compared.
pub fn all_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|sign: char| matches!(sign, ',' | ';' | '<' | '>') || sign.is_whitespace()).filter_map(normal)
}

fn normal(text: &str) -> Option<String> {
    let (name, host) = text.rsplit_once('@')?;
    let fits = !name.is_empty() && !host.is_empty() && text.len() <= LONGEST;
    fits.then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_and_written_in_small_letters() {
        let check = |text: &str, expected: &[&str]| assert_eq!(all_in(text).collect::<Vec<_>>(), expected, "{text}");
        check("  Anna@Example.ORG ", &["anna@example.org"]);
        check("Anna <a@x.de>; b+c@y.de", &["a@x.de", "b+c@y.de"]);
        check("none", &[]);
        check("@", &[]);
    }
}
