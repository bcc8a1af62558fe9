//! Writes files of login records made up from a seed: see `--help`.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use loginrec_testing::generate::background::Background;
use loginrec_testing::generate::guesses;
use loginrec_testing::generate::{Event, Machine, hostile, image, lastlog, tree};
use loginrec::Layout;
use loginrec::layout::Role;
use loginrec::formats::{LAYOUTS, by_name};

const HELP: &str = "\
generate KIND [OPTION VALUE]... PATH

KIND
  wtmp        years of a machine: boots, crashes, gettys, logins, logouts
  btmp        strangers who guess passwords
  endless     logins only, each on a line of its own
  paired      a login and its logout by turns, on --lines lines
  mismatched  logins, then the logouts of others
  lastlog     slots for --users users, ids up to --highest, holes between them
  image       other bytes (--ground), between them runs of records
  tree        a folder of --files small files of many kinds

OPTION
  --layout NAME   the records' layout; of an image: several with commas, `typed`, `none`.
                  Default linux-glibc-384-le, linux-lastlog-292-le for a lastlog
  --size N[K|M|G] about so many bytes; default 1M
  --records N     so many records instead
  --seed N        default 1
  --lines N       default 40
  --users N       default 1000
  --highest UID   default 60000
  --ground KIND   random, zeros, text, programs or mixed (the first three); default mixed
  --files N       default 10000
";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, options @ .., path] = args.as_slice() else {
        print!("{HELP}");
        return Ok(());
    };
    let options = Options::new(options)?;
    let path = Path::new(path);
    let seed = options.number("--seed", 1)?;
    let written = match kind.as_str() {
        "tree" => tree::write(path, options.number("--files", 10_000)?, seed)?,
        "lastlog" => lastlog::write(
            options.layout("linux-lastlog-292-le")?,
            options.number("--users", 1000)?,
            options.number("--highest", 60_000)?,
            seed,
            &mut File::create(path)?,
        )?,
        "image" => {
            let mut out = BufWriter::new(File::create(path)?);
            let size = options.number("--size", 1 << 20)?;
            let written =
                image::write(options.grounds()?, &options.layouts()?, size, seed, &mut out)?;
            out.flush()?;
            written
        }
        _ => records(kind, &options, seed, path)?,
    };
    println!("{written}");
    Ok(())
}

/// Events among which there is one that a platform stores.
const EVENTS: usize = 1000;

/// A file of one record after the other.
fn records(kind: &str, options: &Options<'_>, seed: u64, path: &Path) -> Result<u64> {
    let layout = options.layout("linux-glibc-384-le")?;
    let most = options.number("--size", 1 << 20)? / layout.size as u64;
    let most = options.number("--records", most)?;
    let events: Box<dyn Iterator<Item = Event>> = match kind {
        "wtmp" => Box::new(Machine::new(seed, Machine::pause(most))),
        "btmp" => Box::new(guesses(seed, 30)),
        "endless" => Box::new(hostile::endless()),
        "paired" => Box::new(hostile::paired(options.number("--lines", 40)?, 0)),
        "mismatched" => Box::new(hostile::mismatched(most / 2)),
        _ => return Err(format!("no kind {kind}: see --help").into()),
    };
    let mut stored = events.map(|event| event.encode(layout));
    // Whoever stores none of the first does not store such events at all.
    let first = stored.by_ref().take(EVENTS).find_map(|record| record);
    let first = first.ok_or_else(|| format!("{} has no records of {kind}", layout.name))?;
    let mut out = BufWriter::new(File::create(path)?);
    let mut written = 0;
    for record in std::iter::once(first).chain(stored.flatten()).take(most as usize) {
        out.write_all(&record)?;
        written += 1;
    }
    out.flush()?;
    Ok(written)
}

/// What stands between kind and path.
struct Options<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Options<'a> {
    fn new(args: &'a [String]) -> Result<Options<'a>> {
        let (pairs, rest) = args.as_chunks();
        let known = |(name, _): &(&str, &str)| HELP.contains(&format!("\n  {name} "));
        let pairs: Vec<_> = pairs.iter().map(|[name, value]| (&name[..], &value[..])).collect();
        match rest.is_empty() && pairs.iter().all(known) {
            true => Ok(Options(pairs)),
            false => Err(format!("not understood: {args:?}; see --help").into()),
        }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn number(&self, name: &str, usual: u64) -> Result<u64> {
        let Some(text) = self.get(name) else { return Ok(usual) };
        let (digits, shift) = match text.as_bytes().last() {
            Some(b'K') => (&text[..text.len() - 1], 10),
            Some(b'M') => (&text[..text.len() - 1], 20),
            Some(b'G') => (&text[..text.len() - 1], 30),
            _ => (text, 0),
        };
        Ok(digits.parse::<u64>().map_err(|why| format!("{name} {text}: {why}"))? << shift)
    }

    fn layout(&self, usual: &str) -> Result<&'static Layout> {
        named(self.get("--layout").unwrap_or(usual))
    }

    /// Those whose records an image has.
    fn layouts(&self) -> Result<Vec<&'static Layout>> {
        let typed = |layout: &&Layout| layout.field(Role::Type).is_some();
        match self.get("--layout").unwrap_or("linux-glibc-384-le") {
            "none" => Ok(Vec::new()),
            "typed" => Ok(LAYOUTS.iter().filter(typed).collect()),
            names => names.split(',').map(named).collect(),
        }
    }

    fn grounds(&self) -> Result<&'static [Background]> {
        Ok(match self.get("--ground").unwrap_or("mixed") {
            "random" => &[Background::Random],
            "zeros" => &[Background::Zeros],
            "text" => &[Background::Text],
            "programs" => &[Background::Programs],
            "mixed" => &[Background::Random, Background::Zeros, Background::Text],
            other => return Err(format!("no ground {other}: see --help").into()),
        })
    }
}

fn named(name: &str) -> Result<&'static Layout> {
    by_name(name).ok_or_else(|| format!("no layout {name}").into())
}
