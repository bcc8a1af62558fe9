//! The native half of the Python package `loginrec`: the code that touches every record. Names,
//! documentation and types are in Python, in `loginrec/`.
//!
//! Nothing here panics on any file; if it did, PyO3 would turn the panic into a Python exception.
//! Reading, detecting, pairing and building columns release the interpreter lock.

mod audit;
mod batches;
mod clock;
mod contract;
mod damage;
mod detection;
mod errors;
mod input;
mod log;
mod log_source;
mod pyutmpx;
mod record;
mod record_cursor;
mod sessions;
mod source;
mod strings;
mod table;

use pyo3::prelude::*;

#[pymodule]
mod _loginrec {
    #[pymodule_export]
    use crate::audit::{Finding, audit};
    #[pymodule_export]
    use crate::detection::{Detection, detect};
    #[pymodule_export]
    use crate::log::{LogFile, RecordIterator, lastlog, layouts, open};
    #[pymodule_export]
    use crate::pyutmpx::database::{
        Database, EntryIterator, open_database, read_system, system_path,
    };
    #[pymodule_export]
    use crate::pyutmpx::exit_status::ExitStatus;
    #[pymodule_export]
    use crate::pyutmpx::lastlog_entry::LastlogEntry;
    #[pymodule_export]
    use crate::pyutmpx::utmp_entry::UtmpEntry;
    #[pymodule_export]
    use crate::record::Record;
    #[pymodule_export]
    use crate::sessions::{Session, sessions};
    #[pymodule_export]
    use crate::table::{Table, table};
}
