//! `budgets.toml`: which measures may be how much, and what is said when they are not.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use figment::Figment;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;

use crate::results::{Measure, Outcome, Section, Unit, Verdict};

/// All budgets.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    #[serde(rename = "budget")]
    all: Vec<Budget>,
}

/// A limit of one measure, or of several that differ in their labels.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// The measure's name.
    measure: String,
    /// Labels that it must have; those that are not named may be anything.
    #[serde(default, rename = "where")]
    labels: BTreeMap<String, String>,
    at_most: Option<f64>,
    at_least: Option<f64>,
    /// The plans that must measure it. Where another does, it is held to the budget too.
    #[serde(default)]
    plans: Vec<String>,
    /// Why it is this much.
    why: String,
}

impl Budgets {
    /// Reads the text of `budgets.toml`.
    ///
    /// # Errors
    /// A key that is unknown or missing, a budget without a limit or with a limit that is none.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let budgets: Self = Figment::from(Toml::string(text))
            .extract()
            .context("the budgets can't be read")?;
        for budget in &budgets.all {
            let limits = [budget.at_most, budget.at_least];
            let any = limits.iter().flatten().count() > 0;
            let finite = limits.iter().flatten().all(|limit| limit.is_finite());
            ensure!(
                any && finite,
                "the budget of `{}` has no `at_most` and no `at_least`",
                budget.measure
            );
        }
        Ok(budgets)
    }

    /// What they say about what a plan found.
    #[must_use]
    pub fn hold(&self, plan: &str, sections: &[Section]) -> Vec<Verdict> {
        let measures = || sections.iter().flat_map(|section| &section.measures);
        let mut verdicts = Vec::new();
        for budget in &self.all {
            let before = verdicts.len();
            let fitting = measures().filter(|measure| budget.fits(measure));
            verdicts.extend(fitting.map(|measure| budget.judge(measure)));
            let promised = budget.plans.iter().any(|name| name == plan);
            if promised && verdicts.len() == before {
                verdicts.push(budget.missing(plan));
            }
        }
        verdicts
    }
}

impl Budget {
    fn fits(&self, measure: &Measure) -> bool {
        self.measure == measure.name
            && self
                .labels
                .iter()
                .all(|(label, value)| measure.labels.get(label) == Some(value))
    }

    fn judge(&self, measure: &Measure) -> Verdict {
        let above = self.at_most.filter(|most| measure.value > *most);
        let below = self.at_least.filter(|least| measure.value < *least);
        // What is not a number keeps no budget.
        let broken = above.or(below).is_some() || !measure.value.is_finite();
        let value = shown(measure.value, measure.unit);
        let limit = [("at most", self.at_most), ("at least", self.at_least)]
            .into_iter()
            .filter_map(|(word, limit)| Some(format!("{word} {}", shown(limit?, measure.unit))))
            .collect::<Vec<_>>()
            .join(" and ");
        let name = format!("`{}`{}", self.measure, labels(&measure.labels));
        let held = if broken {
            format!("{name} is {value}, and must be {limit} ({})", self.why)
        } else {
            format!("{name} is {value} ({limit})")
        };
        let sentence = if measure.because.is_empty() {
            format!("{held}.")
        } else {
            format!("{held}: {}.", measure.because)
        };
        Verdict {
            sentence,
            outcome: if broken {
                Outcome::Over
            } else {
                Outcome::Within
            },
        }
    }

    fn missing(&self, plan: &str) -> Verdict {
        Verdict {
            sentence: format!(
                "`{}`{} was not measured, and the plan `{plan}` promises it ({}).",
                self.measure,
                labels(&self.labels),
                self.why
            ),
            outcome: Outcome::Missing,
        }
    }
}

fn labels(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let said = labels
        .iter()
        .map(|(label, value)| format!("{label} {value}"));
    format!(" ({})", said.collect::<Vec<_>>().join(", "))
}

/// A number with its unit, as people read it.
#[must_use]
pub fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ratio if value != 0.0 && value.abs() < 0.1 => format!("{value:.4}"),
        Unit::Milliseconds if value.abs() < 10.0 => format!("{value:.2} ms"),
        Unit::Milliseconds => format!("{value:.0} ms"),
        Unit::PerSecond if value.abs() < 10.0 => format!("{value:.1}/s"),
        Unit::PerSecond => format!("{value:.0}/s"),
        Unit::Bytes if value.abs() >= 1_073_741_824.0 => {
            format!("{:.1} GiB", value / 1_073_741_824.0)
        }
        Unit::Bytes if value.abs() >= 1_048_576.0 => format!("{:.1} MiB", value / 1_048_576.0),
        Unit::Bytes if value.abs() >= 1024.0 => format!("{:.1} KiB", value / 1024.0),
        Unit::Bytes => format!("{value:.0} B"),
        Unit::Count if value.fract() == 0.0 => format!("{value:.0}"),
        Unit::Ratio | Unit::Count => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests;
