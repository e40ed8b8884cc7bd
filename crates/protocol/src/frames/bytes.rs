//! Reading and writing of bytes, bit by bit where that pays.

use super::MOST_NODES;

/// A frame that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// It ends too early.
    #[error("the frame ends too early")]
    Short,
    /// It has bytes left over.
    #[error("the frame has bytes left over")]
    Long,
    /// It begins with no known kind.
    #[error("this is no frame")]
    Kind,
    /// A number is out of its range.
    #[error("a number in the frame is out of its range")]
    Range,
    /// It tells of a step of a node that it didn't place before.
    #[error("the frame tells of a node that is not known")]
    Unknown,
}

pub(super) fn put_varint(to: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// What is left of a frame.
pub(super) struct Rest<'b>(pub(super) &'b [u8]);

impl<'b> Rest<'b> {
    pub(super) fn take(&mut self, n: usize) -> Result<&'b [u8], BadFrame> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(BadFrame::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, BadFrame> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u32(&mut self) -> Result<u32, BadFrame> {
        self.take(4)?.try_into().map(u32::from_le_bytes).map_err(|_| BadFrame::Short)
    }

    pub(super) fn varint(&mut self) -> Result<u32, BadFrame> {
        let mut number = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return u32::try_from(number).map_err(|_| BadFrame::Range);
            }
        }
        Err(BadFrame::Range)
    }

    /// Takes columns of two bytes a row.
    pub(super) fn u16s(&mut self, n: usize) -> Result<impl ExactSizeIterator<Item = u16> + use<'b>, BadFrame> {
        Ok(self.take(2 * n)?.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])))
    }

    pub(super) fn end(&self) -> Result<(), BadFrame> {
        if self.0.is_empty() { Ok(()) } else { Err(BadFrame::Long) }
    }
}

/// Writes ascending numbers as runs.
pub(super) fn put_runs(to: &mut Vec<u8>, numbers: impl IntoIterator<Item = u32>) {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((first, length)) if *first + *length == number => *length += 1,
            _ => runs.push((number, 1)),
        }
    }
    put_varint(to, runs.len() as u32);
    let mut after = 0;
    for (first, length) in runs {
        put_varint(to, first - after);
        put_varint(to, length);
        after = first + length;
    }
}

/// Reads them.
pub(super) fn runs(rest: &mut Rest<'_>) -> Result<Vec<std::ops::Range<u32>>, BadFrame> {
    let n_runs = rest.varint()?;
    // Each run has two bytes at least, so a count beyond the bytes is a lie.
    if n_runs as usize > rest.0.len() / 2 {
        return Err(BadFrame::Short);
    }
    let mut runs = Vec::with_capacity(n_runs as usize);
    let mut after = 0u32;
    for _ in 0..n_runs {
        let (gap, length) = (rest.varint()?, rest.varint()?);
        let first = after.checked_add(gap).ok_or(BadFrame::Range)?;
        let end = first.checked_add(length).filter(|end| *end <= MOST_NODES).ok_or(BadFrame::Range)?;
        if length == 0 || gap == 0 && after > 0 {
            return Err(BadFrame::Range);
        }
        runs.push(first..end);
        after = end;
    }
    Ok(runs)
}

/// Two bits for each of many.
#[derive(Default)]
pub(super) struct Codes {
    bytes: Vec<u8>,
    n: usize,
}

impl Codes {
    pub(super) fn push(&mut self, code: u8) {
        if self.n.is_multiple_of(4) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= code << (2 * (self.n % 4));
        }
        self.n += 1;
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
