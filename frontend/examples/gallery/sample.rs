//! Believable pages of an insurer, in both languages, the same on every run.

#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::too_many_arguments,
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "sample data, written to be read"
)]

use weir_frontend::chart::scale::{nice_ticks, nice_ticks_from_zero};
use weir_frontend::model::{
    Axis, BarItem, BarVm, CardVm, CategoryVm, Cell, Change, ChoiceOption, Column, ColumnKind,
    Direction, DonutVm, FileVm, FilterKind, FilterVm, HomeVm, Hue, KpiVm, Launch, LineVm, LinkVm,
    Locale, MemberFrame, NavLink, NextStep, NoticeVm, Orientation, PageTrust, PageVm, PeriodOption,
    PointVm, ProblemVm, Realm, SeriesVm, SignInVm, SignedOutVm, SliceVm, Span, StackedBarVm,
    TableVm, Theme, Tick, TileBody, TileFrame, TileKind, TileSlot, TileVm, Tone, TrustVm,
};
use weir_frontend::pages;
use weir_frontend::text::Text;

/// Which page.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Variant {
    Embed,
    Member,
    States,
    Pending,
}

/// Both languages of one text.
type Both = (&'static str, &'static str);

fn say(locale: Locale, both: Both) -> String {
    match locale {
        Locale::EnCa => both.0,
        Locale::FrCa => both.1,
    }
    .to_owned()
}

/// A number with groups and decimals as the language writes it.
fn number(locale: Locale, value: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(if locale == Locale::EnCa {
                ','
            } else {
                '\u{a0}'
            });
        }
        grouped.push(digit);
    }
    if !rest.is_empty() {
        grouped.push(if locale == Locale::EnCa { '.' } else { ',' });
        grouped.push_str(rest);
    }
    if value < 0.0 {
        format!("−{grouped}")
    } else {
        grouped
    }
}

fn money(locale: Locale, value: f64) -> String {
    match locale {
        Locale::EnCa => format!("${}", number(locale, value, 2)),
        Locale::FrCa => format!("{}\u{a0}$", number(locale, value, 2)),
    }
}

fn short(locale: Locale, value: f64) -> String {
    let (scaled, unit) = if value.abs() >= 1e6 {
        (value / 1e6, "M")
    } else {
        (value / 1e3, "k")
    };
    let decimals = if scaled.abs() >= 100.0 {
        0
    } else if scaled.abs() >= 10.0 {
        1
    } else {
        2
    };
    match locale {
        Locale::EnCa => format!(
            "{}${}{}",
            if value < 0.0 { "−" } else { "" },
            number(locale, scaled.abs(), decimals),
            unit.to_uppercase()
        ),
        Locale::FrCa => format!("{}\u{a0}{unit}$", number(locale, scaled, decimals)),
    }
}

fn axis(locale: Locale, ticks: Vec<f64>) -> Axis {
    let label = |value: f64| {
        let (scaled, unit) = if value.abs() >= 1e6 {
            (value / 1e6, "M")
        } else {
            (value / 1e3, "k")
        };
        if value == 0.0 {
            return "0".to_owned();
        }
        let decimals = usize::from((scaled.fract()).abs() > 0.01);
        match locale {
            Locale::EnCa => format!(
                "{}{}",
                number(locale, scaled, decimals),
                unit.to_uppercase()
            ),
            Locale::FrCa => format!("{}\u{a0}{unit}", number(locale, scaled, decimals)),
        }
    };
    Axis {
        min: ticks[0],
        max: ticks[ticks.len() - 1],
        ticks: ticks
            .iter()
            .map(|&value| Tick {
                value,
                label: label(value),
            })
            .collect(),
    }
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SHORT_FR: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.",
    "déc.",
];

/// The last `count` months up to October 2026.
fn months(locale: Locale, count: usize) -> Vec<CategoryVm> {
    (0..count)
        .map(|index| {
            let month = (2026 * 12 + 9) + 1 + index - count;
            let (year, month) = (month / 12, month % 12);
            let (name, short) = match locale {
                Locale::EnCa => (MONTHS_EN[month], &MONTHS_EN[month][..3]),
                Locale::FrCa => (MONTHS_FR[month], SHORT_FR[month]),
            };
            CategoryVm {
                label: format!("{name} {year}"),
                short: short.to_owned(),
                group: (month == 0 || index == 0).then(|| year.to_string()),
            }
        })
        .collect()
}

