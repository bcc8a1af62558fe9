//! The columns of every kind of row, as data.

use core::fmt;
use core::str::FromStr;

use crate::value::unknown_name::UnknownName;

/// The type of a [`Column`]'s values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueKind {
    /// Text from the evidence. JSON shows bytes that are not UTF-8 as `\xNN` and adds two keys
    /// where needed: `<key>_hex`, the bytes, and `<key>_residue`, the bytes after the first NUL.
    Text,
    /// One of this crate's own words, in kebab-case (types of records in capitals).
    Word,
    /// A whole number of at most 64 bits.
    Integer,
    /// A time: RFC 3339 in UTC, six decimals and `Z`.
    Time,
    /// An IPv4 or IPv6 address.
    Address,
    /// Bytes; in text they are hexadecimal digits.
    Bytes,
    /// True or false.
    Flag,
    /// An exit status of two numbers: an object in JSON, two columns elsewhere.
    Exit,
    /// Several texts.
    List,
}

/// The outputs that have a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// All outputs.
    All,
    /// Only outputs whose rows are objects: in a table it would be empty in nearly every row.
    Objects,
}

struct Definition {
    name: &'static str,
    heading: &'static str,
    kind: ValueKind,
    scope: Scope,
    about: &'static str,
}

macro_rules! columns {
    ($($variant:ident $name:literal $heading:literal $kind:ident $scope:ident $about:literal;)*) => {
        /// A column of a row: the key in JSON and in Python, the heading in CSV and in tables,
        /// the name of the Arrow column. Each kind of row lists its own; see
        /// [`Row::COLUMNS`](crate::contract::Row::COLUMNS).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Column {
            $(#[doc = $about] $variant,)*
        }

        impl Column {
            /// Every column of every kind of row.
            pub const ALL: &'static [Column] = &[$(Column::$variant,)*];

            /// Returns whether tables such as CSV have the column.
            // Inlined always: rows are written with columns known to the compiler.
            #[inline(always)]
            pub const fn is_flat(self) -> bool {
                match self {
                    $(Column::$variant => matches!(Scope::$scope, Scope::All),)*
                }
            }

            const fn definition(self) -> &'static Definition {
                match self {
                    $(Column::$variant => &Definition {
                        name: $name,
                        heading: $heading,
                        kind: ValueKind::$kind,
                        scope: Scope::$scope,
                        about: $about,
                    },)*
                }
            }
        }

    };
}

