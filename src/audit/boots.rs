//! Boots, shutdowns and run levels that do not follow from one another.

use std::borrow::ToOwned as _;
use std::format;
use std::vec::Vec;

use crate::dialect::{Event, FileKind};
use crate::field::Role;
use crate::text::Text;
use crate::timestamp::Timestamp;

use super::rule::{Findings, Rule, Severity};
use super::scene::{Scene, at};

pub(super) static BOOT_WITHOUT_SHUTDOWN: Rule = Rule {
    id: "boot-without-shutdown",
    severity: Severity::Info,
    title: "a boot although the system had not been shut down",
    meaning: "Nearly always a crash or a power failure; also consistent with a shutdown record \
        that was removed.",
    expected: "a shutdown between two boots",
    innocent: &[
        "a crash, a power failure, a reset",
        "a system that logs no shutdowns (CentOS 7 often does not)",
    ],
    technique: None,
    ..Rule::NEW
};

pub(super) static RUN_LEVEL_WITHOUT_BOOT: Rule = Rule {
    id: "run-level-without-boot",
    severity: Severity::Low,
    title: "the first run level of a boot that is not recorded",
    meaning: "Consistent with a boot record that was removed. Linux: the record says that there \
        was no run level before, and the last boot was shut down.",
    expected: "a boot record in front of the first run level",
    innocent: &["a system that could not write to its disk yet when it booted"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static LOGIN_AFTER_SHUTDOWN: Rule = Rule {
    id: "login-after-shutdown",
    severity: Severity::Low,
    title: "a login behind a shutdown, without a boot",
    meaning: "Consistent with a boot record that was removed, or with a shutdown record made up. \
        More than ten minutes behind the shutdown.",
    expected: "a boot between a shutdown and the next login",
    innocent: &["a shutdown that was cancelled", "a container, which records no boots"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static KERNEL_CHANGED: Rule = Rule {
    id: "kernel-changed",
    severity: Severity::Medium,
    title: "another kernel than the one that was booted",
    meaning: "Consistent with a boot record that was removed: run levels and shutdowns name the \
        running kernel, which changes only with a boot. Linux.",
    expected: "the kernel release of the boot record",
    innocent: &[
        "a container that shares the file with its host",
        "files of several machines that were put together",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

const LATE: i64 = 600;

/// The state of one machine, over files that follow one another.
#[derive(Debug, Default)]
pub(super) struct Boots {
    /// The last boot, and its kernel.
    up: Option<(Timestamp, Vec<u8>)>,
    down: Option<Timestamp>,
}

impl Boots {
    /// The records before these are not in the files.
    pub(super) fn forget(&mut self) {
        *self = Boots::default();
    }

    pub(super) fn see(&mut self, scene: &Scene<'_>, out: &mut Findings) {
        if scene.kind != Some(FileKind::Wtmp) {
            return;
        }
        match scene.event {
            Event::Boot => {
                if let Some((earlier, _)) = &self.up {
                    let message =
                        format!("the system had booted at {} and was not shut down", at(*earlier));
                    let severity = BOOT_WITHOUT_SHUTDOWN.severity;
                    scene.find(out, &BOOT_WITHOUT_SHUTDOWN, severity, message);
                }
                self.up = Some((scene.time(), scene.entry.ut_host.as_bytes().to_owned()));
                self.down = None;
            }
            Event::Shutdown => {
                self.kernel(scene, out);
                self.up = None;
                self.down = Some(scene.time());
            }
            Event::RunLevel if scene.is_linux() => {
                self.kernel(scene, out);
                let level = scene.entry.ut_pid.unwrap_or_default();
                let first = (level >> 8) & 0xff == i64::from(b'N');
                if let Some(down) = self.down.filter(|_| first && self.up.is_none()) {
                    let message = format!(
                        "run level {} is the first of a boot, but none is recorded since the \
                         shutdown of {}",
                        char::from((level & 0xff) as u8).escape_default(),
                        at(down)
                    );
                    let severity = RUN_LEVEL_WITHOUT_BOOT.severity;
                    scene.find(out, &RUN_LEVEL_WITHOUT_BOOT, severity, message);
                    self.down = None;
                }
            }
            Event::Login => {
                let late = |down: &Timestamp| scene.sec().saturating_sub(down.tv_sec) > LATE;
                if let Some(down) = self.down.take_if(|down| late(down)) {
                    let message = format!(
                        "{} logs in although the system was shut down at {} and no boot is \
                         recorded since",
                        scene.entry.ut_user,
                        at(down)
                    );
                    let severity = LOGIN_AFTER_SHUTDOWN.severity;
                    scene.find(out, &LOGIN_AFTER_SHUTDOWN, severity, message);
                }
            }
            _ => {}
        }
    }

    fn kernel(&self, scene: &Scene<'_>, out: &mut Findings) {
        let Some((booted, kernel)) = self.up.as_ref().filter(|_| scene.is_linux()) else { return };
        let now = scene.entry.ut_host.as_bytes();
        if now.is_empty() || kernel.is_empty() || now == kernel.as_slice() {
            return;
        }
        let message = format!(
            "{} runs kernel {:?}, but {:?} was booted at {}: consistent with a boot record having \
             been removed",
            scene.event,
            scene.entry.ut_host,
            Text::new(kernel),
            at(*booted),
        );
        scene.find_role(out, Role::Host, &KERNEL_CHANGED, KERNEL_CHANGED.severity, message);
    }
}
