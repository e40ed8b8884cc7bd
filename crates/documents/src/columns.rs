//! Which column is which field: `id=nr,onset=dt_onset` meets the header of a file.
//!
//! Nobody's file has our names, and a wrong column is worse than none. A name must match, exactly
//! or but for capitals and spaces; a name that two columns have is refused; a name that none has is
//! answered with the nearest that exists. `#3` is the third column whatever its name. In a file
//! without a header columns are plain numbers, so a mapping of nothing but numbers says that the
//! file has none.

use crate::table::Header;

/// Which column each field is to be read from, as a person wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    fields: Vec<(String, Wanted)>,
}

/// A column as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    /// By name, also if it is a number in quotes.
    Name(String),
    /// A number without quotes: a position if there is no header, else a name.
    Number(String),
    /// `#3`: a position in any file.
    Position(String),
}

/// Where each field stands in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    fields: Vec<(String, usize)>,
}

/// Why a mapping can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Nothing is mapped.
    #[error("the columns are empty; write field=column, for example {example}=name_of_column")]
    Empty {
        /// A field that exists.
        example: String,
    },
    /// A piece that isn't `field=column`.
    #[error("\"{piece}\" has no \"=\"; write field=column")]
    NoEquals {
        /// The piece.
        piece: String,
    },
    /// Nothing behind the `=`.
    #[error("no column is named for \"{field}\"; write {field}=column")]
    NoColumn {
        /// The field.
        field: String,
    },
    /// A quote is opened and not closed, or something follows the closing quote.
    #[error("the quotes in \"{piece}\" are not closed where its column ends")]
    Quotes {
        /// The piece and what follows it.
        piece: String,
    },
    /// No such field.
    #[error("there is no field \"{field}\"{}; fields are {}", nearest_hint(.nearest), .known.join(", "))]
    UnknownField {
        /// What was written.
        field: String,
        /// The nearest field that exists, if one is near.
        nearest: Option<String>,
        /// All fields.
        known: Vec<String>,
    },
    /// One field from two columns.
    #[error("the field \"{field}\" is given twice")]
    FieldTwice {
        /// The field.
        field: String,
    },
}

/// Why a mapping doesn't fit a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// No column has this name.
    #[error("there is no column \"{column}\"{}; columns are {}", nearest_hint(.nearest), listed(.known))]
    Unknown {
        /// What was written.
        column: String,
        /// The nearest name that exists, if one is near.
        nearest: Option<String>,
        /// All names.
        known: Vec<String>,
    },
    /// Two columns have this name.
    #[error("the columns {first} and {second} are both named \"{column}\"; write #{first} or #{second}")]
    Ambiguous {
        /// The name.
        column: String,
        /// Number of the first, counted from 1.
        first: usize,
        /// Number of the second, counted from 1.
        second: usize,
    },
    /// A number beyond the last column.
    #[error("there is no column {number}; the table has {n_columns}")]
    OutOfRange {
        /// The number as written.
        number: String,
        /// How many columns there are.
        n_columns: usize,
    },
    /// A name for a file without a header.
    #[error("the file has no header, so \"{column}\" names no column; write its number")]
    NoHeader {
        /// What was written.
        column: String,
    },
}

impl Mapping {
    /// Reads `field=column,field=column`; a column with a comma or `=` is put in double quotes.
    ///
    /// # Errors
    ///
    /// [`MappingError`] with the piece that isn't understood.
    pub fn parse(text: &str, allowed_fields: &[&str]) -> Result<Mapping, MappingError> {
        let mut mapping = Mapping { fields: Vec::new() };
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (field, behind) = split_field(rest)?;
            let (wanted, behind) = split_wanted(field, behind)?;
            mapping.add(field, wanted, allowed_fields)?;
            rest = behind;
        }
        if mapping.fields.is_empty() {
            let example = allowed_fields.first().copied().unwrap_or("id").to_owned();
            return Err(MappingError::Empty { example });
        }
        Ok(mapping)
    }

    /// Returns whether the mapping speaks of a file with a header: not, if all columns are numbers.
    pub fn wants_header(&self) -> Header {
        let is_number = |wanted: &Wanted| matches!(wanted, Wanted::Number(_));
        if self.fields.iter().all(|(_, wanted)| is_number(wanted)) { Header::None } else { Header::FirstRow }
    }

    /// Lists the fields that are mapped, in the order in which they were written.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(field, _)| field.as_str())
    }

    /// Finds the columns in a file, given what the table says of itself.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] with the first column that isn't found.
    pub fn resolve(&self, header: Option<&[String]>, n_columns: usize) -> Result<Columns, ColumnError> {
        let find = |wanted: &Wanted| match (wanted, header) {
            (Wanted::Position(number), _) => by_number(number, n_columns),
            (Wanted::Number(number), None) => by_number(number, n_columns),
            (Wanted::Name(name), None) => Err(ColumnError::NoHeader { column: name.clone() }),
            (Wanted::Name(name) | Wanted::Number(name), Some(header)) => by_name(name, header),
        };
        let mut fields = Vec::with_capacity(self.fields.len());
        for (field, wanted) in &self.fields {
            fields.push((field.clone(), find(wanted)?));
        }
        Ok(Columns { fields })
    }

    fn add(&mut self, field: &str, wanted: Wanted, allowed_fields: &[&str]) -> Result<(), MappingError> {
        if !allowed_fields.contains(&field) {
            let known: Vec<String> = allowed_fields.iter().map(|field| (*field).into()).collect();
            let nearest = nearest(field, &known);
            return Err(MappingError::UnknownField { field: field.into(), nearest, known });
        }
        if self.fields().any(|known| known == field) {
            return Err(MappingError::FieldTwice { field: field.into() });
        }
        self.fields.push((field.into(), wanted));
        Ok(())
    }
}

