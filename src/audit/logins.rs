//! Logins as the small files have them, found again in the histories.

use std::borrow::ToOwned as _;
use std::collections::HashMap;
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::field::Role;
use crate::text::Text;
use crate::timestamp::Timestamp;

use super::across_rules::{HOST_DIFFERS, NAME_DIFFERS};
use super::lastlog;
use super::rule::{Findings, Severity, Spot};
use super::scene::Scene;

/// Live logins and lastlog slots remembered; files with more are hostile.
pub(super) const MOST: usize = 1 << 18;
/// Logins of one line and second remembered: two files may each have one.
const MOST_HERE: usize = 4;
/// Two programs that log one login do so within this time.
pub(super) const SAME_LOGIN: i64 = 2;

/// A login as utmp or lastlog has it.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) user: Option<Vec<u8>>,
    pub(super) uid: Option<u64>,
    pub(super) line: Vec<u8>,
    pub(super) host: Vec<u8>,
    pub(super) time: Timestamp,
    pub(super) spot: Spot,
    pub(super) bytes: Vec<u8>,
    pub(super) shown: String,
    /// Whether the history has it too, and whether under the same name.
    pub(super) recorded: bool,
    pub(super) same_name: bool,
}

/// By line and second.
#[derive(Debug, Default)]
pub(super) struct Logins {
    pub(super) all: Vec<Login>,
    by_place: HashMap<(Vec<u8>, i64), Vec<usize>>,
}

impl Logins {
    pub(super) fn put(&mut self, login: Login) {
        if self.all.len() < MOST {
            let place = (login.line.clone(), login.time.tv_sec);
            let here = self.by_place.entry(place).or_default();
            if here.len() < MOST_HERE {
                here.push(self.all.len());
                self.all.push(login);
            }
        }
    }

    /// Marks the logins a history record is a record of, and tells of another name or host,
    /// unless that was `told` already.
    pub(super) fn compare(
        &mut self,
        scene: &Scene<'_>,
        file: &str,
        told: &mut bool,
        out: &mut Findings,
    ) {
        let line = scene.entry.ut_line.as_bytes();
        let user = scene.entry.ut_user.as_bytes();
        let (mut other, mut moved) = (None, None);
        for sec in scene.sec().saturating_sub(SAME_LOGIN)..=scene.sec().saturating_add(SAME_LOGIN) {
            let Some(places) = self.by_place.get(&(line.to_owned(), sec)) else { continue };
            for &place in places {
                let Some(login) = self.all.get_mut(place) else { continue };
                let same_name = login.user.as_deref().is_none_or(|name| same(name, user));
                login.recorded = true;
                login.same_name |= same_name;
                if !login.same_name && sec == scene.sec() {
                    other = Some(place);
                } else if same_name && sec == scene.sec() && !same_host(login, scene) {
                    moved = Some(place);
                }
            }
        }
        if *told {
            return;
        }
        *told = moved.is_some() || other.is_some();
        if let Some(login) = moved.and_then(|place| self.all.get(place)) {
            host_differs(scene, login, file, out);
        }
        let Some(login) = other.and_then(|place| self.all.get(place)) else { return };
        let name = login.user.as_deref().unwrap_or_default();
        let message = format!(
            "{:?} logs in on {} at the second at which {file} has {:?} there: consistent with the \
             name having been changed in one of the files",
            scene.entry.ut_user,
            scene.entry.ut_line,
            Text::new(name),
        );
        scene.find_role(out, Role::User, &NAME_DIFFERS, NAME_DIFFERS.severity, message);
    }
}

pub(super) fn login(scene: &Scene<'_>, user: Option<&[u8]>, uid: Option<u64>) -> Login {
    Login {
        user: user.map(<[u8]>::to_owned),
        uid,
        line: scene.entry.ut_line.as_bytes().to_owned(),
        host: scene.entry.ut_host.as_bytes().to_owned(),
        time: scene.time(),
        spot: scene.spot(),
        bytes: scene.record.bytes().to_owned(),
        shown: lastlog::shown(scene),
        recorded: false,
        same_name: false,
    }
}

fn same_host(login: &Login, scene: &Scene<'_>) -> bool {
    same(&login.host, scene.entry.ut_host.as_bytes())
}

fn host_differs(scene: &Scene<'_>, login: &Login, file: &str, out: &mut Findings) {
    let host = scene.entry.ut_host;
    let unset = host.is_empty() || login.host.is_empty();
    let mosh = login.host.windows(4).any(|part| part == b"mosh");
    let severity = if unset || mosh { Severity::Low } else { HOST_DIFFERS.severity };
    let message = format!(
        "{:?} logs in from {host:?}; for the same login {file} has {:?}: consistent with the host \
         having been changed in one of the files",
        scene.entry.ut_user,
        Text::new(&login.host),
    );
    scene.find_role(out, Role::Host, &HOST_DIFFERS, severity, message);
}

/// Names agree as far as the shorter field goes.
fn same(a: &[u8], b: &[u8]) -> bool {
    a == b || (a.len().min(b.len()) >= 8 && (a.starts_with(b) || b.starts_with(a)))
}
