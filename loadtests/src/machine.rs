//! What a run was made on.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::results::Machine;

impl Machine {
    /// Looks around. What the system does not say stays empty.
    #[must_use]
    pub fn look(weir: &Path) -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let system = value(&release, "PRETTY_NAME=").trim_matches('"').to_owned();
        Self {
            processor: value(&processor, "model name").to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: kibibytes(value(&memory, "MemTotal")) * 1024,
            system: format!("{system}, {} {}", std::env::consts::OS, kernel.trim()),
            weir: version(weir),
            build: build(weir),
        }
    }
}

/// What stands behind `name` and a colon, if there is one.
fn value<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default()
        .trim_start_matches(|c: char| c == ':' || c.is_whitespace())
        .trim_end()
}

fn kibibytes(text: &str) -> u64 {
    let number = text.split_whitespace().next().unwrap_or_default();
    number.parse().unwrap_or(0)
}

fn version(weir: &Path) -> String {
    let output = Command::new(weir).arg("--version").output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// Cargo keeps each build in a folder of its name.
pub(crate) fn build(weir: &Path) -> String {
    let folder = weir.parent().and_then(Path::file_name);
    folder.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_behind_their_names() {
        assert_eq!(
            value("a\t: 1\nmodel name\t: Core 2\n", "model name"),
            "Core 2"
        );
        assert_eq!(kibibytes(value("MemTotal:    2048 kB\n", "MemTotal")), 2048);
        assert_eq!(value("", "MemTotal"), "");
    }

    #[test]
    fn the_build_is_the_folder_of_the_binary() {
        assert_eq!(build(Path::new("/a/target/release/weir")), "release");
    }
}
