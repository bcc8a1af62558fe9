use core::fmt;

macro_rules! ut_types {
    ($($(#[$doc:meta])* $variant:ident $name:literal $number:expr;)*) => {
        /// The meaning of `ut_type`. Platforms number these differently, so a stored
        /// number means nothing without its [`Layout`](crate::Layout): 7 is
        /// `USER_PROCESS` on Linux and `DEAD_PROCESS` on FreeBSD.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "SCREAMING_SNAKE_CASE"))]
        #[non_exhaustive]
        pub enum UtType {
            $($(#[$doc])* $variant,)*
            /// A number the platform does not define, or an untyped record whose
            /// line and user say nothing.
            Unknown,
        }

        impl UtType {
            /// Every known meaning.
            pub const ALL: &'static [UtType] = &[$(UtType::$variant),*];

            /// The field's own name, as `USER_PROCESS`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(UtType::$variant => $name,)*
                    UtType::Unknown => "UNKNOWN",
                }
            }

            /// The canonical number: that of the pyutmpx API, `None` for what it
            /// does not know.
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

impl UtType {
    /// The meaning called `name`, as `USER_PROCESS`.
    pub fn from_name(name: &str) -> Option<UtType> {
        Self::ALL.iter().copied().find(|t| t.name() == name)
    }
}

impl fmt::Display for UtType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
