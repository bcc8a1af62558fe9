//! Runs of zeros: holes of files, unused slots, padding.

/// How many zero bytes `data` begins with, at memory speed: a lastlog is mostly holes.
pub(crate) fn leading_zeros(data: &[u8]) -> usize {
    let (chunks, _) = data.as_chunks::<64>();
    let zero_chunks = chunks.iter().take_while(|c| c.iter().fold(0, |or, b| or | b) == 0).count();
    let skipped = zero_chunks.saturating_mul(64);
    let rest = data.get(skipped..).unwrap_or_default();
    skipped.saturating_add(rest.iter().take_while(|&&b| b == 0).count())
}

/// Whether all bytes are zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    leading_zeros(bytes) == bytes.len()
}
