//! Traces of honest programs that look like tampering, with their sources.

use crate::audit::finding::{Rule, Severity};

/// Limits of the audit: tampering that these files alone do not show. Times of files, databases, rotated
/// copies, backups and other logs may.
pub static LIMITS: &[&str] = &[
    "a login removed together with its logout, and the lastlog set back to the login before",
    "failed logins removed from the btmp, unless a count of failures (faillog, tallylog, faillock) \
     is there to compare",
    "whole records cut from the head of the oldest history: a rotation looks the same",
    "an address replaced in every file, in the text and in its stored form",
    "a user replaced in every file",
    "the newest session removed from a history that no utmp or lastlog goes with",
    "a history or lastlog that was removed, if its other files were not given",
];

/// Something that an honest program leaves and that one of the rules would report.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Innocent {
    /// The program, or what happened.
    pub who: &'static str,
    /// The traces.
    pub leaves: &'static str,
    /// How that is known: the source of the program, or the files in which it was found.
    pub source: &'static str,
    /// The rules whose findings it lowers to [`Severity::Low`].
    pub rules: &'static [&'static str],
}

/// All of them.
pub static INNOCENTS: &[&Innocent] = &[
    &DEAD_COPY,
    &MAKEDEAD,
    &UNINITIALIZED,
    &CRASH,
    &SSH_BEFORE_BOOT,
    &LASTLOG_ONLY,
    &OTHER_STACK,
    &YEARS_BETWEEN,
    &NO_LASTLOG,
    &ONE_COPY_EARLIER,
    &WINDOW,
    &NETWORK_TIME,
    &ANONYMIZED,
    &NO_LOGOUTS,
];

pub(super) static DEAD_COPY: Innocent = Innocent {
    who: "systemd 215",
    leaves: "a record of zeros but for the time, where a getty stops",
    source: "systemd, src/shared/utmp-wtmp.c, utmp_put_dead_process(): the copy for the wtmp is \
        cleared before it is used",
    rules: &["half-zeroed-record"],
};

pub(super) static MAKEDEAD: Innocent = Innocent {
    who: "GNU screen",
    leaves: "a logout whose user lost its first byte only",
    source: "screen, utmp.c, makedead(): u->ut_name[0] = 0",
    rules: &["residue"],
};

pub(super) static UNINITIALIZED: Innocent = Innocent {
    who: "programs of libc 4 and 5, rxvt, old ftp servers",
    leaves: "bytes of their stack after a NUL, in padding or in reserved bytes: no text",
    source: "rxvt, src/logging.c, a struct utmp on the stack that is filled field by field; files \
        of Linux systems of 1993 to 2001",
    rules: &["residue", "reserved-set", "padding-set"],
};

pub(super) static CRASH: Innocent = Innocent {
    who: "a crash or power failure",
    leaves: "zeros, or a block of another file, before the records of the next boot; in several \
        files at the same crash",
    source: "ext3, ext4, XFS: the size reaches the disk before the data (Documentation/filesystems/\
        ext4, delayed allocation)",
    rules: &["zeroed-record", "half-zeroed-record", "no-record"],
};

pub(super) static SSH_BEFORE_BOOT: Innocent = Innocent {
    who: "init of OpenBSD",
    leaves: "an ssh login a few seconds before the reboot record of the same boot",
    source: "OpenBSD, etc/rc starts sshd, then sbin/init writes the record of the boot as it enters \
        multi-user mode",
    rules: &["logout-without-login", "login-after-shutdown"],
};

pub(super) static LASTLOG_ONLY: Innocent = Innocent {
    who: "gdm's greeter, `su -l`, `sudo -i`",
    leaves: "a login in the lastlog and in no wtmp: on a display, or on a terminal somebody else \
        has open, without a host",
    source: "pam_lastlog(8), option nowtmp: the lastlog is written, the wtmp is left to the program, \
        which leaves it alone",
    rules: &["lastlog-without-wtmp", "lastlog2-without-wtmpdb"],
};

pub(super) static OTHER_STACK: Innocent = Innocent {
    who: "PAM services with pam_lastlog2 and without pam_wtmpdb",
    leaves: "a login in the lastlog2.db and in no wtmp.db, of a service that has no row there",
    source: "pam_wtmpdb(8), option skip_if=; Debian's wtmpdb, README.Debian: skip_if=sshd, because \
        sshd writes its row itself",
    rules: &["lastlog2-without-wtmpdb"],
};

pub(super) static YEARS_BETWEEN: Innocent = Innocent {
    who: "a machine with files missing between two rotated ones",
    leaves: "another kernel after a long silence between two files",
    source: "logrotate's maxage, and copies of single files",
    rules: &["kernel-changed", "run-level-without-boot"],
};

pub(super) static NO_LASTLOG: Innocent = Innocent {
    who: "systems that stopped writing the lastlog",
    leaves: "slots older than many logins, for all users alike",
    source: "Debian 13 release notes: lastlog is replaced by lastlog2; servers restored without \
        their lastlog",
    rules: &["lastlog-older", "lastlog-missing"],
};

pub(super) static ONE_COPY_EARLIER: Innocent = Innocent {
    who: "files copied one after the other from a running system",
    leaves: "a login of the seconds between two copies in the later one only",
    source: "times of the files: the moment of the copy is that of the newest record of any of them",
    rules: &["utmp-without-wtmp", "utmp-entry-gone"],
};

pub(super) static WINDOW: Innocent = Innocent {
    who: "terminal windows, screen, mosh",
    leaves: "a login in the utmp only, or one whose host changes",
    source: "screen, utmp.c; mosh, src/frontend/mosh-server.cc: utempter_add_record() as a client \
        comes and goes",
    rules: &["utmp-without-wtmp", "host-differs", "utmp-entry-gone"],
};

pub(super) static NETWORK_TIME: Innocent = Innocent {
    who: "a clock set from the network after a boot",
    leaves: "times that go back within the first hour of a boot",
    source: "a hardware clock that is ahead, or keeps local time",
    rules: &["time-backwards"],
};

pub(super) static ANONYMIZED: Innocent = Innocent {
    who: "whoever passed the files on",
    leaves: "hosts that were replaced throughout, while the stored addresses were not",
    source: "published samples of CentOS, Debian, Ubuntu and NetBSD",
    rules: &["host-address-mismatch"],
};

pub(super) static NO_LOGOUTS: Innocent = Innocent {
    who: "agents that write logins and no logout",
    leaves: "one user's logins from one address, none of which ends",
    source: "files of access gateways",
    rules: &["no-logouts"],
};

/// Returns the severity of a finding of this rule, given what explains it.
pub(super) fn severity(rule: &Rule, explained: Option<&Innocent>) -> Severity {
    match explained {
        Some(innocent) => {
            debug_assert!(innocent.rules.contains(&rule.id), "{} of {}", rule.id, innocent.who);
            rule.severity.min(Severity::Low)
        }
        None => rule.severity,
    }
}

/// Returns the end of a message that names what explains the finding.
pub(super) fn as_left_by(explained: Option<&Innocent>) -> std::string::String {
    explained.map(|innocent| std::format!("; as {} leaves it", innocent.who)).unwrap_or_default()
}
