//! How numbers, dates and ages are written.

use weir_query::Period;
use weir_query::catalog::{Grain, NumberFormat};

use super::{EN, FR, at, day, dec, presenter};
use crate::present::date::timeline;

fn cad() -> NumberFormat {
    NumberFormat::Currency("CAD".to_owned())
}

fn other(code: &str) -> NumberFormat {
    NumberFormat::Currency(code.to_owned())
}

/// `~` stands for a no-break space.
fn spaced(text: &str) -> String {
    text.replace('~', "\u{a0}")
}

#[test]
fn exact_numbers_are_grouped_as_each_language_does() {
    let cases = [
        ("1234567.89", cad(), "$1,234,567.89", "1~234~567,89~$"),
        ("-1234.5", cad(), "−$1,234.50", "−1~234,50~$"),
        ("0", cad(), "$0.00", "0,00~$"),
        ("0.005", cad(), "$0.005", "0,005~$"),
        ("1204", other("USD"), "US$1,204.00", "1~204,00~$~US"),
        ("1204", other("JPY"), "JPY~1,204", "1~204~JPY"),
        ("1234567", NumberFormat::Integer, "1,234,567", "1~234~567"),
        ("0.62371", NumberFormat::Percent, "62.37%", "62,37~%"),
        ("-0.5", NumberFormat::Percent, "−50.00%", "−50,00~%"),
        ("12.345", NumberFormat::Decimals(1), "12.3", "12,3"),
        ("-0.04", NumberFormat::Decimals(1), "0.0", "0,0"),
        (
            "79228162514264337593543950335",
            NumberFormat::Integer,
            "79,228,162,514,264,337,593,543,950,335",
            "79~228~162~514~264~337~593~543~950~335",
        ),
    ];
    for (value, format, en, fr) in cases {
        assert_eq!(presenter(EN).numbers.exact(dec(value), &format), spaced(en));
        assert_eq!(presenter(FR).numbers.exact(dec(value), &format), spaced(fr));
    }
}

#[test]
fn short_numbers_keep_three_significant_digits() {
    let cases = [
        ("13712345.67", cad(), "$13.7M", "13,7~M$"),
        ("412345", cad(), "$412K", "412~k$"),
        ("412345", NumberFormat::Integer, "412K", "412~k"),
        ("4210000", cad(), "$4.21M", "4,21~M$"),
        ("13000000", cad(), "$13.0M", "13,0~M$"),
        ("2500000000", cad(), "$2.50B", "2,50~G$"),
        ("7100000000000", cad(), "$7.10T", "7,10~T$"),
        ("999999", cad(), "$1.00M", "1,00~M$"),
        ("9999.4", cad(), "$9,999", "9~999~$"),
        ("9999.5", cad(), "$10.0K", "10,0~k$"),
        ("10049.5", cad(), "$10.0K", "10,0~k$"),
        ("-13712345", cad(), "−$13.7M", "−13,7~M$"),
        ("41.2", cad(), "$41.20", "41,20~$"),
        ("412.5", cad(), "$413", "413~$"),
        ("1204", NumberFormat::Integer, "1,204", "1~204"),
        ("7", NumberFormat::Integer, "7", "7"),
        ("0", NumberFormat::Integer, "0", "0"),
        ("4.256", NumberFormat::Decimals(2), "4.26", "4,26"),
        ("42.56", NumberFormat::Decimals(2), "42.6", "42,6"),
        ("425.6", NumberFormat::Decimals(2), "426", "426"),
        ("0.04249", NumberFormat::Percent, "4.2%", "4,2~%"),
        ("12345678", other("CHF"), "CHF~12.3M", "12,3~M~CHF"),
        (
            "79228162514264337593543950335",
            cad(),
            "$79,200,000,000,000,000T",
            "79~200~000~000~000~000~T$",
        ),
    ];
    for (value, format, en, fr) in cases {
        assert_eq!(
            presenter(EN).numbers.short(dec(value), &format),
            spaced(en),
            "{value}"
        );
        assert_eq!(
            presenter(FR).numbers.short(dec(value), &format),
            spaced(fr),
            "{value}"
        );
    }
}

#[test]
fn ticks_share_one_magnitude_and_leave_the_currency_to_the_subtitle() {
    let labels = |values: &[f64], format: NumberFormat, locale| -> Vec<String> {
        let ticks = presenter(locale).numbers.ticks(values, &format);
        ticks.into_iter().map(|tick| tick.label).collect()
    };
    assert_eq!(labels(&[0.0, 2.5e6, 5e6], cad(), EN), ["0", "2.5M", "5.0M"]);
    assert_eq!(
        labels(&[-5e5, 0.0, 5e5], cad(), FR),
        ["−500\u{a0}k", "0", "500\u{a0}k"]
    );
    assert_eq!(
        labels(&[0.0, 0.25, 0.5], NumberFormat::Percent, EN),
        ["0%", "25%", "50%"]
    );
    assert_eq!(
        labels(&[0.0, 0.25, 0.5], NumberFormat::Percent, FR),
        ["0\u{a0}%", "25\u{a0}%", "50\u{a0}%"]
    );
    assert_eq!(
        labels(&[0.0, 2000.0, 8000.0], NumberFormat::Integer, EN),
        ["0", "2,000", "8,000"]
    );
    assert_eq!(
        labels(&[0.0, 0.1, 0.2], NumberFormat::Decimals(1), FR),
        ["0", "0,1", "0,2"]
    );
    assert_eq!(labels(&[0.0, 1e300], cad(), EN).len(), 2);
}

