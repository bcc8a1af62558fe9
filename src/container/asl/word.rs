//! Numbers, and the words that stand for texts.

/// Returns the big-endian number at `at`; zero beyond the end.
pub(super) fn be64(bytes: &[u8], at: usize) -> u64 {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    found.map_or(0, |&bytes| u64::from_be_bytes(bytes))
}

/// Returns the big-endian number at `at`; zero beyond the end.
pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    found.map_or(0, |&bytes| u32::from_be_bytes(bytes))
}

/// Returns the big-endian number at `at`; zero beyond the end.
pub(super) fn be16(bytes: &[u8], at: usize) -> u16 {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    found.map_or(0, |&bytes| u16::from_be_bytes(bytes))
}

/// A word that stands for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Absent,
    /// A text of up to seven bytes, in the word itself.
    // A number, not bytes: bytes would have an odd address, and loads would wait for stores.
    Inline(u64),
    /// Where the text is: an offset, or in version 1 its number.
    At(u64),
}

impl Word {
    /// Reads the word at `at`. `absent` is the number that stands for no text.
    pub(super) fn new(bytes: &[u8], at: usize, absent: u64) -> Word {
        match be64(bytes, at) {
            word if word == absent => Word::Absent,
            word if word >> 63 == 1 => Word::Inline(word),
            word => Word::At(word),
        }
    }
}

/// Returns the text in an inline word; `None` if it would be longer than the word.
pub(super) fn inline(word: &[u8; 8]) -> Option<&[u8]> {
    let [len, text @ ..] = word;
    text.get(..usize::from(len & 0x7f))
}
