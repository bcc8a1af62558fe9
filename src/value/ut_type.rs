use core::fmt;

use crate::value::unknown_name::UnknownName;

macro_rules! ut_types {
    ($($(#[$doc:meta])* $variant:ident $name:literal $number:expr;)*) => {
        /// The meaning of `ut_type`.
        ///
        /// Platforms number the types differently, so a stored number has a meaning only together
        /// with its [`Layout`](crate::Layout): 7 is `USER_PROCESS` on Linux and `DEAD_PROCESS` on
        /// FreeBSD.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "SCREAMING_SNAKE_CASE"))]
        #[non_exhaustive]
        pub enum UtType {
            $($(#[$doc])* $variant,)*
            /// A number that the platform does not define, or an untyped record whose line and user
            /// match no rule.
            Unknown,
        }

        impl UtType {
            /// All types.
            pub const ALL: &'static [UtType] = &[$(UtType::$variant),*];

            /// Returns the name of the C constant, such as `USER_PROCESS`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(UtType::$variant => $name,)*
                    UtType::Unknown => "UNKNOWN",
                }
            }

            /// Returns the canonical number, which is that of the pyutmpx API; `None` for types
            /// that it does not have.
            pub const fn number(self) -> Option<u8> {
                match self {
                    $(UtType::$variant => $number,)*
                    UtType::Unknown => None,
                }
            }
        }
    };
}

ut_types! {
    /// An unused record.
    Empty "EMPTY" Some(0);
    /// The system came up.
    BootTime "BOOT_TIME" Some(1);
    /// Time before a clock change.
    OldTime "OLD_TIME" Some(2);
    /// Time after a clock change.
    NewTime "NEW_TIME" Some(3);
    /// A user's session.
    UserProcess "USER_PROCESS" Some(4);
    /// A process started by init.
    InitProcess "INIT_PROCESS" Some(5);
    /// A session leader waiting for a user to log in.
    LoginProcess "LOGIN_PROCESS" Some(6);
    /// A session leader that has exited.
    DeadProcess "DEAD_PROCESS" Some(7);
    /// The run level changed; on Linux also the shutdown record.
    RunLvl "RUN_LVL" Some(8);
    /// System V process accounting.
    Accounting "ACCOUNTING" Some(9);
    /// The system went down: FreeBSD, macOS, untyped BSD records.
    ShutdownTime "SHUTDOWN_TIME" None;
    /// Solaris: the system went down. NetBSD: last sign of life before a boot.
    DownTime "DOWN_TIME" None;
    /// A record that names the file's version: NetBSD, DragonFly, macOS.
    Signature "SIGNATURE" None;
    /// Tru64: a processor changed state.
    Processor "PROCESSOR" None;
}

/// Parses the result of [`UtType::name`].
impl core::str::FromStr for UtType {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<UtType, UnknownName> {
        let known = UtType::ALL.iter().copied().find(|known| known.name() == name);
        known.ok_or(UnknownName::new("type"))
    }
}

impl fmt::Display for UtType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
