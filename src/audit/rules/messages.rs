//! The messages of the Apple System Log: framing, order, pointers.

use std::format;
use std::string::ToString as _;

use crate::error::Error;
use crate::read::Link;
use crate::value::timestamp::Timestamp;

use crate::audit::context::{RecordContext, at};
use crate::audit::finding::{Findings, Location, Rule, Severity};

pub(in crate::audit) static MESSAGE_DAMAGE: Rule = Rule {
    id: "message-damage",
    severity: Severity::Medium,
    title: "bytes of a system log that are not a message or a text",
    meaning: "Consistent with a message overwritten or removed by a tool that does not know the \
        format. Low for a message that is cut short at the end, and for one that refers to a text \
        where none is.",
    expected: "messages and texts back to back",
    innocent: &[
        "a machine that failed, or a disk that was full, while a message was written",
        "a copy that was interrupted",
        "a damaged block",
    ],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static MESSAGE_UNLINKED: Rule = Rule {
    id: "message-unlinked",
    severity: Severity::Medium,
    title: "a login in the system log that Apple's programs do not show",
    meaning: "Consistent with a message that was hidden: each message has the offset of the next \
        one, last(1) and syslog(1) follow these offsets, and those before this message lead to a \
        later one. Info if they end before this message: syslogd appends a message first and \
        then sets the offset.",
    expected: "a message before it that leads to it",
    innocent: &["a machine that failed between the two writes, at the end of the file"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

pub(in crate::audit) static MESSAGE_ORDER: Rule = Rule {
    id: "message-order",
    severity: Severity::Low,
    title: "a message whose number is not above the one before it",
    meaning: "Consistent with messages moved or copied into the file: syslogd numbers all messages \
        of its store in the order in which it writes them. Medium if the number is that of the \
        message before it.",
    expected: "rising numbers",
    innocent: &["a store whose file StoreData was deleted: numbers begin again at 1"],
    technique: Some("T1070.002"),
    ..Rule::NEW
};

/// The messages of one file, in the order of the file.
#[derive(Debug, Default)]
pub(in crate::audit) struct Messages {
    /// Number and time of the message before.
    before: Option<(i64, Timestamp)>,
}

impl Messages {
    pub(in crate::audit) fn check(&mut self, context: &RecordContext<'_>, findings: &mut Findings) {
        let Some(place) = context.record.row_place() else { return };
        let (Some(link), Some(id)) = (place.link, place.rowid) else { return };
        match link {
            Link::Linked => {}
            Link::PassedOver => {
                let message = format!("no message leads to message {id}: a later one follows");
                let severity = MESSAGE_UNLINKED.severity;
                context.find(findings, &MESSAGE_UNLINKED, severity, message);
            }
            Link::AfterEnd => {
                let message = format!("no message leads to message {id}: offsets end before it");
                context.find(findings, &MESSAGE_UNLINKED, Severity::Info, message);
            }
        }
        let before = self.before.replace((id, context.time()));
        if let Some((before, earlier)) = before.filter(|(before, _)| id <= *before) {
            let message = format!(
                "message {id} of {} follows message {before} of {}",
                at(context.time()),
                at(earlier)
            );
            let severity = if id == before { Severity::Medium } else { MESSAGE_ORDER.severity };
            context.find(findings, &MESSAGE_ORDER, severity, message);
        }
    }
}

/// Reports lost framing.
pub(in crate::audit) fn damage(
    location: Location,
    error: &Error,
    bytes: &[u8],
    findings: &mut Findings,
) {
    let severity = match error {
        Error::Skipped { .. } => MESSAGE_DAMAGE.severity,
        _ => Severity::Low,
    };
    findings.add(&MESSAGE_DAMAGE, severity, location, bytes, error.to_string());
}