columns! {
    // Where it was read.
    Machine "machine" "MACHINE" Text All "The machine that the file is from.";
    Source "source" "SOURCE" Text All
        "The archive or disk image that has the file; in a summary, the address or host of the logins.";
    File "file" "FILE" Text All "The file it was read from.";
    Layout "layout" "LAYOUT" Word All "The format of the record, such as `linux-glibc-384-le`.";
    Index "index" "INDEX" Integer All "The number of the record in the file, from 0.";
    Offset "offset" "OFFSET" Integer All "The byte offset of the record.";
    Part "part" "PART" Word All
        "The file of a database that `offset` counts in: `db`, `wal`, `journal`.";
    Page "page" "PAGE" Integer All "The page of the database that has the row.";
    Rowid "rowid" "ROWID" Integer All "The number of the row in its table, or of the message in the Apple System Log.";
    State "state" "STATE" Word All
        "What became of the row: `live`, `superseded`, `deleted`, `uncommitted`, `undone`, `unknown`.";
    FoundAs "found_as" "FOUND-AS" Word All
        "How much of a row that is not live was found: `cell`, `part`, `tail`.";
    Lost "lost" "LOST" List All "The columns of such a row that are overwritten.";
    Copies "copies" "COPIES" Integer Objects "How often such a row lies in the files.";
    // One record.
    Uid "uid" "UID" Integer All "The user id that a record of a lastlog or faillog belongs to.";
    Type "type" "TYPE" Word All "The meaning of the stored type, such as `USER_PROCESS`.";
    RawType "raw_type" "RAW-TYPE" Integer All "The stored number of the type.";
    Event "event" "EVENT" Word All "The event, such as `login`.";
    Time "time" "TIME" Time All "The time of the record.";
    RawSec "raw_sec" "RAW-SEC" Integer All "The stored seconds of a `time` that is not a valid date.";
    RawUsec "raw_usec" "RAW-USEC" Integer All "The stored microseconds of a `time` that is not a valid date.";
    User "user" "USER" Text All "The user.";
    Line "line" "LINE" Text All "The terminal, without `/dev/`.";
    Host "host" "HOST" Text All "The remote host.";
    Id "id" "ID" Text All "The inittab id, terminal suffix or token.";
    Pid "pid" "PID" Integer All "The process id.";
    Session "session" "SESSION" Integer All "The session id or terminal index.";
    Exit "exit" "EXIT" Exit All "The exit status.";
    Addr "addr" "ADDRESS" Address All "The remote address.";
    Service "service" "SERVICE" Text All "The service that logged the user in.";
    RemoteUser "remote_user" "REMOTE-USER" Text Objects "The user's name on the remote machine.";
    // Failed logins counted by user.
    Count "count" "FAILURES" Integer All "The number of failures since the last login.";
    Max "max" "MAXIMUM" Integer All "The number of failures that locks the account; 0 for none.";
    LockSeconds "lock_seconds" "LOCK" Integer All
        "The seconds for which a failure locks the account; 0 until it is reset.";
    Status "status" "STATUS" Integer All "The status bits of pam_faillock.";
    Valid "valid" "VALID" Flag All "Whether pam_faillock counts the failure.";
    Raw "raw" "RAW" Bytes Objects "The stored bytes of the record.";
    // Carving.
    Run "run" "RUN" Integer All "The number of the run of adjacent records, from 0.";
    Confidence "confidence" "CONFIDENCE" Integer All "The evidence that it is a record, in bits.";
    Alternative "alternative" "ALTERNATIVE" Word All "Another format that fits about as well.";
    // Sessions, boots, timelines.
    Login "login" "LOGIN" Time All "The time of the login.";
    LoginRawSec "login_raw_sec" "LOGIN-RAW-SEC" Integer Objects
        "The stored seconds of a `login` that is not a valid date.";
    LoginRawUsec "login_raw_usec" "LOGIN-RAW-USEC" Integer Objects
        "The stored microseconds of a `login` that is not a valid date.";
    Logout "logout" "LOGOUT" Time All
        "The end of the session; after a crash the next boot, which is an upper bound.";
    LogoutRawSec "logout_raw_sec" "LOGOUT-RAW-SEC" Integer Objects
        "The stored seconds of a `logout` that is not a valid date.";
    LogoutRawUsec "logout_raw_usec" "LOGOUT-RAW-USEC" Integer Objects
        "The stored microseconds of a `logout` that is not a valid date.";
    Boot "boot" "BOOT" Time All "The time of the boot.";
    BootRawSec "boot_raw_sec" "BOOT-RAW-SEC" Integer Objects
        "The stored seconds of a `boot` that is not a valid date.";
    BootRawUsec "boot_raw_usec" "BOOT-RAW-USEC" Integer Objects
        "The stored microseconds of a `boot` that is not a valid date.";
    Down "down" "DOWN" Time All "The time of the shutdown; after a crash the next boot.";
    DownRawSec "down_raw_sec" "DOWN-RAW-SEC" Integer Objects
        "The stored seconds of a `down` that is not a valid date.";
    DownRawUsec "down_raw_usec" "DOWN-RAW-USEC" Integer Objects
        "The stored microseconds of a `down` that is not a valid date.";
    Seconds "seconds" "DURATION" Integer All
        "The duration in whole seconds; of what is still open, up to now.";
    How "how" "HOW" Word All "How it ended: `logout`, `shutdown`, `crash`, `replaced`, `open`.";
    Disputed "disputed" "DISPUTED" Flag All
        "Whether line and process id of the records contradict each other.";
    Kernel "kernel" "KERNEL" Text All "The kernel release.";
    LoginFile "login_file" "LOGIN-FILE" Text All "The file of the login that this logout ends.";
    LoginOffset "login_offset" "LOGIN-OFFSET" Integer All
        "The byte offset of that login's record.";
    LogoutFile "logout_file" "LOGOUT-FILE" Text All "The file of the record that ended the session.";
    LogoutOffset "logout_offset" "LOGOUT-OFFSET" Integer All "The byte offset of that record.";
    DownFile "down_file" "DOWN-FILE" Text All "The file of the record that ended it.";
    DownOffset "down_offset" "DOWN-OFFSET" Integer All "The byte offset of that record.";
    // Audit.
    Rule "rule" "RULE" Word All "The rule, such as `zeroed-record`.";
    Severity "severity" "SEVERITY" Word All "The severity: `info`, `low`, `medium`, `high`.";
    Title "title" "TITLE" Text All "The observation in a few words.";
    Meaning "meaning" "MEANING" Text All "Possible causes, and when the rule applies.";
    Bytes "bytes" "BYTES" Bytes All "The bytes concerned.";
    Message "message" "MESSAGE" Text All "The observation in words.";
    Expected "expected" "EXPECTED" Text All "The content of an untouched file in this place.";
    Innocent "innocent" "INNOCENT" List All "Innocent causes of the same trace.";
    Technique "technique" "TECHNIQUE" Text All "The technique of MITRE ATT&CK.";
    More "more" "MORE" Integer All "The number of further findings of the same rule, which are not listed.";
    // Counts.
    Day "day" "DAY" Text All "The day, such as `2024-02-17`.";
    Hour "hour" "HOUR" Integer All "The hour of the day, 0 to 23.";
    Weekday "weekday" "WEEKDAY" Word All "The day of the week, such as `monday`.";
    Logins "logins" "LOGINS" Integer All "The number of logins.";
    Failed "failed" "FAILED" Integer All "The number of failed logins.";
    Users "users" "USERS" Integer All "The number of different users.";
    Sources "sources" "SOURCES" Integer All "The number of different addresses and hosts.";
    // Detection.
    Kind "kind" "KIND" Word All "The kind of the file: `utmp`, `wtmp`, `btmp`, `lastlog`, `failures`.";
    Records "records" "RECORDS" Integer All "The number of records.";
    First "first" "FIRST" Time All "The first time.";
    Last "last" "LAST" Time All "The last time.";
    Verdict "verdict" "VERDICT" Word All "`recognised`, `ambiguous` or `not-recognised`.";
    Margin "margin" "MARGIN" Integer All "The number of bits by which the best format leads the next.";
    RunnerUp "runner_up" "RUNNER-UP" Word All "The format that came second.";
    Reasons "reasons" "REASONS" List All "The reasons for the verdict.";
    // What could not be read.
    Error "error" "ERROR" Text All "Why a file, or a part of it, was not read.";
    // Formats.
    Name "name" "LAYOUT" Word All "The name of the format.";
    Size "size" "SIZE" Integer All "The length of a record in bytes.";
    ByteOrder "byte_order" "ORDER" Word All "The byte order of the integers.";
    Framing "framing" "FRAMING" Word All "The way in which records follow each other.";
    System "system" "SYSTEM" Text All "The operating system.";
    TimeBits "time_bits" "TIME" Integer All "The width of the seconds in bits.";
    Microseconds "microseconds" "MICROSECONDS" Flag All "Whether fractions of a second are stored.";
    Paths "paths" "PATHS" List All "Where the platform keeps such files.";
}

