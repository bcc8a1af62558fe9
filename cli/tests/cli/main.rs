//! The command line through its real binary. What it must print comes from elsewhere: the
//! fixtures' own `*.jsonl`, utmpdump of util-linux 2.38.1, the corpus, or bytes by hand.

mod ac;
mod agree;
mod audit;
mod carve;
mod carved_rows;
mod contract;
mod databases;
mod describe;
mod detect;
mod dump;
mod exports;
mod failures;
mod filter;
mod fixtures;
mod fwtmp;
mod hostile;
mod last_rows;
mod lastlog;
mod parquet;
mod rare;
mod recipes;
mod report;
mod schema;
mod sessions;
mod status;
mod summary;
mod system_log;
mod threads;
mod undump;
mod utmpdump;
mod views;
mod who;