#[test]
fn dates_and_periods_read_like_the_language() {
    let (en, fr) = (presenter(EN).dates, presenter(FR).dates);
    assert_eq!(en.day(day("2026-11-21")), "21 Nov 2026");
    assert_eq!(fr.day(day("2026-11-21")), "21 nov. 2026");
    assert_eq!(fr.day(day("2025-11-01")), "1er nov. 2025");
    assert_eq!(en.month(day("2026-10-01")), "Oct 2026");
    assert_eq!(fr.month(day("2026-10-01")), "oct. 2026");
    for (grain, in_en, in_fr) in [
        (Grain::Week, "Week of 5 Oct 2026", "Semaine du 5 oct. 2026"),
        (Grain::Quarter, "Q4 2026", "T4 2026"),
        (Grain::Year, "2026", "2026"),
    ] {
        assert_eq!(en.cut(day("2026-10-05"), grain), in_en);
        assert_eq!(fr.cut(day("2026-10-05"), grain), in_fr);
    }
    for (from, to, in_en, in_fr) in [
        (
            "2025-11-01",
            "2026-10-31",
            "Nov 2025 to Oct 2026",
            "nov. 2025 à oct. 2026",
        ),
        ("2026-10-01", "2026-10-31", "Oct 2026", "oct. 2026"),
        (
            "2026-10-03",
            "2026-10-31",
            "3 Oct 2026 to 31 Oct 2026",
            "du 3 oct. 2026 au 31 oct. 2026",
        ),
        ("2026-10-03", "2026-10-03", "3 Oct 2026", "3 oct. 2026"),
    ] {
        let period = Period::new(day(from), day(to)).unwrap();
        assert_eq!(en.range(period), in_en);
        assert_eq!(fr.range(period), in_fr);
    }
}

#[test]
fn moments_are_eastern_time_in_summer_and_winter() {
    let (en, fr) = (presenter(EN).dates, presenter(FR).dates);
    assert_eq!(en.moment(at("2026-11-21T19:05:00")), "21 Nov 2026, 14:05");
    assert_eq!(
        fr.moment(at("2026-11-21T19:05:00")),
        "21 nov. 2026, 14\u{a0}h\u{a0}05"
    );
    assert_eq!(en.moment(at("2026-07-01T03:05:00")), "30 Jun 2026, 23:05");
}

#[test]
fn ages_round_down_and_never_run_ahead() {
    for (then, en, fr) in [
        ("2026-11-21T12:00:00", "just now", "à l’instant"),
        ("2026-11-21T12:30:00", "just now", "à l’instant"),
        ("2026-11-21T11:48:00", "12 min old", "il y a 12\u{a0}min"),
        ("2026-11-21T08:01:00", "3 h old", "il y a 3\u{a0}h"),
        ("2026-11-18T12:00:00", "3 days old", "il y a 3\u{a0}jours"),
    ] {
        let now = at("2026-11-21T12:00:00");
        assert_eq!(presenter(EN).dates.age(at(then), now), en);
        assert_eq!(presenter(FR).dates.age(at(then), now), fr);
    }
}

#[test]
fn a_time_axis_has_every_step_of_data_and_period() {
    let days = |present: &[&str], grain, period: Option<(&str, &str)>| -> Vec<String> {
        let present = present.iter().map(|iso| day(iso)).collect();
        let period = period.and_then(|(from, to)| Period::new(day(from), day(to)));
        timeline(&present, grain, period)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        days(&["2026-01-01", "2026-04-01"], Grain::Month, None),
        ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]
    );
    assert_eq!(
        days(
            &["2026-02-01"],
            Grain::Month,
            Some(("2026-01-01", "2026-03-31"))
        ),
        ["2026-01-01", "2026-02-01", "2026-03-01"]
    );
    // The week of 26 October begins before the period; it is there only if the data has it.
    let november = Some(("2026-10-28", "2026-11-10"));
    assert_eq!(
        days(&["2026-11-02"], Grain::Week, november),
        ["2026-11-02", "2026-11-09"]
    );
    assert_eq!(
        days(&["2026-10-26"], Grain::Week, november),
        ["2026-10-26", "2026-11-02", "2026-11-09"]
    );
    assert_eq!(
        days(
            &["2026-04-01"],
            Grain::Quarter,
            Some(("2026-01-01", "2026-06-30"))
        )
        .len(),
        2
    );
    assert!(days(&[], Grain::Day, november).is_empty());
    assert_eq!(
        days(&["0001-01-01", "2026-01-01"], Grain::Day, None).len(),
        2,
        "a stray date"
    );
}

#[test]
fn years_are_named_where_they_begin() {
    let days: Vec<_> = ["2025-11-01", "2025-12-01", "2026-01-01"].map(day).to_vec();
    let axis = presenter(FR).dates.axis(&days, Grain::Month);
    let read: Vec<_> = axis
        .iter()
        .map(|c| (c.short.as_str(), c.group.as_deref()))
        .collect();
    assert_eq!(
        read,
        [
            ("nov.", Some("2025")),
            ("déc.", None),
            ("janv.", Some("2026"))
        ]
    );
    assert_eq!(presenter(EN).dates.axis(&days, Grain::Year)[0].group, None);
}
