//! What in login records does not fit: traces of tampering, contradictions, damage.
//!
//! [`Audit`] takes the records of one machine's files and gives [`Finding`]s: where, which
//! bytes, what was expected, what else could have caused it. A finding is *consistent with*
//! something; it proves nothing. [`RULES`] is the table of what is looked for.
//!
//! ```
//! use loginrec::LogFile;
//! use loginrec::audit::{About, Audit, Severity};
//!
//! let mut bytes = std::fs::read("fixtures/linux-glibc-400-le/wtmp")?;
//! bytes[800..1200].fill(0); // as a log cleaner does
//! let wtmp = LogFile::options().file_name("wtmp").vec(bytes)?;
//!
//! let mut audit = Audit::new();
//! audit.read(&wtmp, About::of(&wtmp));
//! let findings = audit.finish();
//! let wiped = findings.iter().find(|finding| finding.rule.id == "zeroed-record").unwrap();
//! assert_eq!((wiped.index, wiped.offset), (Some(2), 800));
//! assert!(wiped.severity >= Severity::Medium);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Several files
//!
//! Give the files of one machine to one [`Audit`], the small ones first: utmp, lastlog, btmp,
//! then wtmp with its rotated copies from the oldest to the newest ([`About::rank`] is that
//! order). Contradictions are found as the histories go by, so that nothing of a history is
//! kept: memory grows with open lines, users and attacking addresses, not with records.
//!
//! # Rules
//!
//! | rule | severity | ATT&CK | what is seen |
//! |---|---|---|---|
//! | `zeroed-record` | medium | T1070.002 | an all-zero record in a file that is only appended to |
//! | `half-zeroed-record` | medium | T1070.002 | a record without type, process, line and id, but with the rest of its fields |
//! | `time-zeroed` | low | T1070.002 | a login or logout in a history with the time zero |
//! | `residue` | medium | T1070.002 | text behind the NUL of a user, line, host or id |
//! | `padding-set` | low |  | alignment bytes that are not zero |
//! | `reserved-set` | medium | T1070.002 | reserved bytes that are not zero |
//! | `id-spaces` | medium | T1070.002 | ut_id padded with spaces |
//! | `session-zero` | low | T1070.002 | no getty of the file has a session id |
//! | `microseconds-zero` | low | T1070.002 | no record of the file has microseconds |
//! | `deceptive-text` | low |  | control or invisible characters in a text |
//! | `microseconds-range` | low |  | microseconds outside 0 to 999999 |
//! | `unknown-type` | low |  | a type the platform does not define |
//! | `impossible-pid` | low |  | a process id the platform cannot have |
//! | `host-address-mismatch` | low | T1070.002 | a host that is an IP address, but not the stored one |
//! | `address-leftover` | low | T1070.002 | an IPv4 address with other bytes behind it |
//! | `address-missing` | info |  | a remote host without its address, where others have both |
//! | `time64-record` | info |  | a record in the damaged form of glibc's 64-bit time |
//! | `time-backwards` | low | T1070.006 | a record older than the one before it |
//! | `time-negative` | low |  | a time before 1970 |
//! | `mtime-before-records` | low | T1070.006 | the file was last modified before its newest record |
//! | `gap` | low | T1070.002 | a long silence in a file with a steady rhythm |
//! | `logout-without-login` | medium | T1070.002 | a logout from a pseudo-terminal nobody logged in on |
//! | `logout-twice` | medium | T1070.002 | two logouts from a pseudo-terminal without a login between them |
//! | `logout-name-differs` | medium | T1070.002 | a logout that names another user than the login it ends |
//! | `login-twice` | info |  | a login on a line somebody is still logged in on |
//! | `logout-before-login` | low | T1070.006 | a logout that is older than its login |
//! | `boot-without-shutdown` | info |  | a boot although the system had not been shut down |
//! | `run-level-without-boot` | low | T1070.002 | the first run level of a boot that is not recorded |
//! | `login-after-shutdown` | low | T1070.002 | a login behind a shutdown, without a boot |
//! | `kernel-changed` | medium | T1070.002 | another kernel than the one that was booted |
//! | `partial-record` | medium | T1070.002 | the file ends within a record |
//! | `grid-shift` | high | T1070.002 | records that stand off the grid |
//! | `no-record` | medium | T1070.002 | bytes on the grid that are no record |
//! | `zero-lengths` | medium | T1070.002 | zero bytes between the records of a utx.log |
//! | `broken-chain` | medium | T1070.002 | a length in a utx.log that leads to no record |
//! | `database-damage` | low | T1070.002 | a page of a lastlogx that does not hold together |
//! | `lastlog-no-time` | low | T1070.002 | a lastlog slot with a line or host, but no time |
//! | `lastlog-one-slot` | info |  | a lastlog that ends with its only slot in use |
//! | `lastlog-dense` | info |  | a lastlog whose holes are allocated |
//! | `utmp-without-wtmp` | medium | T1070.002 | a login in utmp that wtmp does not have |
//! | `name-differs` | high | T1070.002 | two files name different users for one login |
//! | `host-differs` | medium | T1070.002 | two files name different hosts for one login |
//! | `lastlog-without-wtmp` | medium | T1070.002 | a lastlog slot whose login wtmp does not have |
//! | `lastlog-older` | medium | T1070.002 | a lastlog slot older than the user's newest login |
//! | `lastlog-missing` | medium | T1070.002 | a user who logged in, but whose lastlog slot is empty |
//! | `lastlog-reset` | high | T1070.002 | a lastlog emptied and written once |
//! | `brute-force` | medium | T1110 | a login from an address with many failed ones before |
//! | `rotation-overlap` | low | T1070.002 | a file that begins before the one in front of it ends |
//! | `rotation-gap` | low | T1070.002 | a long silence between two files |
//! | `empty-history` | low | T1070.002 | a wtmp without a record |
//! | `twins-differ` | medium | T1070.002 | wtmp and wtmpx of one machine differ |