impl Column {
    /// Returns the key in JSON and in Python.
    #[inline]
    pub const fn name(self) -> &'static str {
        self.definition().name
    }

    /// Returns the heading in text tables.
    pub const fn heading(self) -> &'static str {
        self.definition().heading
    }

    /// Returns the type of its values.
    pub const fn kind(self) -> ValueKind {
        self.definition().kind
    }

    /// Returns a sentence that describes it.
    pub const fn about(self) -> &'static str {
        self.definition().about
    }

    /// Returns its names in flat tables, such as CSV and Arrow: its own, two for an exit status,
    /// none for columns that only JSON and Python have.
    pub const fn flat_names(self) -> &'static [&'static str] {
        let definition = self.definition();
        match (definition.scope, definition.kind) {
            (Scope::Objects, _) => &[],
            (Scope::All, ValueKind::Exit) => &["exit_termination", "exit_exit"],
            (Scope::All, _) => core::slice::from_ref(&definition.name),
        }
    }

    /// Returns whether 32 bits hold every number of the column.
    pub const fn is_narrow(self) -> bool {
        matches!(self, Column::RawType | Column::Confidence | Column::Margin)
    }

    /// Returns whether it holds text as a record stores it, which need not be UTF-8.
    pub const fn is_stored_text(self) -> bool {
        matches!(
            self,
            Column::User
                | Column::Line
                | Column::Host
                | Column::Id
                | Column::Service
                | Column::RemoteUser
                | Column::Kernel
        )
    }

    /// Returns the columns with the seconds and microseconds of a time that is not a valid date.
    #[inline(always)]
    pub const fn raw_time(self) -> Option<[Column; 2]> {
        match self {
            Column::Time => Some([Column::RawSec, Column::RawUsec]),
            Column::Login => Some([Column::LoginRawSec, Column::LoginRawUsec]),
            Column::Logout => Some([Column::LogoutRawSec, Column::LogoutRawUsec]),
            Column::Boot => Some([Column::BootRawSec, Column::BootRawUsec]),
            Column::Down => Some([Column::DownRawSec, Column::DownRawUsec]),
            _ => None,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Parses the result of [`Column::name`].
impl FromStr for Column {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Column, UnknownName> {
        let known = Column::ALL.iter().copied().find(|column| column.name() == name);
        known.ok_or(UnknownName::new("column"))
    }
}
