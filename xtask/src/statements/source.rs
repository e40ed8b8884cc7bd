//! Finds the named statements in Rust source.
//!
//! A statement is a string that begins with its name: `"-- cases::insert`. A macro may put the name together: where
//! `macro_rules! of_batch` has `"-- retention::"`, each `of_batch!("expired_visits", …)` is a statement
//! called `retention::expired_visits`. Unit tests at the end of a file don't count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Returns the names of all statements in a folder of Rust source.
///
/// # Errors
///
/// If a file can't be read, or a name is put together outside a macro.
pub fn statements_in(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            names.extend(statements_in(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            names.extend(statements_of(&text).with_context(|| path.display().to_string())?);
        }
    }
    Ok(names)
}

/// Returns the names of all statements in one file.
fn statements_of(text: &str) -> Result<BTreeSet<String>> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let tokens = tokens(text);
    let mut names = BTreeSet::new();
    let mut prefixes = BTreeMap::new();
    let mut macro_name = None;
    for (i, token) in tokens.iter().enumerate() {
        match (token, tokens.get(i + 1), tokens.get(i + 2), tokens.get(i + 3)) {
            (Token::Word("macro_rules"), Some(Token::Sign('!')), Some(Token::Word(name)), _) => {
                macro_name = Some(*name)
            }
            (
                Token::Word(name),
                Some(Token::Sign('!')),
                Some(Token::Sign('(' | '[' | '{')),
                Some(Token::Text(last)),
            ) => {
                if let Some(first) = prefixes.get(name) {
                    names.insert(format!("{first}{last}"));
                }
            }
            _ => {}
        }
        let Token::Text(literal) = token else { continue };
        match name_of(literal) {
            Some(name) if !name.ends_with(':') => _ = names.insert(name.to_owned()),
            Some(prefix) => match macro_name {
                Some(macro_name) => _ = prefixes.insert(macro_name, prefix),
                None => bail!("`-- {prefix}` is put together outside a macro, so its name can't be found"),
            },
            None => {}
        }
    }
    Ok(names)
}

/// Returns `cases::insert` for `-- cases::insert…`, and `cases::` for `-- cases::`.
pub fn name_of(literal: &str) -> Option<&str> {
    let rest = literal.strip_prefix("-- ")?;
    let end = rest.find(|c: char| !matches!(c, 'a'..='z' | '0'..='9' | '_' | ':')).unwrap_or(rest.len());
    let (subject, name) = rest[..end].split_once("::")?;
    (!subject.is_empty() && !name.contains(':')).then_some(&rest[..end])
}

/// As much of Rust's grammar as tells strings from comments.
#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    /// A string, without its quotes, escapes as they are written.
    Text(&'t str),
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let n_bytes = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            let n_bytes = quoted(rest, '"');
            let literal = &rest[1..n_bytes];
            tokens.push(Token::Text(literal.strip_suffix('"').unwrap_or(literal)));
            n_bytes
        } else if let Some((n_bytes, literal)) = raw(rest) {
            tokens.push(Token::Text(literal));
            n_bytes
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Word(&rest[..end]));
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        rest = &rest[n_bytes..];
    }
    tokens
}

/// Returns the length of a quoted string or character, with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// Returns the length and the contents of a raw string (`r#"…"#`), if the text begins with one.
fn raw(text: &str) -> Option<(usize, &str)> {
    let hashes = text.strip_prefix('r')?;
    let body = hashes.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(hashes.len() - body.len()));
    let body = body.strip_prefix('"')?;
    let n_body = body.find(&end)?;
    Some((text.len() - body.len() + n_body + end.len(), &body[..n_body]))
}

/// Returns the length of a character (`'a'`), or 1 for the mark of a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) | (_, Some('\'')) => quoted(text, '\''),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let names = statements_of(text).unwrap();
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_string_that_begins_with_a_name_is_a_statement() {
        check("const A: &str = \"-- cases::insert\nINSERT …\";", &["cases::insert"]);
        check(r#"query("-- cases::of_person\nSELECT 1")"#, &["cases::of_person"]);
        check(
            "both(r#\"-- cases::quoted \"x\"\"#); const B: &str = r\"-- cases::raw\";",
            &["cases::quoted", "cases::raw"],
        );
    }

    #[test]
    fn other_strings_and_comments_are_none() {
        check("// \"-- cases::insert\n/* \"-- cases::replace */ let a = \"SELECT -- cases::inner\";", &[]);
        check("fn f<'a>(quote: char) { let b = ('\"', '\\''); let c = \"-- a remark\"; }", &[]);
    }

    #[test]
    fn a_macro_puts_names_together() {
        check(
            "macro_rules! of_batch { ($name:literal) => { concat!(\"-- retention::\", $name, \"\\nDELETE\") } }
             const A: Statement = of_batch!(\"expired_visits\", \"visit\");
             const B: Statement = of_batch!(
                 \"expired_links\",
             );
             const C: &str = other!(\"not_one\");",
            &["retention::expired_links", "retention::expired_visits"],
        );
    }

    #[test]
    fn a_name_put_together_elsewhere_is_an_error() {
        assert!(statements_of("let sql = format!(\"-- cases::{name}\");").is_err());
    }

    #[test]
    fn unit_tests_do_not_count() {
        check("const A: &str = \"-- a::b\";\n#[cfg(test)]\nmod tests { const C: &str = \"-- c::d\"; }", &["a::b"]);
    }
}