fn wave(seed: u32, index: usize) -> f64 {
    let mut state = seed
        .wrapping_mul(2_654_435_761)
        .wrapping_add(index as u32 * 40_503);
    state ^= state >> 13;
    state = state.wrapping_mul(1_274_126_177);
    f64::from(state >> 16) / 65_536.0 - 0.5
}

fn trend(seed: u32, count: usize, level: f64) -> Vec<Option<f64>> {
    (0..count)
        .map(|index| {
            let year = index as f64 / 12.0;
            let season = 0.09 * (year * std::f64::consts::TAU + 0.6).sin();
            Some((level * (1.0 + 0.04 * year + season + 0.06 * wave(seed, index))).round())
        })
        .collect()
}

fn series(locale: Locale, name: Both, hue: u8, values: &[Option<f64>]) -> SeriesVm {
    let gap = say(locale, ("No data", "Aucune donnée"));
    SeriesVm {
        name: say(locale, name),
        hue: Hue::Categorical(hue),
        points: values
            .iter()
            .map(|&value| PointVm {
                value,
                exact: value.map_or_else(|| gap.clone(), |value| money(locale, value)),
            })
            .collect(),
        last: values
            .iter()
            .rev()
            .flatten()
            .next()
            .map_or(String::new(), |&v| short(locale, v)),
    }
}

fn frame(
    locale: Locale,
    id: &str,
    title: Both,
    sub: Both,
    kind: TileKind,
    columns: u8,
    rows: u8,
) -> TileFrame {
    TileFrame {
        id: id.to_owned(),
        title: say(locale, title),
        subtitle: say(locale, sub),
        kind,
        span: Span { columns, rows },
    }
}

fn ready(locale: Locale, frame: TileFrame, body: TileBody, table: Option<TableVm>) -> TileVm {
    let trust = TrustVm {
        data_time: say(locale, ("21 Nov 2026, 14:05", "21 nov. 2026, 14 h 05")),
        data_time_iso: "2026-11-21T19:05:00Z".to_owned(),
        age: say(locale, ("3 h old", "il y a 3 h")),
        scope: say(locale, ("Auto only", "Auto seulement")),
        stale: false,
    };
    let keep = !matches!(
        body,
        TileBody::Withheld { .. } | TileBody::Unaffordable { .. } | TileBody::Error { .. }
    );
    TileVm {
        description: frame.title.clone(),
        frame,
        body,
        table,
        trust: keep.then_some(trust),
        file: keep.then(|| FileVm {
            href: "/api/v1/dashboards/sample/tiles/sample/export?format=csv".to_owned(),
            format: "csv".to_owned(),
            name: "sample.csv".to_owned(),
        }),
        why: vec![
            say(
                locale,
                (
                    "You see rows of 1 of 7 business units: Auto.",
                    "Vous voyez les lignes d’une unité d’affaires sur 7\u{a0}: Auto.",
                ),
            ),
            say(
                locale,
                (
                    "Analysts see rows where business unit is one of their own.",
                    "Les analystes voient les lignes dont l’unité d’affaires est la leur.",
                ),
            ),
            say(
                locale,
                (
                    "Nobody sees rows under legal hold.",
                    "Personne ne voit les lignes sous mise en suspens juridique.",
                ),
            ),
        ],
    }
}

fn twin(locale: Locale, categories: &[CategoryVm], first: Both, all: &[SeriesVm]) -> TableVm {
    let mut columns = vec![Column {
        label: say(locale, first),
        kind: ColumnKind::Text,
    }];
    columns.extend(all.iter().map(|one| Column {
        label: one.name.clone(),
        kind: ColumnKind::Number,
    }));
    let rows = categories.iter().enumerate().map(|(index, category)| {
        let mut row = vec![Cell {
            text: category.label.clone(),
            bar: None,
        }];
        row.extend(all.iter().map(|one| Cell {
            text: one.points[index].exact.clone(),
            bar: None,
        }));
        row
    });
    TableVm {
        columns,
        rows: rows.collect(),
        note: None,
    }
}

