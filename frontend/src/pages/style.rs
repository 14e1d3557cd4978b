//! The style sheets, made small once and inlined in every document.

use std::sync::LazyLock;

/// What a dashboard needs.
pub(super) static DASHBOARD: LazyLock<String> = LazyLock::new(|| {
    minify(concat!(
        include_str!("../../style/tokens.css"),
        include_str!("../../style/grid.css"),
        include_str!("../../style/tile.css"),
        include_str!("../../style/chart.css"),
        include_str!("../../style/filters.css"),
    ))
});

/// What menus and option lists need once they are opened.
pub(super) static OPEN: LazyLock<String> =
    LazyLock::new(|| minify(include_str!("../../style/open.css")));

/// What stands around a member's dashboard, on top of [`DASHBOARD`].
pub(super) static MEMBER: LazyLock<String> = LazyLock::new(|| {
    let mut css = DASHBOARD.clone();
    css.push_str(&minify(include_str!("../../style/member.css")));
    css
});

/// What marks a dashboard in a preview, on top of [`DASHBOARD`].
pub(super) static PREVIEW: LazyLock<String> = LazyLock::new(|| {
    let mut css = DASHBOARD.clone();
    css.push_str(&minify(include_str!("../../style/preview.css")));
    css
});

/// What the small pages need.
pub(super) static PLAIN: LazyLock<String> = LazyLock::new(|| {
    minify(concat!(
        include_str!("../../style/tokens.css"),
        include_str!("../../style/member.css"),
    ))
});

/// What the governance portal needs; a dashboard carries none of it.
pub(super) static PORTAL: LazyLock<String> = LazyLock::new(|| {
    minify(concat!(
        include_str!("../../style/tokens.css"),
        include_str!("../../style/portal.css"),
        include_str!("../../style/portal-parts.css"),
        include_str!("../../style/portal-pages.css"),
    ))
});

/// What skeletons need inside their shadow root; tokens reach them by inheritance.
pub(super) static SKELETON: LazyLock<String> =
    LazyLock::new(|| minify(include_str!("../../style/grid.css")));

/// The script of every dashboard.
pub(super) static BOOT: LazyLock<String> =
    LazyLock::new(|| bare(include_str!("../../script/boot.js")));

/// What stands before and after an embedded dashboard's own script.
pub(super) static LATE: LazyLock<(String, String)> = LazyLock::new(|| {
    let around = include_str!("../../script/late.js");
    let (before, after) = around
        .split_once("/* the frame's script */")
        .unwrap_or((around, ""));
    (bare(before), bare(after))
});

/// The script of a notice in a host page's frame.
pub(super) static NOTICE: LazyLock<String> =
    LazyLock::new(|| bare(include_str!("../../script/notice.js")));

/// A script without indentation and without its lines of comment.
fn bare(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let kept: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    kept.join("\n")
}

/// Drops comments and the white space that means nothing. Our own style sheets keep to a simple
/// shape (no strings with braces, no `a :pseudo` selectors), which a test watches.
fn minify(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut small = String::with_capacity(bare.len());
    for word in bare.split_whitespace() {
        let glued = small.ends_with(['{', '}', ';', ',', ':', '>'])
            || word.starts_with(['{', '}', ';', ',', '>']);
        if !glued && !small.is_empty() {
            small.push(' ');
        }
        small.push_str(word);
    }
    small.replace(";}", "}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minifying_keeps_the_spaces_that_mean_something() {
        let css = "/* a */ .a  .b > .c {\n  width: calc(1px + 2%);\n  margin: 0 1px;\n}\n";

        assert_eq!(minify(css), ".a .b>.c{width:calc(1px + 2%);margin:0 1px}");
    }

    #[test]
    fn a_dashboards_style_stays_small_and_whole() {
        assert!(DASHBOARD.len() < 10 * 1024, "{} bytes", DASHBOARD.len());
        assert!(!DASHBOARD.contains("</"), "would end the style element");
        assert_eq!(
            DASHBOARD.matches('{').count(),
            DASHBOARD.matches('}').count()
        );
    }

    #[test]
    fn the_portals_style_stays_small_and_whole() {
        assert!(PORTAL.len() < 24 * 1024, "{} bytes", PORTAL.len());
        assert!(!PORTAL.contains("</"), "would end the style element");
        assert_eq!(PORTAL.matches('{').count(), PORTAL.matches('}').count());
    }
}
