//! Who gains and who loses, from counts to view-models.

use std::collections::BTreeSet;

use weir_frontend::model::LinkVm;
use weir_frontend::model::admin::{
    ColumnChange, ColumnEffect, ExampleKey, ImpactRow, ImpactState, ImpactVm,
};
use weir_policy::words::Vocabulary as _;
use weir_query::Locale;

use super::desk::Desk;
use super::rules::{dataset, label};
use crate::content::Content;
use crate::service::governance::{CatalogWords, Counted, Dossier};
use crate::service::impact::{ColumnImpact, Example, ExampleChange, Impact, Shown, UnitImpact};

/// What a draft does, counted.
pub(super) fn counted(desk: &Desk, dossier: &Dossier, counted: &Counted) -> ImpactState {
    let teller = Teller {
        desk,
        before: &dossier.before,
        after: dossier.after.as_deref().unwrap_or(&dossier.before),
    };
    ImpactState::Counted(teller.impact(counted))
}

/// Words the counts.
struct Teller<'a> {
    desk: &'a Desk,
    before: &'a Content,
    after: &'a Content,
}

impl Teller<'_> {
    fn impact(&self, counted: &Counted) -> ImpactVm {
        let impacts = &counted.impacts;
        let mut rows: Vec<_> = impacts.iter().flat_map(|one| self.rows(one)).collect();
        let most = impacts
            .iter()
            .flat_map(|one| &one.units)
            .map(|unit| unit.gained.max(unit.lost))
            .max()
            .unwrap_or_default();
        for (row, (gained, lost)) in &mut rows {
            row.gained_share = share(*gained, most);
            row.lost_share = share(*lost, most);
        }
        let widened: BTreeSet<_> = impacts
            .iter()
            .flat_map(|one| &one.units)
            .filter(|unit| unit.gained > 0)
            .map(|unit| &unit.unit)
            .collect();
        let others = counted.looked_at.saturating_sub(impacts.len());
        ImpactVm {
            counted_on: self.counted_on(counted),
            rows: rows.into_iter().map(|(row, _)| row).collect(),
            untouched: untouched(others, self.desk.locale),
            tiles: self.tiles(impacts),
            units_widened: u32::try_from(widened.len()).unwrap_or(u32::MAX),
        }
    }

    fn counted_on(&self, counted: &Counted) -> String {
        counted_on(self.desk, counted.data_time)
    }

    fn rows(&self, impact: &Impact) -> Vec<(ImpactRow, (u64, u64))> {
        let touched = impact
            .units
            .iter()
            .filter(|unit| unit.gained > 0 || unit.lost > 0);
        let mut rows: Vec<_> = touched
            .map(|unit| (self.row(impact, Some(unit)), (unit.gained, unit.lost)))
            .collect();
        if rows.is_empty() {
            rows.push((self.row(impact, None), (0, 0)));
        }
        if let Some((first, _)) = rows.first_mut() {
            first.examples = impact.examples.iter().map(example).collect();
        }
        rows
    }

    fn row(&self, impact: &Impact, unit: Option<&UnitImpact>) -> ImpactRow {
        let locale = self.desk.locale;
        let count = |number: Option<u64>| {
            number.map_or_else(
                || "–".to_owned(),
                |number| self.desk.presenter().count(number),
            )
        };
        let some = |number: Option<u64>| number.filter(|number| *number > 0);
        let amount = |number| some(number).map_or_else(String::new, |number| count(Some(number)));
        ImpactRow {
            business_unit: self.unit(unit),
            persona: self.persona(&impact.person),
            dataset: label(&[self.after, self.before], &impact.dataset, locale),
            before: count(unit.map(|unit| unit.before)),
            after: count(unit.map(|unit| unit.after)),
            gained: amount(unit.map(|unit| unit.gained)),
            lost: amount(unit.map(|unit| unit.lost)),
            gained_share: 0.0,
            lost_share: 0.0,
            columns: impact
                .columns
                .iter()
                .map(|column| self.column(impact, column))
                .collect(),
            examples: Vec::new(),
        }
    }

    fn unit(&self, unit: Option<&UnitImpact>) -> String {
        let Some(code) = unit.and_then(|unit| unit.unit.as_deref()) else {
            return "–".to_owned();
        };
        let mut units = self.before.business_units().iter();
        let known = units.find(|(unit, _)| unit.as_str() == code);
        known.map_or_else(
            || code.to_owned(),
            |(_, label)| label.get(self.desk.locale).to_owned(),
        )
    }

    fn persona(&self, name: &str) -> String {
        let content = self.desk.state.dashboards.published.current();
        let mut personas = content.personas().iter();
        let found = personas.find(|persona| persona.name().as_str() == name);
        found.map_or_else(
            || name.to_owned(),
            |persona| persona.label(self.desk.locale).to_owned(),
        )
    }

    fn column(&self, impact: &Impact, column: &ColumnImpact) -> ColumnEffect {
        let dataset = dataset(self.after, &impact.dataset);
        let words = CatalogWords::new(dataset, self.desk.locale);
        let label = words.column(&column.column);
        ColumnEffect {
            column: label.map_or_else(|| column.column.to_string(), str::to_owned),
            change: match (&column.before, &column.after) {
                (_, Shown::Hidden) => ColumnChange::Hidden,
                (Shown::Hidden, _) => ColumnChange::Shown,
                (_, Shown::Visible) => ColumnChange::Unmasked,
                (_, Shown::Masked(_)) => ColumnChange::Masked,
            },
        }
    }

    fn tiles(&self, impacts: &[Impact]) -> Vec<LinkVm> {
        let touched: BTreeSet<_> = impacts
            .iter()
            .flat_map(|impact| &impact.tiles)
            .map(|tile| (tile.dashboard.as_str(), tile.tile.as_str()))
            .collect();
        touched
            .into_iter()
            .map(|(slug, id)| LinkVm {
                label: self.tile(slug, id),
                href: format!("/d/{slug}?locale={}", self.desk.locale),
            })
            .collect()
    }

    fn tile(&self, slug: &str, id: &str) -> String {
        let locale = self.desk.locale;
        let Some(dashboard) = self.after.dashboard(slug) else {
            return format!("{slug}: {id}");
        };
        let mut tiles = dashboard.tiles().iter();
        let tile = tiles.find(|tile| tile.id.as_str() == id);
        let tile = tile.map_or(id, |tile| tile.title.get(locale));
        let colon = match locale {
            Locale::EnCa => ": ",
            Locale::FrCa => "\u{a0}: ",
        };
        format!("{}{colon}{tile}", dashboard.title().get(locale))
    }
}

