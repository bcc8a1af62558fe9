//! Bytes that are zero: holes, unused slots, padding.

/// To compare with: memcmp() is as fast as it gets.
static ZEROS: [u8; 256] = [0; 256];

/// How many zero bytes `data` begins with, at memory speed: a lastlog is mostly holes.
pub(crate) fn leading_zeros(data: &[u8]) -> usize {
    let mut rest = data;
    // Mostly it is few.
    if starts_with_zeros(rest) {
        while let Some((chunk, behind)) = rest.split_first_chunk()
            && *chunk == ZEROS
        {
            rest = behind;
        }
    }
    let (words, _) = rest.as_chunks::<8>();
    let zero_words = words.iter().take_while(|word| u64::from_ne_bytes(**word) == 0).count();
    let rest = rest.get(zero_words.saturating_mul(8)..).unwrap_or_default();
    let used = data.len().saturating_sub(rest.len());
    used.saturating_add(rest.iter().take_while(|&&b| b == 0).count())
}

/// How many zero bytes `data` ends with.
pub(crate) fn trailing_zeros(data: &[u8]) -> usize {
    let used = data.rchunks(64).take_while(|chunk| is_zero(chunk)).map(<[u8]>::len).sum();
    let rest = data.get(..data.len().saturating_sub(used)).unwrap_or_default();
    used.saturating_add(rest.iter().rev().take_while(|&&b| b == 0).count())
}

/// Whether all bytes are zero. Of a record the first few mostly say no.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    match bytes.first_chunk() {
        Some(word) if u64::from_ne_bytes(*word) != 0 => false,
        Some(_) => bytes.chunks(ZEROS.len()).all(|chunk| ZEROS.starts_with(chunk)),
        None => bytes.iter().all(|&b| b == 0),
    }
}

fn starts_with_zeros(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|word| u64::from_ne_bytes(*word) == 0)
}