fn kpi(
    locale: Locale,
    id: &str,
    title: Both,
    sub: Both,
    value: String,
    exact: String,
    change: Change,
    values: Vec<Option<f64>>,
) -> TileVm {
    let body = TileBody::Kpi(KpiVm {
        value,
        exact,
        change: Some(change),
        sparkline: values,
        sparkline_label: say(locale, ("Nov 2025 to Oct 2026", "nov. 2025 à oct. 2026")),
    });
    ready(
        locale,
        frame(locale, id, title, sub, TileKind::Kpi, 3, 1),
        body,
        None,
    )
}

fn kpis(locale: Locale) -> Vec<TileVm> {
    let change = |direction, tone, en: &str, fr: &str, against: Both| Change {
        direction,
        tone,
        amount: say(
            locale,
            (
                Box::leak(en.to_owned().into_boxed_str()),
                Box::leak(fr.to_owned().into_boxed_str()),
            ),
        ),
        against: say(locale, against),
    };
    let over: Both = (
        "on the 12 months before",
        "par rapport aux 12 mois précédents",
    );
    vec![
        kpi(
            locale,
            "written-premium",
            ("Written premium", "Primes souscrites"),
            ("12 months", "12 mois"),
            short(locale, 13_653_310.0),
            money(locale, 13_653_310.25),
            change(Direction::Up, Tone::Good, "4.2%", "4,2\u{a0}%", over),
            trend(3, 12, 1.13e6),
        ),
        kpi(
            locale,
            "claims-incurred",
            ("Claims incurred", "Sinistres survenus"),
            ("12 months", "12 mois"),
            short(locale, 7_390_708.0),
            money(locale, 7_390_708.75),
            change(Direction::Up, Tone::Bad, "7.8%", "7,8\u{a0}%", over),
            trend(11, 12, 6.1e5),
        ),
        kpi(
            locale,
            "loss-ratio",
            ("Loss ratio", "Ratio sinistres-primes"),
            ("claims ÷ earned", "sinistres ÷ acquises"),
            say(locale, ("56.4%", "56,4\u{a0}%")),
            say(locale, ("56.38%", "56,38\u{a0}%")),
            change(Direction::Down, Tone::Good, "1.3 pt", "1,3\u{a0}pt", over),
            trend(17, 12, 56.0),
        ),
        kpi(
            locale,
            "policies",
            ("Policies in force", "Polices en vigueur"),
            ("month end", "fin de mois"),
            number(locale, 48_214.0, 0),
            number(locale, 48_214.0, 0),
            change(Direction::Flat, Tone::Neutral, "0.0%", "0,0\u{a0}%", over),
            trend(23, 12, 48_000.0),
        ),
    ]
}

fn over_time(locale: Locale) -> TileVm {
    let categories = months(locale, 36);
    let mut claims = trend(7, 36, 2.4e5);
    claims[20] = Some(3.9e5);
    let all = vec![
        series(
            locale,
            ("Written premium", "Primes souscrites"),
            0,
            &trend(1, 36, 3.8e5),
        ),
        series(
            locale,
            ("Claims incurred", "Sinistres survenus"),
            1,
            &claims,
        ),
    ];
    let table = twin(locale, &categories, ("Month", "Mois"), &all);
    let body = TileBody::Line(LineVm {
        categories,
        axis: axis(locale, nice_ticks_from_zero(0.0, 4.7e5, 5)),
        series: all,
    });
    ready(
        locale,
        frame(
            locale,
            "premium-by-month",
            (
                "Premium and claims by month",
                "Primes et sinistres par mois",
            ),
            ("CAD per month", "CAD par mois"),
            TileKind::Line,
            8,
            2,
        ),
        body,
        Some(table),
    )
}

