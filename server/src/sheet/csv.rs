//! Comma-separated text (RFC 4180) in UTF-8, with a byte order mark, without which spreadsheets guess
//! the accents wrong. Numbers have a point, dates are ISO, NULL is empty.

use weir_query::{Cell, ResultSet};

/// What tells a spreadsheet that the text is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The first line.
#[must_use]
pub fn head(labels: &[String]) -> Vec<u8> {
    let labels = labels.iter().map(|label| guarded(label)).collect();
    let mut text = MARK.to_vec();
    text.extend(written(std::iter::once(labels)));
    text
}

/// Some more lines.
#[must_use]
pub fn lines(rows: &ResultSet) -> Vec<u8> {
    let rows = rows.rows().iter();
    written(rows.map(|row| row.iter().map(spelled).collect()))
}

fn written(records: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for record in records {
        // Into memory, and every record has as many fields: neither can fail.
        if writer.write_record(&record).is_err() {
            break;
        }
    }
    writer.into_inner().unwrap_or_default()
}

fn spelled(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Double(value) => value.to_string(),
        Cell::Decimal(value) => value.to_string(),
        Cell::Text(text) => guarded(text),
        Cell::Date(day) => day.to_string(),
        Cell::Timestamp(at) => at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
    }
}

/// The text, with an apostrophe before everything that a spreadsheet might take for something to
/// compute: at its start, and behind what ends a cell where lists are separated by semicolons.
fn guarded(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for c in text.chars() {
        if begins && SIGNS.contains(&c) {
            guarded.push('\'');
        }
        begins = ENDS.contains(&c) || (begins && c == ' ');
        guarded.push(c);
    }
    guarded
}

/// What a formula begins with.
const SIGNS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What may end a cell, whatever stands around it.
const ENDS: [char; 4] = [';', '\t', '\r', '\n'];

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use weir_query::{CellType, OutputColumn};

    use super::*;

    fn line(cells: Vec<Cell>) -> String {
        let column = |index: usize| OutputColumn {
            name: format!("c{index}"),
            cell_type: CellType::Text,
        };
        let columns = (0..cells.len()).map(column).collect();
        let rows = ResultSet::new(columns, vec![cells], false);
        String::from_utf8(lines(&rows)).unwrap()
    }

    #[test]
    fn a_text_that_would_be_computed_is_kept_from_it() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", " =1"] {
            let line = line(vec![Cell::Text(text.to_owned())]);

            let line = line.trim_start_matches(['"', ' ']);
            assert!(line.starts_with('\''), "{line}");
        }
    }

    #[test]
    fn nor_is_it_computed_behind_what_ends_a_cell_elsewhere() {
        for (text, written) in [
            ("x;=1", "x;'=1"),
            ("x; -1", "x; '-1"),
            ("x\n=1", "\"x\n'=1\""),
            ("a-b, c+d", "\"a-b, c+d\""),
        ] {
            let line = line(vec![Cell::Text(text.to_owned())]);

            assert_eq!(line, format!("{written}\r\n"));
        }
    }

    #[test]
    fn numbers_stay_numbers_also_below_zero() {
        let line = line(vec![
            Cell::Integer(-5),
            Cell::Decimal("-1204.50".parse().unwrap()),
            Cell::Double(-0.25),
        ]);

        assert_eq!(line, "-5,-1204.50,-0.25\r\n");
    }

    #[test]
    fn commas_quotes_and_lines_stay_within_their_cell() {
        let line = line(vec![
            Cell::Text("a,\"b\"\nc".to_owned()),
            Cell::Null,
            Cell::Date(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()),
        ]);

        assert_eq!(line, "\"a,\"\"b\"\"\nc\",,2026-01-31\r\n");
    }

    #[test]
    fn a_lone_null_is_a_line_of_its_own() {
        assert_eq!(line(vec![Cell::Null]), "\"\"\r\n");
    }

    #[test]
    fn the_head_has_a_mark_and_no_formulas() {
        let head = head(&["Prime émise".to_owned(), "=1".to_owned()]);

        assert_eq!(
            String::from_utf8(head).unwrap(),
            "\u{feff}Prime émise,'=1\r\n"
        );
    }
}
