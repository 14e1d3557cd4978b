use std::error::Error as _;
use std::fs;

use super::*;

/// A configuration that is fine.
const FINE: &str = r#"
[http]
bind = "127.0.0.1:8080"
public_url = "https://weir.example"

[lake]
dir = "/lake"
mask_key = "the mask key of the tests, 32 bytes or more"

[content]
policies = "/policies"
dashboards = "/dashboards"

[registry]
url = "sqlite:///var/lib/weir/weir.db"

[assets]
dir = "/site"

[oidc]
issuer = "https://sso.example"
client_id = "weir"
client_secret = "a secret"

[embed]
master_key_file = "/etc/weir/master.key"
"#;

fn load(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weir.toml");
    fs::write(&file, text).unwrap();
    Config::load(&file).map_err(|error| {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        format!("{error}: {cause}")
    })
}

#[test]
fn r17_what_is_wrong_is_refused_and_named_by_its_key() {
    assert!(load(FINE).is_ok());
    for (right, wrong, key) in [
        ("[embed]", "[embd]", "embd"),
        ("dir = \"/site\"", "folder = \"/site\"", "assets"),
        ("bind =", "bnd = 1\nbind =", "bnd"),
        ("127.0.0.1:8080", "everywhere", "http.bind"),
        ("https://weir.example", "weir", "http.public_url"),
        (
            "https://weir.example",
            "http://weir.example",
            "http.public_url",
        ),
        (
            "https://weir.example",
            "https://weir.example/app",
            "http.public_url",
        ),
        ("bind =", "hosts = [\"*.example\"]\nbind =", "http.hosts"),
        ("client_secret = \"a secret\"", "", "oidc.client_secret"),
        (
            "master_key_file = \"/etc/weir/master.key\"",
            "",
            "embed.master_key_file",
        ),
        (
            "mask_key = \"the mask key of the tests, 32 bytes or more\"",
            "",
            "lake.mask_key",
        ),
        ("url = \"sqlite:///var/lib/weir/weir.db\"", "", "registry"),
    ] {
        assert!(FINE.contains(right), "{right}");

        let said = load(&FINE.replacen(right, wrong, 1)).unwrap_err();

        assert!(said.contains(key), "{wrong}: {said}");
    }
}
