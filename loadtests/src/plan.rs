//! A plan: what is done, in sections, each with its own settings. `plans/*.toml` are the ones that
//! Weir brings; any other file will do.

use std::path::Path;

use anyhow::Context as _;
use figment::Figment;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;

use crate::browser::BrowserPlan;
use crate::figures::FiguresPlan;
use crate::fleet::FleetPlan;
use crate::http::HttpPlan;
use crate::soak::SoakPlan;

/// The plans that Weir brings, by name.
const OWN: [(&str, &str); 7] = [
    ("browser", include_str!("../plans/browser.toml")),
    ("figures", include_str!("../plans/figures.toml")),
    ("fleet", include_str!("../plans/fleet.toml")),
    ("full", include_str!("../plans/full.toml")),
    ("http", include_str!("../plans/http.toml")),
    ("smoke", include_str!("../plans/smoke.toml")),
    ("soak", include_str!("../plans/soak.toml")),
];

/// What one run does. Sections that are not named are left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its name: the file's.
    #[serde(skip)]
    pub name: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// Plans whose sections it takes, where it has none of its own; `[[http]]` and `[[soak]]` cases are
    /// added.
    #[serde(default)]
    pub include: Vec<String>,
    /// Rows of `gold.statements` in the sample lake.
    #[serde(default = "rows")]
    pub rows: u64,
    /// What Chromium sees.
    pub browser: Option<BrowserPlan>,
    /// Requests in an open loop, case by case.
    #[serde(default)]
    pub http: Vec<HttpPlan>,
    /// Several replicas.
    pub fleet: Option<FleetPlan>,
    /// Beside nginx.
    pub figures: Option<FiguresPlan>,
    /// For long, case by case.
    #[serde(default)]
    pub soak: Vec<SoakPlan>,
}

fn rows() -> u64 {
    260_000
}

impl Plan {
    /// The plan of that name, or in the file of that name.
    ///
    /// # Errors
    /// There is none, or it can't be read.
    pub fn find(wanted: &str) -> anyhow::Result<Self> {
        if let Some((name, text)) = OWN.iter().find(|(name, _)| *name == wanted) {
            return Self::parse(name, text);
        }
        let path = Path::new(wanted);
        let names = OWN.map(|(name, _)| name).join(", ");
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("`{wanted}` is neither a file nor one of the plans {names}")
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &text)
    }

    fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let plan: Self = Figment::from(Toml::string(text))
            .extract()
            .with_context(|| format!("the plan `{name}` can't be read"))?;
        let named = Self {
            name: name.to_owned(),
            ..plan
        };
        let included = named.include.clone();
        included.iter().try_fold(named, |plan, other| {
            let text = OWN.iter().find(|(name, _)| name == other);
            let (name, text) = text.with_context(|| format!("there is no plan `{other}`"))?;
            Ok(plan.with(Self::parse(name, text)?))
        })
    }

    fn with(mut self, other: Self) -> Self {
        self.http.extend(other.http);
        self.soak.extend(other.soak);
        Self {
            browser: self.browser.or(other.browser),
            fleet: self.fleet.or(other.fleet),
            figures: self.figures.or(other.figures),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_that_weir_brings_can_be_read() {
        for (name, _) in OWN {
            let plan = Plan::find(name).unwrap_or_else(|error| panic!("{name}: {error:#}"));

            assert_eq!(plan.name, name);
        }
    }

    #[test]
    fn a_plan_takes_the_sections_of_those_it_includes() {
        let full = Plan::find("full").unwrap();
        let (http, figures) = (Plan::find("http").unwrap(), Plan::find("figures").unwrap());

        assert_eq!((full.http, full.figures), (http.http, figures.figures));
        assert!(Plan::parse("mine", "about = \"a\"\ninclude = [\"smoek\"]\n").is_err());
    }

    #[test]
    fn an_unknown_plan_is_told_which_there_are() {
        let error = Plan::find("smoek").unwrap_err();

        assert!(error.to_string().contains("smoke"), "{error:#}");
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(Plan::parse("mine", "about = \"a\"\nrow = 5\n").is_err());
    }
}
