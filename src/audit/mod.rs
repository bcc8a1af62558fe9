//! Finds irregularities in login records: traces of tampering, contradictions, damage.
//!
//! [`Audit`] takes the records of one machine's files and returns [`Finding`]s: the place, the
//! bytes, what was expected, and innocent explanations. A finding is an indication, not proof.
//! [`RULES`] is the table of all rules.
//!
//! ```
//! use loginrec::LogFile;
//! use loginrec::audit::{FileInfo, Audit, Severity};
//!
//! let mut bytes = std::fs::read("fixtures/linux-glibc-400-le/wtmp")?;
//! bytes[800..1200].fill(0); // as a log cleaner does
//! let wtmp = LogFile::options().file_name("wtmp").from_vec(bytes)?;
//!
//! let mut audit = Audit::new();
//! audit.read(&wtmp, FileInfo::of(&wtmp));
//! let findings = audit.finish();
//! let wiped = findings.iter().find(|finding| finding.rule.id == "zeroed-record").unwrap();
//! assert_eq!((wiped.index, wiped.offset), (Some(2), 800));
//! assert!(wiped.severity >= Severity::Medium);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Several files
//!
//! Give the files of one machine to one [`Audit`], the small ones first: utmp, lastlog,
//! counts of failures, btmp, then wtmp with its rotated copies from the oldest to the newest ([`FileInfo::rank`] is that order).
//! Contradictions are found while the histories are read, and their records are not kept: memory
//! grows with open lines, users and attacking addresses, not with records.
//!
//! # Rules
//!
//! | rule | severity | ATT&CK | what is seen |
//! |---|---|---|---|
//! | `zeroed-record` | medium | T1070.002 | an all-zero record in a file that is only appended to |
//! | `half-zeroed-record` | medium | T1070.002 | a record without type, process, line and id, but with the rest of its fields |
//! | `time-zeroed` | low | T1070.002 | a login or logout in a history with the time zero |
//! | `type-erased` | medium | T1070.002 | a login whose type is 0 |
//! | `prompt-with-host` | medium | T1070.002 | a waiting terminal with the user and host of a login |
//! | `bare-logout` | medium | T1070.002 | a logout without line and id |
//! | `id-of-another-line` | medium | T1070.002 | the id of another pseudo-terminal |
//! | `record-twice` | medium | T1070.002 | a login that stands in the file twice, to the microsecond |
//! | `residue` | medium | T1070.002 | text after the NUL of a user, line, host or id |
//! | `padding-set` | low |  | alignment bytes that are not zero |
//! | `reserved-set` | medium | T1070.002 | reserved bytes that are not zero |
//! | `id-spaces` | medium | T1070.002 | ut_id padded with spaces |
//! | `session-zero` | low | T1070.002 | no getty record in the file has a session id |
//! | `microseconds-zero` | low | T1070.002 | no record in the file has microseconds |
//! | `deceptive-text` | low |  | control or invisible characters in a text |
//! | `microseconds-range` | low |  | microseconds outside 0 to 999999 |
//! | `unknown-type` | low |  | a type the platform does not define |
//! | `impossible-pid` | low |  | a process id the platform cannot have |
//! | `host-address-mismatch` | low | T1070.002 | a host that is an IP address, but not the stored one |
//! | `address-leftover` | low | T1070.002 | an IPv4 address with other bytes after it |
//! | `address-missing` | info |  | a remote host without its address, although others have both |
//! | `time64-record` | info |  | a record in the damaged form of glibc's 64-bit time |
//! | `time-backwards` | low | T1070.006 | a record older than the one before it |
//! | `time-negative` | low |  | a time before 1970 |
//! | `mtime-before-records` | low | T1070.006 | the file was last modified before its newest record |
//! | `mtime-after-records` | low | T1070.002 | a history that was modified after its newest record |
//! | `lastlog-mtime` | low | T1070.006 | a lastlog that was last modified before its newest slot |
//! | `gap` | low | T1070.002 | a long silence in a file with a steady rhythm |
//! | `logout-without-login` | medium | T1070.002 | a logout from a pseudo-terminal without a login |
//! | `logout-twice` | medium | T1070.002 | two logouts from a pseudo-terminal without a login between them |
//! | `logout-name-differs` | medium | T1070.002 | a logout with another user than the login it ends |
//! | `login-twice` | info |  | a login on a line that is still in use |
//! | `logout-before-login` | low | T1070.006 | a logout that is older than its login |
//! | `no-logouts` | medium | T1070.002 | no logout at all in a wtmp of several boots and logins |
//! | `boot-without-shutdown` | info |  | a boot although the system had not been shut down |
//! | `run-level-without-boot` | low | T1070.002 | the first run level of a boot that is not recorded |
//! | `login-after-shutdown` | low | T1070.002 | a login after a shutdown, without a boot |
//! | `kernel-changed` | medium | T1070.002 | a kernel other than the one that was booted |
//! | `partial-record` | medium | T1070.002 | the file ends within a record |
//! | `grid-shift` | high | T1070.002 | records that are not at a multiple of the record size |
//! | `no-record` | medium | T1070.002 | bytes in place of a record that are not one |
//! | `zero-lengths` | medium | T1070.002 | zero bytes between the records of a utx.log |
//! | `broken-chain` | medium | T1070.002 | a length in a utx.log that leads to no record |
//! | `database-damage` | low | T1070.002 | a damaged page of a database |
//! | `message-damage` | medium | T1070.002 | bytes of a system log that are not a message or a text |
//! | `message-unlinked` | medium | T1070.002 | a login in the system log that Apple's programs do not show |
//! | `message-order` | low | T1070.002 | a message whose number is not above the one before it |
//! | `writes-unexplained` | medium | T1070.002 | a login database that was written more often than its rows say |
//! | `rows-in-one-write` | medium | T1070.002 | a login database that was written less often than its rows say |
//! | `row-deleted` | medium | T1070.002 | a deleted row that is still in the files of a login database |
//! | `row-edited` | high | T1070.002 | an older version of a row with another user, host or time |
//! | `rowid-gap` | low | T1070.002 | numbers of rows that a wtmpdb skips |
//! | `id-order` | low | T1070.006 | a later login with an older time in a lastlog2.db |
//! | `service-missing` | info |  | a login in a wtmpdb twice, once without its service |
//! | `foreign-writer` | medium | T1070.002 | a database that another SQLite than the system's has written |
//! | `schema-changed` | medium | T1070.002 | a login database with definitions that its writer does not make |
//! | `hot-journal` | info |  | a journal that undoes the last transaction |
//! | `log-not-checkpointed` | info |  | a write-ahead log with pages of the database |
//! | `lastlog-no-time` | low | T1070.002 | a lastlog slot with a line or host, but no time |
//! | `lastlog-slot-wiped` | medium | T1070.002 | a lastlog slot that was wiped in part, or filled with one byte |
//! | `lastlog-one-slot` | info |  | a lastlog that ends with its only slot in use |
//! | `lastlog-dense` | info |  | a lastlog whose holes are allocated |
//! | `utmp-without-wtmp` | medium | T1070.002 | a login in utmp that wtmp does not have |
//! | `name-differs` | high | T1070.002 | two files name different users for one login |
//! | `host-differs` | medium | T1070.002 | two files name different hosts for one login |
//! | `lastlog-without-wtmp` | medium | T1070.002 | a lastlog slot whose login wtmp does not have |
//! | `lastlog2-without-wtmpdb` | medium | T1070.002 | a last login in a lastlog2.db that the histories do not have |
//! | `lastlog-older` | medium | T1070.002 | a lastlog slot older than the user's newest login |
//! | `lastlog-missing` | medium | T1070.002 | a user who logged in, but whose lastlog slot is empty |
//! | `lastlog-reset` | high | T1070.002 | a lastlog emptied and written once |
//! | `lastlog-emptied` | medium | T1070.002 | a lastlog without a slot, although users logged in |
//! | `boot-missing` | medium | T1070.002 | the boot of the utmp is not in the wtmp |
//! | `utmp-entry-gone` | medium | T1070.002 | a login that is open in the wtmp and not in the utmp of the same boot |
//! | `logout-gone` | medium | T1070.002 | a logout in the utmp that the wtmp does not have |
//! | `address-renamed` | medium | T1070.002 | an address with another host than in the other records |
//! | `address-erased` | medium | T1070.002 | a login without the address that its host has elsewhere |
//! | `source-erased` | medium | T1070.002 | a login on a pseudo-terminal without host and address, unlike all others |
//! | `history-missing` | medium | T1070.002 | no wtmp beside files that show logins |
//! | `history-overwritten` | medium | T1070.002 | a wtmp or btmp that holds no record, but zeros, noise or an empty line |
//! | `lastlog-absent` | medium | T1070.002 | no lastlog beside a utmp and a wtmp with logins by ssh |
//! | `failure-gone` | medium | T1070.002 | a failed login that is counted, but that the btmp lacks |
//! | `brute-force` | medium | T1110 | a login from an address or network with many failed ones before |
//! | `rotation-overlap` | low | T1070.002 | a file that begins before the previous one ends |
//! | `rotation-gap` | low | T1070.002 | a long silence between two files |
//! | `empty-history` | low | T1070.002 | a wtmp without a record |
//! | `twins-differ` | medium | T1070.002 | wtmp and wtmpx of one machine differ |
//! | `several-traces` | medium | T1070.002 | three findings of low severity about one minute |

mod catalog;
mod context;
mod cross;
mod file_info;
mod finding;
mod innocent;
mod machine;
mod rules;
mod weigh;

pub use self::catalog::{RULES, rule};
pub use self::cross::brute_force::Guesses;
pub use self::cross::presence::is_overwritten;
pub use self::file_info::FileInfo;
pub use self::finding::{Finding, Rule, Severity, Subject};
pub use self::innocent::{INNOCENTS, Innocent, LIMITS};
pub use self::machine::Audit;
pub use self::rules::framing::find_off_grid;
