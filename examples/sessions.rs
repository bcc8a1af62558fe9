//! Prints who was logged in, and how each session ended: `cargo run --example sessions -- FILE...`.
//!
//! The files are one machine's, oldest first: `wtmp.1 wtmp`.

use std::error::Error;

use loginrec::{LogFile, session};

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<LogFile> =
        std::env::args_os().skip(1).map(LogFile::open).collect::<Result<_, _>>()?;
    let records = (0..)
        .zip(&files)
        .flat_map(|(number, file)| file.records().flatten().map(move |record| (number, record)));
    for session in session::sessions(records) {
        let login = session.login.entry();
        match session.ended() {
            Some(ended) => {
                println!("{} {} to {}: {:?}", login.ut_user, login.ut_tv, ended, session.end)
            }
            None => println!("{} {}: {:?}", login.ut_user, login.ut_tv, session.end),
        }
    }
    Ok(())
}
