//! Bytes that are zero: holes, unused slots, padding.

/// How many zero bytes `data` begins with, at memory speed: a lastlog is mostly holes.
pub(crate) fn leading_zeros(data: &[u8]) -> usize {
    let (chunks, _) = data.as_chunks::<64>();
    let zero_chunks = chunks.iter().take_while(|c| c.iter().fold(0, |or, b| or | b) == 0).count();
    let skipped = zero_chunks.saturating_mul(64);
    let (words, _) = data.get(skipped..).unwrap_or_default().as_chunks::<8>();
    let zero_words = words.iter().take_while(|word| u64::from_ne_bytes(**word) == 0).count();
    let skipped = skipped.saturating_add(zero_words.saturating_mul(8));
    let rest = data.get(skipped..).unwrap_or_default();
    skipped.saturating_add(rest.iter().take_while(|&&b| b == 0).count())
}

/// How many zero bytes `data` ends with.
pub(crate) fn trailing_zeros(data: &[u8]) -> usize {
    let used = data.rchunks(64).take_while(|chunk| is_zero(chunk)).map(<[u8]>::len).sum();
    let rest = data.get(..data.len().saturating_sub(used)).unwrap_or_default();
    used.saturating_add(rest.iter().rev().take_while(|&&b| b == 0).count())
}

/// Whether all bytes are zero. Of a record the first few mostly say no.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks();
    words.iter().all(|word| u64::from_ne_bytes(*word) == 0) && rest.iter().all(|&b| b == 0)
}
