//! The rules of [`across`](super::across).

use super::rule::{Rule, Severity};

pub(super) static UTMP_WITHOUT_WTMP: Rule = Rule {
    id: "utmp-without-wtmp",
    severity: Severity::Medium,
    title: "a login in utmp that wtmp does not have",
    meaning: "Consistent with a login removed from the wtmp only. Low for a single login \
        behind the end of the wtmp, and for terminal windows (no host, or a display). Logins \
        before its beginning, and of screen, which writes utmp only, are left out.",
    expected: "a record of the same line and second in the wtmp",
    innocent: &[
        "a program that writes utmp only (screen and terminal emulators without utempter)",
        "a rotated wtmp in between that was not given",
        "a wtmp copied before the utmp, on a running system",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static NAME_DIFFERS: Rule = Rule {
    id: "name-differs",
    severity: Severity::High,
    title: "two files name different users for one login",
    meaning: "Consistent with the name having been changed in one of them: same second, same line, \
        another user. utmp against wtmp, and lastlog against wtmp where the names of users are \
        known.",
    expected: "the same name in utmp, wtmp and lastlog",
    innocent: &[
        "a passwd that is not of the time of the log: a user was renamed, or two share a uid",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static LASTLOG_NEWER: Rule = Rule {
    id: "lastlog-without-wtmp",
    severity: Severity::Medium,
    title: "a lastlog slot whose login wtmp does not have",
    meaning: "Consistent with the login having been removed from the wtmp, or its line changed. \
        The wtmp files given must have records before and after it; low if they end before it. \
        FreeBSD: utx.lastlogin against utx.log.",
    expected: "a login of the same line and second in the wtmp",
    innocent: &[
        "a program that writes lastlog only",
        "a rotated wtmp in between that was not given",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static LASTLOG_OLDER: Rule = Rule {
    id: "lastlog-older",
    severity: Severity::Medium,
    title: "a lastlog slot older than the user's newest login",
    meaning: "Consistent with a slot set back to an older login, as nojail does. Compared with \
        logins that have an address, which sshd writes to both files (FreeBSD: all logins). Low \
        if no slot was written since: then nobody may write the lastlog any more.",
    expected: "the user's newest login",
    innocent: &[
        "a server that keeps no lastlog, beside one that does",
        "a wtmp read together with a lastlog of an earlier time",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static LASTLOG_MISSING: Rule = Rule {
    id: "lastlog-missing",
    severity: Severity::Medium,
    title: "a user who logged in, but whose lastlog slot is empty",
    meaning: "Consistent with a slot that was zeroed. Needs the names of users. Compared with \
        logins that have an address, which sshd writes to both files (FreeBSD: all logins). Low \
        if no slot was written since.",
    expected: "the user's newest login",
    innocent: &[
        "a uid above LASTLOG_UID_MAX, for which no slot is written",
        "a server that keeps no lastlog, beside one that does",
        "an administrator's lastlog --clear",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(super) static LASTLOG_RESET: Rule = Rule {
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

pub(super) static HOST_DIFFERS: Rule = Rule {
    id: "host-differs",
    severity: Severity::Medium,
    title: "two files name different hosts for one login",
    meaning: "Consistent with the host having been changed in one of them: same second, line and \
        user. utmp and lastlog against wtmp. Low where one of the two is empty.",
    expected: "the same host in utmp, wtmp and lastlog",
    innocent: &[
        "mosh, which rewrites its utmp entry as the client comes and goes",
        "a program that stores a name in one file and an address in the other",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};
