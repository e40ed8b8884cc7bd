//! SPDX licence expressions: `(MIT OR Apache-2.0) AND Unicode-3.0`.
//!
//! `AND` binds tighter than `OR`, `WITH` tighter than both. The slash of old manifests (`MIT/Apache-2.0`) is an `OR`.

use anyhow::{Result, bail};

/// Returns whether an expression can be met with the terms that `may` accepts.
///
/// A term is a licence, or `LICENCE WITH EXCEPTION`, with single spaces.
///
/// # Errors
///
/// If it isn't an expression.
pub fn holds(expression: &str, may: &dyn Fn(&str) -> bool) -> Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut rest = Words(spaced.split_whitespace().collect());
    let met = any_of(&mut rest, may)?;
    match rest.peek() {
        None => Ok(met),
        Some(word) => bail!("`{word}` is not expected"),
    }
}

/// The words not read yet, the next one first.
struct Words<'e>(std::collections::VecDeque<&'e str>);

impl<'e> Words<'e> {
    fn peek(&self) -> Option<&'e str> {
        self.0.front().copied()
    }

    /// Takes the next word if it is this one.
    fn took(&mut self, word: &str) -> bool {
        let is_next = self.peek() == Some(word);
        if is_next {
            self.0.pop_front();
        }
        is_next
    }

    fn term(&mut self) -> Result<&'e str> {
        match self.0.pop_front() {
            Some(word) if !matches!(word, "(" | ")" | "AND" | "OR" | "WITH") => Ok(word),
            Some(word) => bail!("`{word}` stands where a licence should"),
            None => bail!("it ends where a licence should stand"),
        }
    }
}

fn any_of(rest: &mut Words<'_>, may: &dyn Fn(&str) -> bool) -> Result<bool> {
    let mut met = all_of(rest, may)?;
    while rest.took("OR") {
        met |= all_of(rest, may)?;
    }
    Ok(met)
}

fn all_of(rest: &mut Words<'_>, may: &dyn Fn(&str) -> bool) -> Result<bool> {
    let mut met = one(rest, may)?;
    while rest.took("AND") {
        met &= one(rest, may)?;
    }
    Ok(met)
}

fn one(rest: &mut Words<'_>, may: &dyn Fn(&str) -> bool) -> Result<bool> {
    if rest.took("(") {
        let met = any_of(rest, may)?;
        return if rest.took(")") { Ok(met) } else { bail!("a bracket stays open") };
    }
    let licence = rest.term()?;
    if rest.took("WITH") {
        let exception = rest.term()?;
        return Ok(may(&format!("{licence} WITH {exception}")));
    }
    Ok(may(licence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Option<bool>) {
        let may = |term: &str| matches!(term, "MIT" | "ISC" | "Apache-2.0 WITH LLVM-exception");
        assert_eq!(holds(expression, &may).ok(), expected, "{expression}");
    }

    #[test]
    fn one_allowed_choice_is_enough() {
        check("MIT", Some(true));
        check("GPL-3.0", Some(false));
        check("GPL-3.0 OR MIT", Some(true));
        check("GPL-3.0/MIT", Some(true));
    }

    #[test]
    fn every_part_must_be_allowed() {
        check("MIT AND ISC", Some(true));
        check("MIT AND OpenSSL", Some(false));
        check("(GPL-3.0 OR MIT) AND ISC", Some(true));
        check("(GPL-3.0 OR MIT) AND OpenSSL", Some(false));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        check("MIT OR ISC AND GPL-3.0", Some(true));
        check("GPL-3.0 AND ISC OR MIT", Some(true));
        check("GPL-3.0 AND (ISC OR MIT)", Some(false));
    }

    #[test]
    fn an_exception_belongs_to_its_licence() {
        check("Apache-2.0 WITH LLVM-exception", Some(true));
        check("Apache-2.0", Some(false));
        check("MIT WITH LLVM-exception", Some(false));
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "AND MIT", "MIT WITH"] {
            check(expression, None);
        }
    }
}