const REGIONS: [(Both, f64); 10] = [
    (("Montreal", "Montréal"), 3.31e6),
    (("Quebec City", "Québec"), 2.98e6),
    (("Montérégie", "Montérégie"), 1.91e6),
    (("Laurentides", "Laurentides"), 1.24e6),
    (("Estrie", "Estrie"), 1.12e6),
    (("Outaouais", "Outaouais"), 9.8e5),
    (
        ("Saguenay–Lac-Saint-Jean", "Saguenay–Lac-Saint-Jean"),
        8.14e5,
    ),
    (("Mauricie", "Mauricie"), 5.57e5),
    (("Abitibi-Témiscamingue", "Abitibi-Témiscamingue"), 4.21e5),
    (
        (
            "Gaspésie–Îles-de-la-Madeleine",
            "Gaspésie–Îles-de-la-Madeleine",
        ),
        3.19e5,
    ),
];

fn by_region(locale: Locale) -> TileVm {
    let bars: Vec<BarItem> = REGIONS
        .iter()
        .map(|&(name, value)| BarItem {
            category: CategoryVm {
                label: say(locale, name),
                short: String::new(),
                group: None,
            },
            value: Some(value),
            text: short(locale, value),
            exact: money(locale, value),
            hue: Hue::Categorical(0),
        })
        .collect();
    let table = TableVm {
        columns: vec![
            Column {
                label: say(locale, ("Region", "Région")),
                kind: ColumnKind::Text,
            },
            Column {
                label: say(locale, ("Written premium", "Primes souscrites")),
                kind: ColumnKind::Number,
            },
        ],
        rows: bars
            .iter()
            .map(|bar| {
                vec![
                    Cell {
                        text: bar.category.label.clone(),
                        bar: None,
                    },
                    Cell {
                        text: bar.exact.clone(),
                        bar: None,
                    },
                ]
            })
            .collect(),
        note: None,
    };
    let body = TileBody::Bar(BarVm {
        orientation: Orientation::Horizontal,
        axis: axis(locale, nice_ticks_from_zero(0.0, 3.31e6, 5)),
        bars,
    });
    ready(
        locale,
        frame(
            locale,
            "premium-by-region",
            ("Premium by region", "Primes par région"),
            ("CAD, 12 months", "CAD, 12 mois"),
            TileKind::Bar,
            4,
            2,
        ),
        body,
        Some(table),
    )
}

const PRODUCTS: [(Both, u8, f64); 5] = [
    (("Essential", "Essentielle"), 0, 1.3e5),
    (("Plus", "Plus"), 1, 9.5e4),
    (("Premium", "Premium"), 2, 7.2e4),
    (("Flex", "Flex"), 3, 5.1e4),
    (("Elite", "Élite"), 4, 3.4e4),
];

fn by_product(locale: Locale) -> TileVm {
    let categories = months(locale, 24);
    let all: Vec<SeriesVm> = PRODUCTS
        .iter()
        .map(|&(name, hue, level)| {
            series(locale, name, hue, &trend(u32::from(hue) + 40, 24, level))
        })
        .collect();
    let table = twin(locale, &categories, ("Month", "Mois"), &all);
    let body = TileBody::StackedBar(StackedBarVm {
        categories,
        axis: axis(locale, nice_ticks_from_zero(0.0, 4.6e5, 5)),
        series: all,
    });
    ready(
        locale,
        frame(
            locale,
            "premium-by-product",
            ("Premium by product", "Primes par produit"),
            ("CAD per month", "CAD par mois"),
            TileKind::StackedBar,
            4,
            2,
        ),
        body,
        Some(table),
    )
}

