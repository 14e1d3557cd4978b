//! Two texts, line by line.

use weir_frontend::model::admin::{DiffLine, Side};

/// The most pairs of lines that are compared; longer texts are shown one after the other.
const MOST: usize = 4_000_000;

/// Their text against one's own. The lines of each, in order, give that text again.
pub(super) fn lines(theirs: &str, yours: &str) -> Vec<DiffLine> {
    let (theirs, yours): (Vec<_>, Vec<_>) = (theirs.lines().collect(), yours.lines().collect());
    let alike = |(one, other): &(&&str, &&str)| one == other;
    let head = theirs.iter().zip(&yours).take_while(alike).count();
    let (theirs_rest, yours_rest) = (rest(&theirs, head), rest(&yours, head));
    let tail = theirs_rest
        .iter()
        .rev()
        .zip(yours_rest.iter().rev())
        .take_while(alike)
        .count();
    let middle = |lines: &[&'_ str]| lines.len().saturating_sub(tail);
    let (theirs_middle, same) = split(theirs_rest, middle(theirs_rest));
    let (yours_middle, _) = split(yours_rest, middle(yours_rest));
    let mut found = said(Side::Both, theirs.iter().take(head));
    found.extend(between(theirs_middle, yours_middle));
    found.extend(said(Side::Both, same.iter()));
    found
}

fn rest<'l, 't>(lines: &'l [&'t str], from: usize) -> &'l [&'t str] {
    lines.get(from..).unwrap_or_default()
}

fn split<'l, 't>(lines: &'l [&'t str], at: usize) -> (&'l [&'t str], &'l [&'t str]) {
    lines.split_at_checked(at).unwrap_or((lines, &[]))
}

fn said<'l, 't: 'l>(side: Side, lines: impl Iterator<Item = &'l &'t str>) -> Vec<DiffLine> {
    let line = |text: &&str| DiffLine {
        side,
        text: (*text).to_owned(),
    };
    lines.map(line).collect()
}

/// The longest common subsequence, and what stands around it.
fn between(theirs: &[&str], yours: &[&str]) -> Vec<DiffLine> {
    if theirs.len().saturating_mul(yours.len()) > MOST {
        let mut found = said(Side::Theirs, theirs.iter());
        found.extend(said(Side::Yours, yours.iter()));
        return found;
    }
    let common = common(theirs, yours);
    let length = |row: usize, column: usize| {
        let row: Option<&Vec<u32>> = common.get(row);
        row.and_then(|row| row.get(column))
            .copied()
            .unwrap_or_default()
    };
    let (mut row, mut column, mut found) = (0, 0, Vec::new());
    loop {
        let (side, text) = match (theirs.get(row), yours.get(column)) {
            (Some(one), Some(other)) if one == other => (Side::Both, one),
            (Some(one), Some(_)) if length(row + 1, column) >= length(row, column + 1) => {
                (Side::Theirs, one)
            }
            (Some(one), None) => (Side::Theirs, one),
            (_, Some(other)) => (Side::Yours, other),
            (None, None) => return found,
        };
        row += usize::from(side != Side::Yours);
        column += usize::from(side != Side::Theirs);
        found.extend(said(side, std::iter::once(text)));
    }
}

/// For each place in both texts, how many lines of what follows can be paired.
fn common(theirs: &[&str], yours: &[&str]) -> Vec<Vec<u32>> {
    let mut rows = vec![vec![0; yours.len() + 1]];
    for one in theirs.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0_u32];
        // From the last line to the first, so both rows are read backwards.
        let columns = yours.iter().rev().zip(below.windows(2));
        for (other, pair) in columns {
            let (diagonal, down) = match pair {
                [diagonal, down] => (*diagonal, *down),
                _ => (0, 0),
            };
            let right = row.last().copied().unwrap_or_default();
            row.push(if one == other {
                diagonal + 1
            } else {
                down.max(right)
            });
        }
        rows.push(row);
    }
    rows.reverse();
    for row in &mut rows {
        row.reverse();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(theirs: &str, yours: &str) -> Vec<(Side, String)> {
        let found = lines(theirs, yours).into_iter();
        found.map(|line| (line.side, line.text)).collect()
    }

    #[test]
    fn what_is_alike_is_shown_once() {
        let both = |text: &str| (Side::Both, text.to_owned());

        assert_eq!(
            sides("a\nb\nx\nc\nd\n", "a\nb\ny\nc\nz\nd\n"),
            [
                both("a"),
                both("b"),
                (Side::Theirs, "x".to_owned()),
                (Side::Yours, "y".to_owned()),
                both("c"),
                (Side::Yours, "z".to_owned()),
                both("d"),
            ]
        );
    }

    #[test]
    fn no_line_of_either_text_is_lost() {
        let texts = ["", "a", "a\nb\na", "b\na\nb\nc", "c\nc\nb", "x\ny\nz\na"];
        for theirs in texts {
            for yours in texts {
                let found = lines(theirs, yours);
                let of = |side: Side| {
                    let kept = found.iter().filter(|line| line.side != side);
                    kept.map(|line| line.text.as_str()).collect::<Vec<_>>()
                };
                assert_eq!(of(Side::Yours), theirs.lines().collect::<Vec<_>>());
                assert_eq!(of(Side::Theirs), yours.lines().collect::<Vec<_>>());
            }
        }
    }
}
