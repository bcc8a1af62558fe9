//! Boots, shutdowns and run levels in an impossible order.

use std::borrow::ToOwned as _;
use std::format;
use std::vec::Vec;

use crate::layout::field::Role;
use crate::platform::RunLevel;
use crate::value::event::Event;
use crate::value::file_kind::FileKind;
use crate::value::text::Text;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at};
use crate::audit::finding::{Findings, Rule, Severity};

pub(in crate::audit) static BOOT_WITHOUT_SHUTDOWN: Rule = Rule {
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

pub(in crate::audit) static RUN_LEVEL_WITHOUT_BOOT: Rule = Rule {
    id: "run-level-without-boot",
    severity: Severity::Low,
    title: "the first run level of a boot that is not recorded",
    meaning: "Consistent with a boot record that was removed. Linux: the record says that there \
        was no run level before, and the last boot was shut down, or has its first run level \
        already. Medium if another boot of the files is followed by its run level.",
    expected: "a boot record before the first run level",
    innocent: &["a system that could not write to its disk yet when it booted"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LOGIN_AFTER_SHUTDOWN: Rule = Rule {
    id: "login-after-shutdown",
    severity: Severity::Low,
    title: "a login after a shutdown, without a boot",
    meaning: "Consistent with a boot record that was removed, or with a forged shutdown record. \
        More than ten minutes after the shutdown. Medium if two other shutdowns of the files are \
        followed by a boot.",
    expected: "a boot between a shutdown and the next login",
    innocent: &["a shutdown that was canceled", "a container, which records no boots"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static KERNEL_CHANGED: Rule = Rule {
    id: "kernel-changed",
    severity: Severity::Medium,
    title: "a kernel other than the one that was booted",
    meaning: "Consistent with a boot record that was removed: run levels and shutdowns record the \
        running kernel, which changes only with a boot. Linux.",
    expected: "the kernel release of the boot record",
    innocent: &[
        "a container that shares the file with its host",
        "files of several machines that were merged",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

const LATE: i64 = 600;
/// Seconds in which a boot may log its run level twice.
const SAME_BOOT: i64 = 60;

/// The state of one machine, over files that continue one another.
#[derive(Debug, Default)]
pub(in crate::audit) struct Boots {
    /// The last boot, and its kernel.
    up: Option<(Timestamp, Vec<u8>)>,
    down: Option<Timestamp>,
    /// When the first run level since the boot was seen.
    level: Option<Timestamp>,
    /// The previous run level that the first run level of a boot records.
    none_before: Option<u8>,
    /// Boots with a run level, and shutdowns with a boot after them.
    with_level: u32,
    after_shutdown: u32,
}

impl Boots {
    /// Forgets the state: the records before these are missing.
    pub(in crate::audit) fn forget(&mut self) {
        let Boots { with_level, after_shutdown, .. } = *self;
        *self = Boots { with_level, after_shutdown, ..Boots::default() };
    }

    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        if context.kind != Some(FileKind::Wtmp) {
            return;
        }
        match context.event {
            Event::Boot => {
                if let Some((earlier, _)) = &self.up {
                    let message =
                        format!("the system had booted at {} and was not shut down", at(*earlier));
                    let severity = BOOT_WITHOUT_SHUTDOWN.severity;
                    context.find(findings, &BOOT_WITHOUT_SHUTDOWN, severity, message);
                }
                self.level = None;
                let down = u32::from(self.down.is_some());
                self.after_shutdown = self.after_shutdown.saturating_add(down);
                // The row of a boot has its shutdown as well.
                self.down = context.entry.logout;
                let booted = (context.time(), context.entry.ut_host.as_bytes().to_owned());
                self.up = Some(booted).filter(|_| self.down.is_none());
            }
            Event::Shutdown => {
                self.kernel(context, findings);
                self.up = None;
                self.down = Some(context.time());
            }
            Event::RunLevel if context.layout.platform.host_at_boot_is_kernel => {
                self.kernel(context, findings);
                let RunLevel { level, previous } = context.entry.run_level().unwrap_or_default();
                let none = previous == b'N' || previous == 0;
                let later = self
                    .level
                    .is_none_or(|level| context.sec().saturating_sub(level.tv_sec) > SAME_BOOT);
                let first =
                    none && later && self.none_before.is_none_or(|before| before == previous);
                let recorded =
                    self.up.as_ref().filter(|_| self.level.is_none()).map(|(boot, _)| *boot);
                if let Some(since) = self.down.or(self.up.as_ref().map(|(boot, _)| *boot))
                    && first
                    && recorded.is_none()
                {
                    let message = format!(
                        "run level {} is the first of a boot, but none is recorded since {}",
                        char::from(level).escape_default(),
                        at(since)
                    );
                    let known = self.with_level > 0;
                    let severity = if known { Severity::Medium } else { Severity::Low };
                    context.find(findings, &RUN_LEVEL_WITHOUT_BOOT, severity, message);
                    self.down = None;
                    self.up = None;
                } else if first && recorded.is_some() {
                    self.with_level = self.with_level.saturating_add(1);
                    self.level = Some(context.time());
                    self.none_before = Some(previous);
                }
            }
            Event::Login => {
                let late = |down: &Timestamp| context.sec().saturating_sub(down.tv_sec) > LATE;
                if let Some(down) = self.down.take_if(|down| late(down)) {
                    let message = format!(
                        "{} logs in although the system was shut down at {} and no boot is \
                         recorded since",
                        context.entry.ut_user,
                        at(down)
                    );
                    let known = self.after_shutdown >= 2;
                    let severity = if known { Severity::Medium } else { Severity::Low };
                    context.find(findings, &LOGIN_AFTER_SHUTDOWN, severity, message);
                }
            }
            _ => {}
        }
    }

    fn kernel(&self, context: &RecordContext<'_>, findings: &mut Findings) {
        let Some((booted, kernel)) =
            self.up.as_ref().filter(|_| context.layout.platform.host_at_boot_is_kernel)
        else {
            return;
        };
        let now = context.entry.ut_host.as_bytes();
        if now.is_empty() || kernel.is_empty() || now == kernel.as_slice() {
            return;
        }
        let message = format!(
            "{} runs kernel {:?}, but {:?} was booted at {}: consistent with a boot record having \
             been removed",
            context.event,
            context.entry.ut_host,
            Text::new(kernel),
            at(*booted),
        );
        context.find_role(findings, Role::Host, &KERNEL_CHANGED, KERNEL_CHANGED.severity, message);
    }
}