fn top_customers(locale: Locale) -> TileVm {
    let number_column = |both| Column {
        label: say(locale, both),
        kind: ColumnKind::Number,
    };
    let text_column = |both| Column {
        label: say(locale, both),
        kind: ColumnKind::Text,
    };
    let rows = (0..20)
        .map(|index| {
            let premium = 158_425.0 * 0.87_f64.powi(index);
            let claims = premium * (0.56 + 0.4 * wave(5, index as usize));
            let ratio = claims / premium * 100.0;
            let region = REGIONS[(index as usize * 7) % 10].0;
            vec![
                Cell {
                    text: format!("{:08x}", 0x9f3a_11c7_u32.wrapping_mul(index as u32 + 3)),
                    bar: None,
                },
                Cell {
                    text: say(locale, region),
                    bar: None,
                },
                Cell {
                    text: number(locale, premium, 0),
                    bar: Some(premium / 158_425.0),
                },
                Cell {
                    text: number(locale, claims, 0),
                    bar: None,
                },
                Cell {
                    text: format!(
                        "{}{}",
                        number(locale, ratio, 1),
                        if locale == Locale::EnCa {
                            "%"
                        } else {
                            "\u{a0}%"
                        }
                    ),
                    bar: None,
                },
            ]
        })
        .collect();
    let body = TileBody::Table(TableVm {
        columns: vec![
            text_column(("Customer (hashed)", "Client (haché)")),
            text_column(("Region", "Région")),
            number_column(("Premium", "Primes")),
            number_column(("Claims", "Sinistres")),
            number_column(("Loss ratio", "Ratio S/P")),
        ],
        rows,
        note: Some(say(
            locale,
            (
                "First 20 of 1,204 customers",
                "20 premiers clients sur 1\u{a0}204",
            ),
        )),
    });
    ready(
        locale,
        frame(
            locale,
            "top-customers",
            ("Top customers", "Principaux clients"),
            ("CAD, 12 months", "CAD, 12 mois"),
            TileKind::Table,
            5,
            2,
        ),
        body,
        None,
    )
}

fn by_channel(locale: Locale) -> TileVm {
    let parts: [(Both, f64, &str, &str); 5] = [
        (("Broker", "Courtier"), 4.64e6, "34.0%", "34,0\u{a0}%"),
        (
            ("Direct, web", "Direct, Web"),
            3.55e6,
            "26.0%",
            "26,0\u{a0}%",
        ),
        (("Agent", "Agent"), 2.73e6, "20.0%", "20,0\u{a0}%"),
        (
            ("Call centre", "Centre d’appels"),
            1.91e6,
            "14.0%",
            "14,0\u{a0}%",
        ),
        (
            ("Affinity groups", "Groupes d’affinité"),
            8.2e5,
            "6.0%",
            "6,0\u{a0}%",
        ),
    ];
    let slices = parts
        .iter()
        .enumerate()
        .map(|(index, &(name, value, en, fr))| SliceVm {
            label: say(locale, name),
            value,
            text: short(locale, value),
            exact: money(locale, value),
            share: if locale == Locale::EnCa { en } else { fr }.to_owned(),
            hue: Hue::Categorical(index as u8),
        })
        .collect();
    let body = TileBody::Donut(DonutVm {
        slices,
        total: short(locale, 13_653_310.0),
        total_label: say(locale, ("Total", "Total")),
    });
    ready(
        locale,
        frame(
            locale,
            "premium-by-channel",
            ("Premium by channel", "Primes par canal"),
            ("CAD, 12 months", "CAD, 12 mois"),
            TileKind::Donut,
            3,
            2,
        ),
        body,
        None,
    )
}

fn result_by_month(locale: Locale) -> TileVm {
    let bars = months(locale, 12)
        .into_iter()
        .enumerate()
        .map(|(index, category)| {
            let value = 9e4 * (index as f64 * 0.9).cos() + 3e4;
            BarItem {
                category,
                value: Some(value),
                text: short(locale, value),
                exact: money(locale, value),
                hue: Hue::Categorical(2),
            }
        })
        .collect();
    let body = TileBody::Bar(BarVm {
        orientation: Orientation::Vertical,
        axis: axis(locale, nice_ticks_from_zero(-6e4, 1.2e5, 5)),
        bars,
    });
    ready(
        locale,
        frame(
            locale,
            "result",
            ("Underwriting result", "Résultat technique"),
            ("CAD per month", "CAD par mois"),
            TileKind::Bar,
            6,
            2,
        ),
        body,
        None,
    )
}

