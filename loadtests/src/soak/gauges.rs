//! What Weir says about itself, on the listener of its metrics.

use super::SoakPlan;
use crate::surroundings::{Web, WeirSettings, free_port};

/// The gauges of a plan, and where they are.
#[derive(Debug)]
pub(super) struct Gauges {
    names: Vec<String>,
    url: String,
    web: Web,
}

impl Gauges {
    /// Without gauges, Weir is not asked to say anything.
    pub(super) fn of(
        plan: &SoakPlan,
        settings: WeirSettings,
    ) -> anyhow::Result<(Self, WeirSettings)> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let gauges = Self {
            names: plan.gauges.clone(),
            url: format!("http://{address}/metrics"),
            web: Web::new(),
        };
        let settings = if plan.gauges.is_empty() {
            settings
        } else {
            settings.with("telemetry.metrics_bind", &address)
        };
        Ok((gauges, settings))
    }

    /// Their values now; not a number for what is not said.
    pub(super) async fn look(&self) -> Vec<f64> {
        if self.names.is_empty() {
            return Vec::new();
        }
        let answer = self.web.get(&self.url).await;
        let text = answer.map_or_else(
            |_| String::new(),
            |answer| String::from_utf8_lossy(&answer.body).into_owned(),
        );
        self.names.iter().map(|name| value(&text, name)).collect()
    }
}

/// The sum of all series of that name in Prometheus' text.
fn value(text: &str, name: &str) -> f64 {
    let series = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let rest = match rest.strip_prefix('{') {
            Some(labels) => labels.rsplit_once('}')?.1,
            None => rest,
        };
        // Another name begins the same way, or an exemplar follows.
        rest.strip_prefix(' ')?.split(' ').next()?.parse().ok()
    });
    let values: Vec<f64> = series.collect();
    if values.is_empty() {
        f64::NAN
    } else {
        values.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gauge_is_the_sum_of_its_series_and_of_no_others() {
        let text = "# TYPE weir_cache_bytes gauge\nweir_cache_bytes{kind=\"a\"} 5\n\
                    weir_cache_bytes{kind=\"b\"} 7\nweir_cache_bytes_total 100\nweir_ready 1\n";

        assert!((value(text, "weir_cache_bytes") - 12.0).abs() < 1e-9);
        assert!((value(text, "weir_ready") - 1.0).abs() < 1e-9);
        assert!(value(text, "weir_cache").is_nan());
    }
}
