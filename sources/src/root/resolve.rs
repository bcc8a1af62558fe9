//! Resolves paths of another system as that system would.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::problem::{Problem, ProblemKind};
use crate::tree::{Kind, Tree, is_absent};

/// The number of links that Linux follows on the way to one file.
const LINKS: u32 = 40;

/// A link that is being followed.
struct Followed {
    link: PathBuf,
    target: PathBuf,
    /// Number of steps that will be left after those of the target.
    left: usize,
}

/// Returns the place of `path` in the tree of a system, without links in it; `None` if it does not
/// exist. An absolute link is resolved from the top of the tree, and nothing outside is accessed.
pub(super) fn resolve(tree: &dyn Tree, path: &Path) -> Result<Option<PathBuf>, Problem> {
    let mut todo: VecDeque<Step> = steps(path).collect();
    let mut at: Vec<OsString> = Vec::new();
    let below = |at: &[OsString]| at.iter().collect::<PathBuf>();
    let mut followed: Option<Followed> = None;
    let mut links = 0;
    while let Some(step) = todo.pop_front() {
        let name = match step {
            Step::Top => {
                at.clear();
                continue;
            }
            Step::Up if at.pop().is_some() => continue,
            Step::Up | Step::Elsewhere => {
                let (link, target) = link_and_target(followed, tree.full(&below(&at)));
                return Err(Problem::new(link, ProblemKind::Outside { target }));
            }
            Step::Down(name) => name,
        };
        at.push(name);
        let here = below(&at);
        let kind = match tree.kind(&here) {
            Ok(kind) => kind,
            Err(error) if is_absent(&error) => {
                // A missing file is only a problem if a link points to it.
                if followed.as_ref().is_none_or(|followed| todo.len() < followed.left) {
                    return Ok(None);
                }
                let (link, target) = link_and_target(followed, tree.full(&here));
                return Err(Problem::new(link, ProblemKind::Missing { target }));
            }
            Err(error) => return Err(Problem::new(tree.full(&here), ProblemKind::Io(error))),
        };
        if kind == Kind::Link {
            links += 1;
            if links > LINKS {
                return Err(Problem::new(tree.full(&here), ProblemKind::Loop));
            }
            at.pop();
            match tree.link(&here) {
                Ok(target) => {
                    let left = todo.len();
                    let target_steps: Vec<Step> = steps(&target).collect();
                    target_steps.into_iter().rev().for_each(|step| todo.push_front(step));
                    followed = Some(Followed { link: tree.full(&here), target, left });
                }
                Err(error) => return Err(Problem::new(tree.full(&here), ProblemKind::Io(error))),
            }
        }
    }
    Ok(Some(below(&at)))
}

/// Returns the link that is being followed and its target; without a link, `path` for both.
fn link_and_target(followed: Option<Followed>, path: PathBuf) -> (PathBuf, PathBuf) {
    match followed {
        Some(Followed { link, target, .. }) => (link, target),
        None => (path.clone(), path),
    }
}

enum Step {
    Top,
    Up,
    Down(OsString),
    /// Another drive.
    Elsewhere,
}

fn steps(path: &Path) -> impl Iterator<Item = Step> {
    path.components().filter_map(|component| match component {
        Component::Prefix(_) => Some(Step::Elsewhere),
        Component::RootDir => Some(Step::Top),
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Down(name.to_owned())),
    })
}
