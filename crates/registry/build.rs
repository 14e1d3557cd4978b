//! Rebuilds the crate when a migration is added or changed: they are embedded in it.

fn main() {
    let migrations = "../../migrations";
    let line = format!("cargo::rerun-if-changed={migrations}\n");
    // Cargo reads this from standard output; nothing can be done where that is closed.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes());
}