/// "Counted on the data of 21 Nov 2026, 14:05."
pub(super) fn counted_on(desk: &Desk, data_time: Option<chrono::DateTime<chrono::Utc>>) -> String {
    let Some(time) = data_time else {
        return String::new();
    };
    let time = desk.presenter().when(time).text;
    match desk.locale {
        Locale::EnCa => format!("Counted on the data of {time}."),
        Locale::FrCa => format!("Compté sur les données du {time}."),
    }
}

/// Shares are drawn, not read: a double is precise enough.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    let permille = u128::from(part) * 1000 / u128::from(whole);
    f64::from(u32::try_from(permille).unwrap_or(1000)) / 1000.0
}

fn example(example: &Example) -> ExampleKey {
    let key: Vec<&str> = example.key.values().map(String::as_str).collect();
    ExampleKey {
        key: key.join(" · "),
        gained: example.change == ExampleChange::Gained,
    }
}

fn untouched(others: usize, locale: Locale) -> String {
    match (others, locale) {
        (0, _) => String::new(),
        (1, Locale::EnCa) => {
            "1 other combination of persona and dataset sees what it saw.".to_owned()
        }
        (1, Locale::FrCa) => {
            "1 autre combinaison de profil et de jeu de données voit ce qu’elle voyait.".to_owned()
        }
        (more, Locale::EnCa) => {
            format!("{more} other combinations of persona and dataset see what they saw.")
        }
        (more, Locale::FrCa) => format!(
            "{more} autres combinaisons de profil et de jeu de données voient ce qu’elles voyaient."
        ),
    }
}
