//! Files as they are found, through the real binary: compressed, in an image, growing.

mod archives;
mod audit;
mod compressed;
mod cursor;
mod follow;
mod follow_last;
mod images;
mod lastlogs;
mod machines;
mod merge;
mod root;
mod timeline;
mod volumes;