mod across;
mod across_rules;
mod attack;
mod boots;
mod bytes;
mod chain;
mod framing;
mod lastlog;
mod logins;
mod machine;
mod numbers;
mod rule;
mod scene;
mod sessions;
mod text;
mod time;
mod wiped;

pub use self::framing::find_off_grid;
pub use self::machine::{About, Audit};
pub use self::rule::{Finding, Rule, Severity};

/// Everything that is looked for, by theme.
pub static RULES: &[&Rule] = &[
    &wiped::ZEROED_RECORD,
    &wiped::HALF_ZEROED_RECORD,
    &wiped::TIME_ZEROED,
    &bytes::RESIDUE,
    &bytes::PADDING_SET,
    &bytes::RESERVED_SET,
    &text::ID_SPACES,
    &text::SESSION_ZERO,
    &text::MICROSECONDS_ZERO,
    &text::DECEPTIVE_TEXT,
    &numbers::MICROSECONDS_RANGE,
    &numbers::UNKNOWN_TYPE,
    &numbers::IMPOSSIBLE_PID,
    &numbers::HOST_ADDRESS,
    &numbers::ADDRESS_LEFTOVER,
    &numbers::ADDRESS_MISSING,
    &numbers::TIME64_RECORD,
    &time::TIME_BACKWARDS,
    &time::TIME_NEGATIVE,
    &time::MTIME_BEFORE_RECORDS,
    &time::GAP,
    &sessions::LOGOUT_WITHOUT_LOGIN,
    &sessions::LOGOUT_TWICE,
    &sessions::LOGOUT_NAME,
    &sessions::LOGIN_TWICE,
    &sessions::LOGOUT_BEFORE_LOGIN,
    &boots::BOOT_WITHOUT_SHUTDOWN,
    &boots::RUN_LEVEL_WITHOUT_BOOT,
    &boots::LOGIN_AFTER_SHUTDOWN,
    &boots::KERNEL_CHANGED,
    &framing::PARTIAL_RECORD,
    &framing::GRID_SHIFT,
    &framing::NO_RECORD,
    &framing::ZERO_LENGTHS,
    &framing::BROKEN_CHAIN,
    &framing::DATABASE_DAMAGE,
    &lastlog::LASTLOG_NO_TIME,
    &lastlog::LASTLOG_ONE_SLOT,
    &lastlog::LASTLOG_DENSE,
    &across_rules::UTMP_WITHOUT_WTMP,
    &across_rules::NAME_DIFFERS,
    &across_rules::HOST_DIFFERS,
    &across_rules::LASTLOG_NEWER,
    &across_rules::LASTLOG_OLDER,
    &across_rules::LASTLOG_MISSING,
    &across_rules::LASTLOG_RESET,
    &attack::BRUTE_FORCE,
    &chain::ROTATION_OVERLAP,
    &chain::ROTATION_GAP,
    &chain::EMPTY_HISTORY,
    &chain::TWINS_DIFFER,
];

/// The rule called `id`.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
