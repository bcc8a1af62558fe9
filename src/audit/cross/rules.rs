//! The rules that compare [`files`](crate::audit::cross::files).

use crate::audit::finding::{Rule, Severity};

pub(in crate::audit) static UTMP_WITHOUT_WTMP: Rule = Rule {
    id: "utmp-without-wtmp",
    severity: Severity::Medium,
    title: "a login in utmp that wtmp does not have",
    meaning: "Consistent with a login removed from the wtmp only, or with another time there. Low \
        for a single login within a minute after the end of the wtmp, newer than everything in the \
        other files, and for terminal windows (no host, or a display). Logins before its beginning, \
        and of screen, which writes utmp only, are left out.",
    expected: "a record of the same line and second in the wtmp",
    innocent: &[
        "a program that writes utmp only (screen and terminal emulators without utempter)",
        "a rotated wtmp in between that was not given",
        "a wtmp copied before the utmp, on a running system",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static NAME_DIFFERS: Rule = Rule {
    id: "name-differs",
    severity: Severity::High,
    title: "two files name different users for one login",
    meaning: "Consistent with the name having been changed in one of them: same second, same line, \
        another user. utmp against wtmp, and lastlog against wtmp if the names of users are \
        known.",
    expected: "the same name in utmp, wtmp and lastlog",
    innocent: &["a passwd from another time than the log: a user was renamed, or two share a uid"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_NEWER: Rule = Rule {
    id: "lastlog-without-wtmp",
    severity: Severity::Medium,
    title: "a lastlog slot whose login wtmp does not have",
    meaning: "Consistent with the login having been removed from the wtmp, or its line changed. \
        The wtmp files given must begin before it. Low without a host, on a display or a \
        pseudo-terminal, on a line somebody had open, and after the end of the wtmp. FreeBSD: \
        utx.lastlogin against utx.log.",
    expected: "a login of the same line and second in the wtmp",
    innocent: &[
        "a program that writes lastlog only (gdm's greeter, su -l, sudo -i)",
        "a rotated wtmp in between that was not given",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG2_NEWER: Rule = Rule {
    id: "lastlog2-without-wtmpdb",
    severity: Severity::Medium,
    title: "a last login in a lastlog2.db that the histories do not have",
    meaning: "Consistent with the login removed from the wtmp.db or wtmp: pam_lastlog2 and \
        pam_wtmpdb write one each. The user and the time are compared, not the terminal, which \
        sshd and PAM name differently. Low if no row of the wtmp.db has that service, for \
        terminal windows, and for a login without a host that is later than the history.",
    expected: "a login of the user within two seconds in the history",
    innocent: &[
        "PAM set up to run only one of the modules for this service, or pam_wtmpdb with skip_if=",
        "a user renamed with lastlog2 -r",
        "a rotated history in between that was not given",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_OLDER: Rule = Rule {
    id: "lastlog-older",
    severity: Severity::Medium,
    title: "a lastlog slot older than the user's newest login",
    meaning: "Consistent with a slot set back to an older login, as nojail does. Compared with \
        logins that have an address, which sshd writes to both files (FreeBSD: all logins). Low \
        if no slot was written since, nor since the last boot, but more than two such logins were: \
        the system may no longer write the lastlog.",
    expected: "the user's newest login",
    innocent: &[
        "a server that keeps no lastlog, next to one that does",
        "a wtmp read together with an older lastlog",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_MISSING: Rule = Rule {
    id: "lastlog-missing",
    severity: Severity::Medium,
    title: "a user who logged in, but whose lastlog slot is empty",
    meaning: "Consistent with a slot that was zeroed. Needs the names of users. Compared with \
        logins that have an address, which sshd writes to both files (FreeBSD: all logins). Low \
        if no slot was written since, but more than two such logins were.",
    expected: "the user's newest login",
    innocent: &[
        "a uid above LASTLOG_UID_MAX, for which no slot is written",
        "a server that keeps no lastlog, next to one that does",
        "an administrator's lastlog --clear",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_RESET: Rule = Rule {
    id: "lastlog-reset",
    severity: Severity::High,
    title: "a lastlog emptied and written once",
    meaning: "Consistent with a lastlog opened for writing, which empties it, as logtamper -m 3 \
        does: it ends with its only used slot, although other users logged in before.",
    expected: "a slot for each user who logged in",
    innocent: &["a lastlog put back empty by an administrator, before its only login"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static LASTLOG_EMPTIED: Rule = Rule {
    id: "lastlog-emptied",
    severity: Severity::Medium,
    title: "a lastlog without a slot, although users logged in",
    meaning: "Consistent with a lastlog that was emptied (`> lastlog`) or zeroed throughout. \
        Compared with logins that have an address, which sshd writes to both files (FreeBSD: all \
        logins).",
    expected: "a slot for each user who logged in",
    innocent: &[
        "a system that no longer writes the lastlog, or a server that never does",
        "an administrator who emptied it",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static HOST_DIFFERS: Rule = Rule {
    id: "host-differs",
    severity: Severity::Medium,
    title: "two files name different hosts for one login",
    meaning: "Consistent with the host having been changed in one of them: same second, line and \
        user. utmp and lastlog against wtmp. Low if the utmp or lastlog has none, and for terminal \
        windows, screen and mosh.",
    expected: "the same host in utmp, wtmp and lastlog",
    innocent: &[
        "mosh, which rewrites its utmp entry as the client comes and goes",
        "a program that stores a name in one file and an address in the other",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};
