//! The ends of character fields.

use loginrec::Text;

/// Every length a field may have, a NUL at every place, what may confuse a search that
/// takes several bytes at once before and behind it.
#[test]
fn text_ends_at_the_first_nul() {
    for len in (0..=70).chain([128, 256, 257]) {
        for nul in 0..=len {
            for (before, behind) in [(b'a', 0), (0x80, 1), (0xff, 0x80), (1, 0xff), (0x7f, b'b')] {
                let mut field = vec![before; len];
                field[nul..].fill(behind);
                if nul < len {
                    field[nul] = 0;
                }
                let text = Text::new(&field);
                assert_eq!(text.as_bytes(), &field[..nul], "{field:x?}");
                assert_eq!(text.residue(), field.get(nul + 1..).unwrap_or(&[]), "{field:x?}");
                assert_eq!(text.is_empty(), nul == 0, "{field:x?}");
            }
        }
    }
}

/// A NUL must not make the byte after it look like one.
#[test]
fn only_zero_is_a_nul() {
    for byte in 1..=255u8 {
        for at in 0..40 {
            let mut field = [b'x'; 40];
            field[at] = byte;
            assert_eq!(Text::new(&field).as_bytes(), field, "{byte:#x} at {at}");
        }
    }
}
