//! The house: which room may import from which, as `ARCHITECTURE.md` tells it, and how large a file may be.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src`, from the top down: a file imports from its own room and from those before it.
const ROOMS: [&str; 18] = [
    "scalar",
    "error",
    "seed",
    "simd",
    "stream",
    "normal_distribution",
    "hypergeometric",
    "quadrature",
    "fan",
    "activation",
    "weights",
    "init",
    "chain",
    "nn",
    "theory",
    "diagnosis",
    "testing",
    "plot",
];

/// What one file does for all others: the text of it, and the file.
const ONLY_IN: [(&str, &str); 2] = [("libm::sqrt", "scalar"), ("multiversion", "simd")];

/// Lines of a file, its tests not counted.
const MAX_LINES: usize = 400;

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|&known| known == room)
}

/// The first names of a path, or of the paths in braces: `a::B` gives a, `{a::B, c}` gives a and c.
fn heads(path: &str) -> impl Iterator<Item = &str> {
    let (paths, count) = match path.strip_prefix('{') {
        Some(group) => (group, usize::MAX),
        None => (path, 1),
    };
    let name = |path: &str| path.trim().find(|c: char| !c.is_alphanumeric() && c != '_');
    paths.split(',').take(count).map(str::trim).map(move |path| &path[..name(path).unwrap_or(path.len())])
}

/// What is wrong with a file of `src`, given its path there and its text; tests at its end are free.
fn faults(path: &Path, text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().take_while(|&line| line != "#[cfg(test)]").collect();
    let mut faults = Vec::new();
    if code.len() > MAX_LINES {
        faults.push(format!("{} lines before its tests, more than {MAX_LINES}", code.len()));
    }
    let mut module: Vec<_> = path.iter().map(|part| part.to_str().unwrap().trim_end_matches(".rs")).collect();
    module.pop_if(|name| *name == "mod");
    let [room, ..] = module[..] else { unreachable!("every path has a part") };
    if matches!(room, "lib" | "prelude") {
        return faults;
    }
    let Some(here) = place(room) else {
        faults.push(format!("the room {room} has no place in the list"));
        return faults;
    };
    for (number, line) in (1..).zip(&code).filter(|(_, line)| !line.trim_start().starts_with("//")) {
        let mut fault = |what: String| faults.push(format!("line {number} {what}: {}", line.trim()));
        for (text, only) in ONLY_IN.iter().filter(|(text, only)| line.contains(text) && *only != room) {
            fault(format!("does what {only}.rs is for, {text}"));
        }
        // What a macro calls by `$crate` is written for the user's crate.
        for (at, _) in line.match_indices("crate::").filter(|(at, _)| !line[..*at].ends_with('$')) {
            let wrong = heads(&line[at + 7..]).find_map(|name| match place(name) {
                Some(there) if there <= here => None,
                Some(_) => Some(format!("imports from {name}, which stands below {room}")),
                // Exported macros live nowhere else.
                None if name.starts_with("assert_") => None,
                None if name.starts_with(char::is_lowercase) => {
                    Some(format!("imports from {name}, which has no place in the list"))
                }
                None => Some("imports through the crate root".into()),
            });
            wrong.into_iter().for_each(&mut fault);
        }
        // In an inline module, which is indented, `super` is this file.
        if line.starts_with("use ") && line.matches("super::").count() >= module.len() {
            fault("reaches the crate root by super".into());
        }
    }
    faults
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let is_source =
        |path: &PathBuf| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs");
    files.into_iter().filter(is_source).chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

#[test]
fn every_file_imports_from_above_and_is_short() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&src);
    assert!(sources.len() > 50, "only {} files in {}", sources.len(), src.display());
    let faults: Vec<String> = sources
        .iter()
        .flat_map(|path| {
            let inside = path.strip_prefix(&src).unwrap();
            let faults = faults(inside, &fs::read_to_string(path).unwrap());
            faults.into_iter().map(move |fault| format!("src/{}: {fault}", inside.display()))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn planted_faults_are_seen() {
    for (path, text, expected) in [
        ("fan.rs", "use crate::error::InitError;\n\n/// See [`crate::theory`] and [`crate::He`].", None),
        ("chain/mod.rs", "pub use report::Report;\nmod inner {\n    use super::Seed;\n}", None),
        ("testing/macros.rs", "$crate::Seed::random()", None),
        ("testing/mod.rs", "pub use crate::{assert_law, assert_independent};", None),
        ("fan.rs", "use crate::{error::InitError, seed};", None),
        ("fan.rs", "#[cfg(test)]\nmod tests {\n    use crate::init::He;\n}", None),
        ("lib.rs", "pub use init::He;", None),
        ("fan.rs", "use crate::init::He;", Some("line 1 imports from init, which stands below fan")),
        ("chain/layer.rs", "fn f() {\n    crate::nn::g();\n}", Some("line 2 imports from nn")),
        ("chain/layer.rs", "use crate::Scalar;", Some("imports through the crate root")),
        ("chain/layer.rs", "use crate::{scalar, Seed};", Some("imports through the crate root")),
        ("chain/layer.rs", "use crate::{", Some("imports through the crate root")),
        ("fan.rs", "use crate::{error, init};", Some("imports from init")),
        ("chain/layer.rs", "use super::super::Scalar;", Some("reaches the crate root")),
        ("chain/mod.rs", "use super::Scalar;", Some("reaches the crate root")),
        ("attic/mod.rs", "", Some("has no place")),
        (
            "chain/moments.rs",
            "#[multiversion::multiversion(targets(\"x86_64+avx2\"))]",
            Some("simd.rs is for"),
        ),
        ("fan.rs", "let side = libm::sqrt(2.0);", Some("line 1 does what scalar.rs is for")),
        ("fan.rs", &"\n".repeat(MAX_LINES + 1), Some("401 lines")),
    ] {
        let found = faults(Path::new(path), text);
        match expected {
            None => assert_eq!(found, [""; 0], "{path}: {text}"),
            Some(fault) => assert!(found.iter().any(|f| f.contains(fault)), "{path}: {text:?}: {found:?}"),
        }
    }
}
