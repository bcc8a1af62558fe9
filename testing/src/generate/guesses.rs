//! Failed logins: strangers try names and passwords, day and night.

use std::net::Ipv4Addr;

use loginrec::UtType;

use super::event::Event;
use crate::rng::Rng;

const BEGIN: u64 = 1_600_000_000_000_000;
const STRANGERS: u64 = 4000;
const NAMES: &[&str] = &[
    "root",
    "admin",
    "test",
    "user",
    "ubuntu",
    "oracle",
    "postgres",
    "guest",
    "ftpuser",
    "mysql",
    "git",
    "hadoop",
    "pi",
    "support",
    "nagios",
    "tomcat",
    "www-data",
    "deploy",
    "dev",
    "steam",
    "minecraft",
    "es",
    "jenkins",
    "weblogic",
    "zabbix",
    "ansible",
    "vagrant",
    "administrator",
    "a",
    "1234",
    "qwerty",
    "usuario",
    "demo",
    "bot",
    "odoo",
    "db",
];

/// Returns attempts without end, `pause` seconds apart on average.
pub fn guesses(seed: u64, pause: u64) -> impl Iterator<Item = Event> {
    let mut rng = Rng::new(seed ^ 0xb7e1);
    let (mut now, mut pid, mut stranger, mut left) = (BEGIN, 900, 0, 0);
    std::iter::repeat_with(move || {
        if left == 0 {
            stranger = rng.skewed(STRANGERS) as u32;
            left = 1 + rng.waiting(25);
        }
        left -= 1;
        now += rng.waiting(pause * 1_000_000) + 1;
        pid = 300 + (pid + rng.below(4) as i64) % 4_000_000;
        // Shared address space, which is never a public address.
        let address = Ipv4Addr::from_bits(0x6440_0000 + stranger * 1021);
        let time = ((now / 1_000_000) as i64, (now % 1_000_000) as i64);
        Event {
            line: b"ssh:notty".to_vec(),
            user: name(&mut rng),
            host: address.to_string().into(),
            address: Some(address.into()),
            pid,
            ..Event::new(UtType::LoginProcess, time)
        }
    })
}

fn name(rng: &mut Rng) -> Vec<u8> {
    match rng.below(10) {
        0..4 => b"root".to_vec(),
        4..9 => NAMES[rng.skewed(NAMES.len() as u64) as usize].into(),
        _ => {
            let len = rng.range(3, 14);
            let mut name: Vec<u8> = (0..len).map(|_| b'a' + rng.below(26) as u8).collect();
            // A password typed as a name; bytes that are not valid in any encoding.
            match rng.below(50) {
                0..2 => name.extend("Пароль!".as_bytes()),
                2 => name.extend([0xff, 1, b'"', b'\\', b',']),
                _ => {}
            }
            name
        }
    }
}
