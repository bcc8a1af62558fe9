//! Numbers about failed logins.

/// The numbers of a record about failed logins: of a faillog, tallylog, faillock or failedlogin.
///
/// A number that the platform does not store is zero; the layout's
/// [fields](crate::Layout::fields) list those that it stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Failures {
    /// Failures since the last login; of pam_tally and pam_tally2 also attempts that are not
    /// decided yet.
    pub count: i64,
    /// The number of failures that locks the account; 0 for none.
    pub max: i32,
    /// Status bits of pam_faillock: 1 valid, 2 the source is a host, 4 it is a terminal.
    pub status: i32,
    /// Seconds for which a failure locks the account; 0 if it stays locked until it is reset.
    pub lock_seconds: i64,
}

impl Failures {
    /// pam_faillock: the record counts.
    pub const VALID: i32 = 1;
    /// pam_faillock: the source is a remote host.
    pub const REMOTE: i32 = 2;
    /// pam_faillock: the source is a terminal.
    pub const TERMINAL: i32 = 4;

    /// Returns whether pam_faillock counts the record.
    pub const fn is_valid(&self) -> bool {
        self.status & Failures::VALID != 0
    }
}
