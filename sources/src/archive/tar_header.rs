//! The header of a tar member.

use loginrec::Text;

/// The unit of the format.
pub(super) const BLOCK: usize = 512;

/// The block before a member.
pub(super) struct Header<'b>(pub(super) &'b [u8; BLOCK]);

impl Header<'_> {
    pub(super) fn field(&self, at: usize, len: usize) -> &[u8] {
        self.0.get(at..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }

    pub(super) fn text(&self, at: usize, len: usize) -> Vec<u8> {
        without_nul(self.field(at, len).to_vec())
    }

    /// Returns a number: octal digits, or with the highest bit set, binary.
    pub(super) fn number(&self, at: usize, len: usize) -> Option<u64> {
        let field = self.field(at, len);
        match field {
            [0x80, rest @ ..] => rest.iter().try_fold(0_u64, |number, &byte| {
                Some(number.checked_mul(256)?.saturating_add(byte.into()))
            }),
            _ => {
                let text = str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
                let digits = text.split(['\0', ' ']).next().unwrap_or_default();
                match digits.is_empty() {
                    true => Some(0),
                    false => {
                        u64::from_str_radix(digits, 8).ok().filter(|_| !digits.starts_with('+'))
                    }
                }
            }
        }
    }

    pub(super) fn size(&self) -> Option<u64> {
        self.number(124, 12).filter(|&size| i64::try_from(size).is_ok())
    }

    pub(super) fn modified(&self) -> Option<i64> {
        i64::try_from(self.number(136, 12)?).ok()
    }

    pub(super) fn kind(&self) -> u8 {
        self.0.get(156).copied().unwrap_or_default()
    }

    pub(super) fn name(&self) -> Vec<u8> {
        self.text(0, 100)
    }

    pub(super) fn link(&self) -> Vec<u8> {
        self.text(157, 100)
    }

    pub(super) fn path(&self) -> Vec<u8> {
        // GNU has other fields there.
        let prefix = match self.field(257, 6) == b"ustar\0" {
            true => self.text(345, 155),
            false => Vec::new(),
        };
        match prefix.is_empty() {
            true => self.name(),
            false => [&prefix[..], b"/", &self.name()].concat(),
        }
    }

    /// Returns whether its bytes add up to the stored sum.
    pub(super) fn is_valid(&self) -> bool {
        let field = 148..156;
        let (mut sum, mut signed_sum) = (0_i64, 0_i64);
        for (at, &byte) in self.0.iter().enumerate() {
            let byte = if field.contains(&at) { b' ' } else { byte };
            sum = sum.saturating_add(byte.into());
            signed_sum = signed_sum.saturating_add((byte as i8).into());
        }
        let stored = self.number(148, 8).and_then(|stored| i64::try_from(stored).ok());
        stored == Some(sum) || stored == Some(signed_sum)
    }
}

/// Returns a text up to its first NUL.
pub(super) fn without_nul(mut text: Vec<u8>) -> Vec<u8> {
    text.truncate(Text::new(&text).as_bytes().len());
    text
}
