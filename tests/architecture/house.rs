//! The files of a crate and which of them names which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::paths::{self, Named};

/// A source file.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// As a module: `["session", "table"]` for `session/table/mod.rs`; empty for `lib.rs`.
    pub(crate) module: Vec<String>,
    /// Its text without comments, strings and tests.
    pub(crate) code: String,
    pub(crate) lines: usize,
    pub(crate) names: Vec<Named>,
}

/// Returns all files of a crate except programs in `bin/` and tests.
pub(crate) struct House {
    pub(crate) files: Vec<File>,
}

/// Files by their modules, and those that each names.
pub(crate) type Graph = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

impl House {
    pub(crate) fn read(root: &str) -> House {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::from(root)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true if !path.ends_with("bin") => folders.push(path),
                    false if path.extension().is_some_and(|ext| ext == "rs") => {
                        files.push(File::read(Path::new(root), path));
                    }
                    _ => {}
                }
            }
        }
        assert!(files.len() > 10, "{root}: {} files", files.len());
        let declared: BTreeSet<Vec<String>> = files
            .iter()
            .flat_map(|file| {
                let children = paths::declared(&file.code);
                children.into_iter().map(|child| [file.module.clone(), vec![child]].concat())
            })
            .collect();
        files.retain(|file| file.module.is_empty() || declared.contains(&file.module));
        files.sort_by(|one, other| one.module.cmp(&other.module));
        House { files }
    }

    /// Which file names which. A path belongs to the file that defines it: what a file only
    /// hands on with `pub use` is looked for where it has it from.
    pub(crate) fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        for file in &self.files {
            let used = file.names.iter().filter(|named| !named.is_reexport);
            let targets = used.map(|named| self.home(&named.path, 0));
            let others = targets.filter(|target| *target != file.module);
            graph.insert(file.module.clone(), others.collect());
        }
        graph
    }

    /// The module whose file defines the path.
    fn home(&self, path: &[String], hops: u32) -> Vec<String> {
        let file = |module: &[String]| self.files.iter().find(|file| file.module == module);
        let known = (0..=path.len()).rev().find_map(|len| file(&path[..len]));
        let Some(file) = known else { return Vec::new() };
        let Some((item, below)) = path[file.module.len()..].split_first() else {
            return file.module.clone();
        };
        let mut names = file.names.iter().filter(|named| named.is_reexport);
        match names.find(|named| named.name == *item).filter(|_| hops < 5) {
            Some(named) => self.home(&[&named.path, below].concat(), hops + 1),
            None => file.module.clone(),
        }
    }
}

impl File {
    fn read(root: &Path, path: PathBuf) -> File {
        let text = fs::read_to_string(&path).unwrap();
        let below = path.strip_prefix(root).unwrap().with_extension("");
        let mut module: Vec<String> =
            below.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        let code = paths::code(&text);
        let names = paths::named(&code, &module, &paths::declared(&code));
        File { path, module, code, lines: text.lines().count(), names }
    }
}

/// The circles of a graph: groups of nodes each of which leads to every other.
pub(crate) fn circles<N: Ord + Clone>(graph: &BTreeMap<N, BTreeSet<N>>) -> Vec<Vec<N>> {
    let mut reached: BTreeMap<N, BTreeSet<N>> = BTreeMap::new();
    for node in graph.keys() {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&N> = graph.get(node).into_iter().flatten().collect();
        while let Some(node) = next.pop() {
            if seen.insert(node.clone()) {
                next.extend(graph.get(node).into_iter().flatten());
            }
        }
        reached.insert(node.clone(), seen);
    }
    let leads = |from: &N, to: &N| reached.get(from).is_some_and(|seen| seen.contains(to));
    let mut found: Vec<Vec<N>> = Vec::new();
    for node in graph.keys().filter(|node| leads(node, node)) {
        match found.iter_mut().find(|circle| leads(node, &circle[0]) && leads(&circle[0], node)) {
            Some(circle) => circle.push(node.clone()),
            None => found.push(vec![node.clone()]),
        }
    }
    found
}

/// The graph between what lies directly in a folder, each thing with all below it. The
/// folder's own `mod.rs` is `""`.
pub(crate) fn within(graph: &Graph, folder: &[String]) -> BTreeMap<String, BTreeSet<String>> {
    let part = |module: &[String]| {
        let below = module.strip_prefix(folder)?;
        Some(below.first().cloned().unwrap_or_default())
    };
    let mut parts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, targets) in graph {
        let Some(from) = part(module) else { continue };
        let others = targets.iter().filter_map(|target| part(target)).filter(|to| *to != from);
        parts.entry(from.clone()).or_default().extend(others);
    }
    parts
}

/// Every folder of a graph, the root first.
pub(crate) fn folders(graph: &Graph) -> BTreeSet<Vec<String>> {
    let parents = |module: &Vec<String>| {
        (0..module.len()).map(|len| module[..len].to_vec()).collect::<Vec<_>>()
    };
    graph.keys().flat_map(parents).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str) -> Vec<String> {
        path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    fn graph(arrows: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::new();
        for (from, to) in arrows {
            graph.entry(module(from)).or_default().insert(module(to));
            graph.entry(module(to)).or_default();
        }
        graph
    }

    #[test]
    fn a_circle_of_files_is_found() {
        let straight = [("a", "b"), ("b", "c"), ("a", "c")];
        assert!(circles(&graph(&straight)).is_empty());
        let bent = [&straight[..], &[("c", "a")]].concat();
        assert_eq!(circles(&graph(&bent)).len(), 1);
        assert_eq!(circles(&graph(&bent))[0].len(), 3);
    }

    #[test]
    fn a_circle_of_folders_is_found_where_files_have_none() {
        let graph = graph(&[("a::x", "b::x"), ("b::y", "a::y")]);
        assert!(circles(&graph).is_empty());
        assert_eq!(circles(&within(&graph, &[])), [["a", "b"]]);
        assert!(circles(&within(&graph, &module("a"))).is_empty());
    }
}