fn many_lines(locale: Locale) -> TileVm {
    let categories = months(locale, 18);
    let names: [Both; 4] = [
        ("Collision", "Collision"),
        ("Water damage", "Dégât d’eau"),
        ("Theft", "Vol"),
        ("Liability", "Responsabilité"),
    ];
    let all: Vec<SeriesVm> = names
        .iter()
        .enumerate()
        .map(|(index, &name)| {
            let mut values = trend(60 + index as u32, 18, 9e4 - 8e3 * index as f64);
            if index == 1 {
                values[6] = None;
                values[7] = None;
            }
            series(locale, name, index as u8, &values)
        })
        .collect();
    let table = twin(locale, &categories, ("Month", "Mois"), &all);
    let body = TileBody::Line(LineVm {
        categories,
        axis: axis(locale, nice_ticks(5e4, 1.1e5, 5)),
        series: all,
    });
    ready(
        locale,
        frame(
            locale,
            "claims-by-type",
            ("Claims by type", "Sinistres par type"),
            ("CAD per month", "CAD par mois"),
            TileKind::Line,
            6,
            2,
        ),
        body,
        Some(table),
    )
}

fn notes(locale: Locale) -> Vec<TileVm> {
    let note = |id: &str, title: Both, kind, columns, rows, body| {
        ready(
            locale,
            frame(locale, id, title, ("CAD", "CAD"), kind, columns, rows),
            body,
            None,
        )
    };
    let withheld = || TileBody::Withheld {
        reason: say(
            locale,
            (
                "No rule gives you rows of Risk exposure.",
                "Aucune règle ne vous donne accès à Exposition au risque.",
            ),
        ),
        contact: Some(say(
            locale,
            (
                "Ask the data governance office.",
                "Adressez-vous au bureau de gouvernance des données.",
            ),
        )),
    };
    let mut stale = many_lines(locale);
    if let Some(trust) = &mut stale.trust {
        trust.stale = true;
        trust.age = say(locale, ("2 days old", "il y a 2 jours"));
    }
    vec![
        note(
            "withheld-kpi",
            ("Reserve", "Provisions"),
            TileKind::Kpi,
            3,
            1,
            withheld(),
        ),
        note(
            "withheld",
            ("Exposure by hazard", "Exposition par péril"),
            TileKind::Bar,
            6,
            2,
            withheld(),
        ),
        note(
            "empty",
            ("Claims in this period", "Sinistres de la période"),
            TileKind::Bar,
            4,
            2,
            TileBody::Empty {
                sentence: say(
                    locale,
                    (
                        "No claims in this period.",
                        "Aucun sinistre dans cette période.",
                    ),
                ),
                cause: Some(say(locale, ("Region: Gaspésie", "Région\u{a0}: Gaspésie"))),
            },
        ),
        note(
            "error",
            ("Handling time", "Délai de traitement"),
            TileKind::Line,
            4,
            2,
            TileBody::Error {
                sentence: say(
                    locale,
                    (
                        "The data took too long to answer.",
                        "Les données ont mis trop de temps à répondre.",
                    ),
                ),
                request_id: "01J9ZK3V7Q4T8".to_owned(),
            },
        ),
        stale,
        result_by_month(locale),
    ]
}

/// All the tiles of the finance dashboard.
pub(crate) fn tiles(locale: Locale) -> Vec<TileVm> {
    let mut all = kpis(locale);
    all.extend([
        over_time(locale),
        by_region(locale),
        by_product(locale),
        top_customers(locale),
        by_channel(locale),
        result_by_month(locale),
        many_lines(locale),
    ]);
    all
}

fn filters(locale: Locale) -> Vec<FilterVm> {
    let options: Vec<ChoiceOption> = REGIONS
        .iter()
        .map(|&(name, _)| ChoiceOption {
            value: name.0.to_lowercase(),
            label: say(locale, name),
        })
        .collect();
    let period = |both, from: &str| PeriodOption {
        label: say(locale, both),
        from: from.to_owned(),
        to: "2026-10-31".to_owned(),
    };
    vec![
        FilterVm {
            name: "period".to_owned(),
            label: say(locale, ("Period", "Période")),
            kind: FilterKind::Period {
                options: vec![
                    period(("Last 12 months", "12 derniers mois"), "2025-11-01"),
                    period(("Last 3 months", "3 derniers mois"), "2026-08-01"),
                    period(("All data", "Toutes les données"), "2023-11-01"),
                ],
                chosen: 0,
            },
        },
        FilterVm {
            name: "region".to_owned(),
            label: say(locale, ("Region", "Région")),
            kind: FilterKind::Choice {
                chosen: options[..2].to_vec(),
                options: Some(options),
                values_url: "/api/v1/dashboards/finance-overview/filters/region/values".to_owned(),
            },
        },
        FilterVm {
            name: "channel".to_owned(),
            label: say(locale, ("Channel", "Canal")),
            kind: FilterKind::Choice {
                options: None,
                chosen: vec![],
                values_url: "/api/v1/dashboards/finance-overview/filters/channel/values".to_owned(),
            },
        },
    ]
}

