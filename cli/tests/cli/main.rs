//! The command line through its real binary. What it must print comes from elsewhere: the
//! fixtures' own `*.jsonl`, utmpdump of util-linux 2.38.1, the corpus, or bytes by hand.

mod audit;
mod carve;
mod common;
mod detect;
mod dump;
mod fixtures;
mod hostile;
mod lastlog;
mod sessions;
mod status;
mod threads;
mod undump;
mod utmpdump;
mod who;
