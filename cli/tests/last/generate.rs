//! Records of 384 bytes, little-endian.

use loginrec_testing::Rng;

/// Writes one.
pub(crate) fn record(
    kind: i16,
    pid: i32,
    line: &str,
    user: &str,
    host: &str,
    time: i32,
) -> Vec<u8> {
    let mut bytes = vec![0; 384];
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(0, &kind.to_le_bytes());
    put(4, &pid.to_le_bytes());
    put(8, line.as_bytes());
    put(44, user.as_bytes());
    put(76, host.as_bytes());
    put(340, &time.to_le_bytes());
    bytes
}

pub(crate) fn boot(time: i32) -> Vec<u8> {
    record(2, 0, "~", "reboot", "6.1.0", time)
}

pub(crate) fn shutdown(time: i32) -> Vec<u8> {
    record(1, 0, "~", "shutdown", "6.1.0", time)
}

pub(crate) fn login(line: &str, user: &str, time: i32) -> Vec<u8> {
    record(7, 100, line, user, "host", time)
}

pub(crate) fn logout(line: &str, time: i32) -> Vec<u8> {
    record(8, 100, line, "", "", time)
}

/// A plausible history with all that goes wrong in real ones.
pub(crate) fn wtmp(seed: u64) -> Vec<u8> {
    let mut random = Rng::new(seed);
    let mut time = 1_690_000_000;
    let mut bytes = Vec::new();
    // In a file of two or three records, impossible ones may be too many for detection.
    for _ in 0..4 + random.below(100) {
        let steps = [0, 1, 5, 59, 60, 600, 3600, 7000, 90_000, -30, -4000];
        time += steps[random.index(steps.len())];
        let line =
            random.pick(&["tty1", "tty2", "pts/0", "pts/1", "pts/123", "ftp12", "vsftpd:12345678"]);
        let user = random.pick(&["root", "alice", "bob", "averylongname", "LOGINx", "é", "x y"]);
        let host = random.pick(&["", "10.0.0.1", "some.very.long.host.example.org", ":0"]);
        let mut made = match random.below(20) {
            0..8 => record(7, 5, line, user, host, time),
            8..12 => record(8, 5, line, random.pick(&["", user]), "", time),
            12 => boot(time),
            13 => shutdown(time),
            14 => record(
                1,
                [53, 54, 48, 51][random.index(4)] | 51 << 8,
                "~",
                "runlevel",
                "6.1.0",
                time,
            ),
            15 => record(3, 0, random.pick(&["|", "{"]), "date", "", time),
            16 => {
                let kind = [0, 5, 6, 9, 42, 254, -3][random.index(7)];
                record(kind, 5, random.pick(&["", line]), random.pick(&["", user]), host, time)
            }
            17 => record(6, 5, line, "LOGIN", "", time),
            18 => {
                let user = random.pick(&["", "root", "reboot", "shutdown", "runlevelx"]);
                record(
                    random.below(10) as i16,
                    5,
                    random.pick(&["~", "~~", "~x", ""]),
                    user,
                    host,
                    time,
                )
            }
            _ => record(7, 5, line, "", host, time),
        };
        let mut address = |from: usize, to: usize| {
            made[348 + from..348 + to].iter_mut().for_each(|b| *b = random.below(256) as u8);
        };
        match address_kind(line, time) {
            0 => address(0, 4),
            1 => address(0, 16),
            2 => address(12, 16),
            _ => {}
        }
        bytes.extend(made);
    }
    bytes
}

fn address_kind(line: &str, time: i32) -> i32 {
    (time + line.len() as i32) % 5
}
