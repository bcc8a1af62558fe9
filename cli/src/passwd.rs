//! The names of users, from the passwd of an image.

/// The names and ids in `name:password:uid:...` lines, in their order. Whatever is no such
/// line (a comment, an entry of NIS, garbage) is passed over. A name is as stored: it need
/// not be UTF-8, nor fit for a terminal.
pub(crate) fn entries(passwd: &[u8]) -> impl Iterator<Item = (&[u8], u64)> {
    passwd.split(|&byte| byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|&byte| byte == b':');
        let (name, _, uid) = (fields.next()?, fields.next()?, fields.next()?);
        let uid = str::from_utf8(uid).ok()?.parse().ok()?;
        (!matches!(name, [] | [b'#' | b'+' | b'-', ..])).then_some((name, uid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_good_and_bad() {
        let passwd: &[u8] = b"root:x:0:0:root:/root:/bin/sh\ntoor:*:0:0::/:\n# daemon:x:1\n\
            +::7::::\n\xe9ve:x:1001:\nnobody:x:-2:\n:x:5:\nshort:x\n\0\xff\nlast:x:4294967294:0";
        let found: Vec<_> = entries(passwd).collect();
        let expected: &[(&[u8], u64)] =
            &[(b"root", 0), (b"toor", 0), (b"\xe9ve", 1001), (b"last", 4_294_967_294)];
        assert_eq!(found, expected);
    }
}