fn member(locale: Locale) -> MemberFrame {
    let nav = |both, slug: &str, current| NavLink {
        label: say(locale, both),
        href: format!("/d/{slug}"),
        current,
    };
    MemberFrame {
        user_name: "Amélie Tremblay".to_owned(),
        nav: vec![
            nav(
                ("Finance overview", "Aperçu financier"),
                "finance-overview",
                true,
            ),
            nav(
                ("Claims operations", "Opérations de sinistres"),
                "claims-operations",
                false,
            ),
            nav(
                ("Risk exposure", "Exposition au risque"),
                "risk-exposure",
                false,
            ),
            nav(
                ("Daily metrics", "Indicateurs quotidiens"),
                "daily-metrics",
                false,
            ),
        ],
        switch_language_href: "/d/finance-overview?locale=fr-CA".to_owned(),
        csrf: Some("c0ffee".to_owned()),
    }
}

/// A dashboard page.
pub(crate) fn page(locale: Locale, theme: Theme, variant: Variant) -> PageVm {
    let all = if variant == Variant::States {
        notes(locale)
    } else {
        tiles(locale)
    };
    let pending = |index: usize| variant == Variant::Pending && !index.is_multiple_of(3);
    let tiles = all
        .into_iter()
        .enumerate()
        .map(|(index, tile)| {
            if pending(index) {
                TileSlot::Pending(tile.frame)
            } else {
                TileSlot::Ready(Box::new(tile))
            }
        })
        .collect();
    let realm = match variant {
        Variant::Member => Realm::Member(member(locale)),
        _ => Realm::Embed(Launch {
            token: "eyJhbGciOiJFZERTQSJ9.sample.sample".to_owned(),
            expires_in: 300,
            host_origin: "http://127.0.0.1:8081".to_owned(),
            reports: None,
        }),
    };
    PageVm {
        locale,
        slug: "finance-overview".to_owned(),
        title: say(locale, ("Finance overview", "Aperçu financier")),
        subtitle: say(
            locale,
            (
                "Premium, claims and loss ratio",
                "Primes, sinistres et ratio sinistres-primes",
            ),
        ),
        realm,
        theme,
        nonce: "bm9uY2U".to_owned(),
        assets: None,
        filters: filters(locale),
        tiles,
        trust: PageTrust {
            data_time: say(
                locale,
                (
                    "Data of 21 Nov 2026, 14:05",
                    "Données du 21 nov. 2026, 14 h 05",
                ),
            ),
            scope: say(
                locale,
                (
                    "You see 1 of 7 business units: Auto",
                    "Vous voyez 1 unité d’affaires sur 7\u{a0}: Auto",
                ),
            ),
            stale: variant == Variant::States,
        },
    }
}

/// A page of which one tile arrives late and the others never.
pub(crate) fn streamed(page: &PageVm) -> String {
    let late = tiles(page.locale)
        .into_iter()
        .nth(4)
        .map(|tile| pages::tile(&tile, page.locale))
        .unwrap_or_default();
    pages::head_and_shell(page) + &late + &pages::tail(&page.tail())
}

