//! Where libchdb is.
//!
//! Owns the order of places looked at and the npm package's name. Must not load anything.

use std::path::{Path, PathBuf};

use super::Error;

/// The release of the npm package that this module was tried with.
pub const VERSION: &str = "26.7.3-stable.1";

/// The npm package for this machine. Those for macOS and for Linux on ARM are named by `chdb` as its
/// parts, but were not published when this was written.
pub const PACKAGE: &str = if cfg!(target_os = "macos") {
    if cfg!(target_arch = "aarch64") {
        "@chdb/lib-darwin-arm64"
    } else {
        "@chdb/lib-darwin-x64"
    }
} else if cfg!(target_arch = "aarch64") {
    "@chdb/lib-linux-arm64-gnu"
} else {
    "@chdb/lib-linux-x64-gnu"
};

/// chdb keeps the `.so` name on macOS too.
const FILE: &str = "libchdb.so";

/// The file named, or the first there is: beside the executable, then in `node_modules` of the
/// directories above the executable, then of those above the current directory.
pub fn find(named: Option<&Path>, executable: &Path, current: &Path) -> Result<PathBuf, Error> {
    let places = match named {
        Some(path) => vec![path.to_owned()],
        None => places(executable, current),
    };
    match places.iter().find(|place| place.is_file()) {
        Some(found) => Ok(found.clone()),
        None => {
            let looked: Vec<_> = places
                .iter()
                .map(|place| place.display().to_string())
                .collect();
            Err(Error::LibraryMissing(looked.join(", ")))
        }
    }
}

fn places(executable: &Path, current: &Path) -> Vec<PathBuf> {
    let beside = executable.parent().map(|folder| folder.join(FILE));
    let above = executable.ancestors().skip(1).chain(current.ancestors());
    let modules = above.map(|folder| folder.join("node_modules").join(PACKAGE).join(FILE));
    let mut places: Vec<PathBuf> = Vec::new();
    for place in beside.into_iter().chain(modules) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_executable_comes_first_and_the_root_last() {
        let places = places(
            Path::new("/opt/crumbtrail/bin/crumbtrail"),
            Path::new("/srv/shop"),
        );
        let first: Vec<_> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        assert_eq!(first[0], "/opt/crumbtrail/bin/libchdb.so");
        assert_eq!(
            first[1],
            format!("/opt/crumbtrail/bin/node_modules/{PACKAGE}/libchdb.so")
        );
        assert_eq!(
            first.last().unwrap(),
            &format!("/srv/node_modules/{PACKAGE}/libchdb.so")
        );
    }

    #[test]
    fn a_missing_library_says_how_to_get_it() {
        let error = find(
            Some(Path::new("/nowhere/libchdb.so")),
            Path::new("/x"),
            Path::new("/"),
        )
        .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("npm install @chdb/") && text.contains("/nowhere/libchdb.so"),
            "{text}"
        );
    }
}