impl Columns {
    /// Returns the column of a field, counted from 0; `None` if the field isn't mapped.
    ///
    /// Looks through the fields: for files of millions of rows, ask once and keep the answer.
    pub fn position(&self, field: &str) -> Option<usize> {
        self.fields.iter().find(|(known, _)| known == field).map(|(_, column)| *column)
    }
}

/// Parts the field from what follows its `=`.
fn split_field(text: &str) -> Result<(&str, &str), MappingError> {
    let piece = text.split(',').next().unwrap_or(text);
    match piece.split_once('=') {
        Some((field, _)) => Ok((field.trim(), &text[field.len() + 1..])),
        None => Err(MappingError::NoEquals { piece: piece.trim().into() }),
    }
}

/// Parts the column, in quotes or not, from the pieces that follow it.
fn split_wanted<'t>(field: &str, text: &'t str) -> Result<(Wanted, &'t str), MappingError> {
    if let Some(quoted) = text.trim_start().strip_prefix('"') {
        let unclosed = || MappingError::Quotes { piece: format!("{field}={}", text.trim()) };
        let (name, behind) = split_quoted(quoted).ok_or_else(unclosed)?;
        let behind = behind.trim_start();
        let next = if behind.is_empty() { Some("") } else { behind.strip_prefix(',') };
        return Ok((Wanted::Name(name), next.ok_or_else(unclosed)?.trim_start()));
    }
    let (column, behind) = text.split_once(',').unwrap_or((text, ""));
    let column = column.trim();
    if column.is_empty() {
        return Err(MappingError::NoColumn { field: field.into() });
    }
    Ok((Wanted::of(column), behind.trim_start()))
}

/// Returns what stands before the closing quote, doubled quotes halved, and what stands behind it.
fn split_quoted(quoted: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (before, behind) = rest.split_once('"')?;
        name.push_str(before);
        match behind.strip_prefix('"') {
            None => return Some((name, behind)),
            Some(more) => {
                name.push('"');
                rest = more;
            }
        }
    }
}

impl Wanted {
    fn of(column: &str) -> Wanted {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match column.strip_prefix('#') {
            Some(number) if is_number(number) => Wanted::Position(number.into()),
            _ if is_number(column) => Wanted::Number(column.into()),
            _ => Wanted::Name(column.into()),
        }
    }
}

fn by_number(number: &str, n_columns: usize) -> Result<usize, ColumnError> {
    match number.parse::<usize>() {
        Ok(position) if (1..=n_columns).contains(&position) => Ok(position - 1),
        _ => Err(ColumnError::OutOfRange { number: number.into(), n_columns }),
    }
}

fn by_name(name: &str, header: &[String]) -> Result<usize, ColumnError> {
    let exact = |column: &String| column == name;
    let alike = |column: &String| plain(column) == plain(name);
    let matching = match only_match(name, header, exact)? {
        Some(position) => Some(position),
        None => only_match(name, header, alike)?,
    };
    matching.ok_or_else(|| ColumnError::Unknown {
        column: name.into(),
        nearest: nearest(name, header),
        known: header.to_vec(),
    })
}

fn only_match(name: &str, header: &[String], matches: impl Fn(&String) -> bool) -> Result<Option<usize>, ColumnError> {
    let mut found = (0..header.len()).filter(|position| matches(&header[*position]));
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => {
            Err(ColumnError::Ambiguous { column: name.into(), first: first + 1, second: second + 1 })
        }
        (first, _) => Ok(first),
    }
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Finds what may have been meant: the nearest name, unless more than half of it would have to change.
fn nearest(name: &str, known: &[String]) -> Option<String> {
    let name = plain(name);
    let distance = |other: &&String| strsim::damerau_levenshtein(&name, &plain(other));
    let longer = |other: &String| name.chars().count().max(plain(other).chars().count());
    let nearest = known.iter().filter(|other| !other.is_empty()).min_by_key(distance)?;
    (2 * distance(&nearest) <= longer(nearest)).then(|| nearest.clone())
}

fn nearest_hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!(", the nearest is \"{name}\""))
}

/// Wide files have hundreds of columns; one that is near is named anyhow.
fn listed(names: &[String]) -> String {
    const MOST: usize = 30;
    let mut text = names[..names.len().min(MOST)].join(", ");
    if names.len() > MOST {
        text += &format!(" and {} more", names.len() - MOST);
    }
    text
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
