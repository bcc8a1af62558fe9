//! The native half of the Python package `loginrec`: the code that touches every record. Names,
//! documentation and types are in Python, in `loginrec/`.
//!
//! Nothing here panics on any file; if it did, PyO3 would turn the panic into a Python exception.
//! Reading, detecting, pairing and building columns release the interpreter lock.

mod audit;
mod batches;
mod carve;
mod cells;
mod clock;
mod contract;
mod damage;
mod detection;
mod errors;
mod history;
mod input;
mod log;
mod log_source;
mod make;
mod out;
mod plan;
mod pyutmpx;
mod record;
mod record_cursor;
mod record_pickle;
mod root;
mod rows;
mod schema;
mod sessions;
mod source;
mod strings;
mod table;
mod work;

use pyo3::prelude::*;

#[pymodule]
mod _loginrec {
    #[pymodule_export]
    use crate::audit::{Finding, audit_rules, finding_again, findings_of};
    #[pymodule_export]
    use crate::carve::carve_source;
    #[pymodule_export]
    use crate::detection::{Detection, detect_source, detection_again};
    #[pymodule_export]
    use crate::input::Given;
    #[pymodule_export]
    use crate::log::{LogFile, RecordIterator, lastlogs_of, layouts, open_log};
    #[pymodule_export]
    use crate::make::{kinds_of, make_table};
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
    use crate::record_pickle::record_again;
    #[pymodule_export]
    use crate::root::{is_root, kind_of_name, machines_of, stored};
    #[pymodule_export]
    use crate::schema::{Schema, schema};
    #[pymodule_export]
    use crate::sessions::{Session, session_again, sessions_of};
    #[pymodule_export]
    use crate::table::Table;

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