/// The list of dashboards.
pub(crate) fn home(locale: Locale, theme: Theme) -> HomeVm {
    let card = |title, about, slug: &str| CardVm {
        title: say(locale, title),
        description: say(locale, about),
        href: format!("/d/{slug}"),
        note: say(locale, ("Data of 21 Nov 2026", "Données du 21 nov. 2026")),
    };
    HomeVm {
        locale,
        theme,
        nonce: "bm9uY2U".to_owned(),
        member: MemberFrame {
            nav: member(locale)
                .nav
                .into_iter()
                .map(|link| NavLink {
                    current: false,
                    ..link
                })
                .collect(),
            ..member(locale)
        },
        cards: vec![
            card(
                ("Finance overview", "Aperçu financier"),
                (
                    "Premium, claims and loss ratio by month, region and product.",
                    "Primes, sinistres et ratio par mois, région et produit.",
                ),
                "finance-overview",
            ),
            card(
                ("Claims operations", "Opérations de sinistres"),
                (
                    "Backlog, handling time and reopened claims by team.",
                    "Arriéré, délais et réouvertures par équipe.",
                ),
                "claims-operations",
            ),
            card(
                ("Risk exposure", "Exposition au risque"),
                (
                    "Exposure and reserves by hazard and risk band.",
                    "Exposition et provisions par péril et par classe de risque.",
                ),
                "risk-exposure",
            ),
            card(
                ("Daily metrics", "Indicateurs quotidiens"),
                (
                    "Quotes, new policies and call volume, day by day.",
                    "Soumissions, nouvelles polices et appels, jour après jour.",
                ),
                "daily-metrics",
            ),
        ],
        scope: say(
            locale,
            (
                "You see 1 of 7 business units: Auto",
                "Vous voyez 1 unité d’affaires sur 7\u{a0}: Auto",
            ),
        ),
    }
}

/// Before signing in.
pub(crate) fn sign_in(locale: Locale, theme: Theme) -> SignInVm {
    SignInVm {
        locale,
        theme,
        nonce: "bm9uY2U".to_owned(),
        sign_in_href: "/login".to_owned(),
        choices: Vec::new(),
        switch_language_href: "/?locale=fr-CA".to_owned(),
    }
}

/// Before signing in, where there is a choice.
pub(crate) fn sign_in_choice(locale: Locale, theme: Theme) -> SignInVm {
    let choice = |id: &str, label: Both| LinkVm {
        label: say(locale, label),
        href: format!("/login?return_to=%2F&provider={id}"),
    };
    SignInVm {
        choices: vec![
            choice("staff", ("Boréal staff", "Personnel de Boréal")),
            choice(
                "brokers",
                ("Brokers and partners", "Courtiers et partenaires"),
            ),
        ],
        ..sign_in(locale, theme)
    }
}

/// After signing out.
pub(crate) fn signed_out(locale: Locale, theme: Theme) -> SignedOutVm {
    SignedOutVm {
        locale,
        theme,
        nonce: "bm9uY2U".to_owned(),
        sign_in_href: "/login".to_owned(),
        switch_language_href: "/?locale=fr-CA".to_owned(),
    }
}

/// A problem.
pub(crate) fn problem(locale: Locale, theme: Theme) -> ProblemVm {
    ProblemVm {
        locale,
        theme,
        nonce: "bm9uY2U".to_owned(),
        framed: false,
        title: say(
            locale,
            (
                "This dashboard does not exist, or is not yours to see",
                "Ce tableau de bord n’existe pas ou ne vous est pas ouvert",
            ),
        ),
        sentence: say(
            locale,
            (
                "Check the address, or ask the person who sent it to you.",
                "Vérifiez l’adresse ou demandez à la personne qui vous l’a envoyée.",
            ),
        ),
        request_id: "01J9ZK3V7Q4T8".to_owned(),
        action: Some(LinkVm {
            label: say(locale, ("All dashboards", "Tous les tableaux de bord")),
            href: "/".to_owned(),
        }),
    }
}

/// An embed that was withdrawn.
pub(crate) fn notice(locale: Locale, theme: Theme) -> NoticeVm {
    NoticeVm {
        locale,
        theme,
        nonce: "bm9uY2U".to_owned(),
        code: "access-revoked".to_owned(),
        title: Text::WithdrawnTitle.of(locale).to_owned(),
        sentence: Text::WithdrawnLead.of(locale).to_owned(),
        next: NextStep::Button,
        request_id: "01J9ZK3V7Q4T8".to_owned(),
    }
}
