//! Reading a frame from its front, and numbers of variable length.

/// What is left of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<'a>(pub &'a [u8]);

impl<'a> Rest<'a> {
    /// Takes the next `n` bytes; `None` if there aren't as many.
    pub fn slice(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }

    /// Takes the next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }

    /// Takes a byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Takes a number of two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// Takes a number of four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Takes a number of one to five bytes, as [`push_varint`] writes it.
    ///
    /// `None` if the frame ends within it, if it is larger than 32 bits, or if it is written longer than it needs to
    /// be: a number has one form.
    pub fn varint(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for at in 0..5 {
            let byte = self.u8()?;
            let part = u32::from(byte & 0x7f);
            if at == 4 && part > 0x0f {
                return None;
            }
            value |= part << (7 * at);
            if byte < 0x80 {
                return (at == 0 || byte != 0).then_some(value);
            }
        }
        None
    }
}

/// Appends a number, seven bits a byte, the lowest first; all bytes but the last have the highest bit set.
pub(super) fn push_varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        push_varint(&mut bytes, value);
        bytes
    }

    proptest! {
        #[test]
        fn a_number_comes_back(value: u32, shift in 0u32..32) {
            let value = value >> shift;
            let bytes = written(value);
            let mut rest = Rest(&bytes);
            prop_assert_eq!(rest.varint(), Some(value));
            prop_assert!(rest.0.is_empty());
        }

        #[test]
        fn whatever_is_read_is_written_the_same(bytes in prop::collection::vec(any::<u8>(), 0..7)) {
            let mut rest = Rest(&bytes);
            if let Some(value) = rest.varint() {
                prop_assert_eq!(written(value), &bytes[..bytes.len() - rest.0.len()]);
            }
        }
    }

    #[test]
    fn a_longer_form_a_33rd_bit_and_an_end_within_are_refused() {
        for bytes in [&[0x80, 0][..], &[0xff, 0x80, 0], &[0xff, 0xff, 0xff, 0xff, 0x1f], &[0x80; 6], &[0x80], &[]] {
            assert_eq!(Rest(bytes).varint(), None, "{bytes:x?}");
        }
        assert_eq!(Rest(&[0xff, 0xff, 0xff, 0xff, 0x0f]).varint(), Some(u32::MAX));
    }
}
