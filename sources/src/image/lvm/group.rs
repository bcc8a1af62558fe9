//! A group of volumes, as its text describes it.

use std::io;

use super::text::{Section, Value, parse};
use crate::image::invalid;

/// Bytes of the sectors that texts count in.
const SECTOR: u64 = 512;

/// A group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) id: String,
    /// Counts the changes.
    pub(super) sequence: u64,
    /// Bytes of an extent.
    pub(super) extent: u64,
    /// The physical volumes.
    pub(super) places: Vec<Place>,
    pub(super) volumes: Vec<Logical>,
}

/// A physical volume.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: String,
    /// Without hyphens, like the label.
    pub(super) id: String,
    /// Offset of the first extent in bytes.
    pub(super) begin: u64,
}

/// A logical volume.
#[derive(Debug)]
pub(super) struct Logical {
    pub(super) name: String,
    pub(super) is_visible: bool,
    pub(super) segments: Vec<Segment>,
}

/// A stretch of a logical volume. Numbers are in extents.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) begin: u64,
    pub(super) len: u64,
    /// What is between the extents, such as `striped` or `raid1`.
    pub(super) kind: String,
    /// Bytes of a stripe.
    pub(super) stripe: u64,
    /// The physical volumes by their names, with the first extent in each.
    pub(super) stripes: Vec<(String, u64)>,
}

impl Group {
    pub(super) fn parse(text: &[u8]) -> io::Result<Group> {
        let text = parse(text)?;
        // A group is the section that has the physical volumes; the rest is about the text.
        let mut sections = text.sections();
        let found = sections.find(|(_, section)| section.section("physical_volumes").is_some());
        let group = found.and_then(|(name, section)| Group::new(name, section));
        group.ok_or_else(|| invalid("damaged text of the metadata: there is no group"))
    }

    fn new(name: &str, section: &Section) -> Option<Group> {
        let places = section.section("physical_volumes")?.sections();
        let places = places.map(|(name, place)| {
            Some(Place {
                name: name.to_owned(),
                id: place.text("id")?.replace('-', ""),
                begin: place.number("pe_start")?.saturating_mul(SECTOR),
            })
        });
        let volumes = section.section("logical_volumes");
        let volumes = volumes.into_iter().flat_map(Section::sections);
        Some(Group {
            name: name.to_owned(),
            id: section.text("id")?.to_owned(),
            sequence: section.number("seqno")?,
            extent: section.number("extent_size")?.saturating_mul(SECTOR),
            places: places.collect::<Option<_>>()?,
            volumes: volumes.filter_map(|(name, volume)| Logical::new(name, volume)).collect(),
        })
    }
}

impl Logical {
    fn new(name: &str, section: &Section) -> Option<Logical> {
        let visible = Value::Text("VISIBLE".to_owned());
        let segments = section.sections().map(|(_, segment)| Segment::new(segment));
        let mut segments: Vec<Segment> = segments.collect::<Option<_>>()?;
        segments.sort_by_key(|segment| segment.begin);
        Some(Logical {
            name: name.to_owned(),
            is_visible: section.list("status").contains(&visible),
            segments,
        })
    }
}

impl Segment {
    fn new(section: &Section) -> Option<Segment> {
        let stripes = section.list("stripes").chunks_exact(2).filter_map(|pair| match pair {
            [Value::Text(name), Value::Number(first)] => Some((name.clone(), *first)),
            _ => None,
        });
        Some(Segment {
            begin: section.number("start_extent")?,
            len: section.number("extent_count")?,
            kind: section.text("type")?.to_owned(),
            stripe: section.number("stripe_size").unwrap_or_default().saturating_mul(SECTOR),
            stripes: stripes.collect(),
        })
    }
}
