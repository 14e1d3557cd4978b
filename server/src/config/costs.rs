//! What answers cost: the price that dollars are worked out by.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;
use weir_registry::Price;

use super::ConfigError;

/// What answers cost.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostsConfig {
    /// Dollars for a terabyte (10^12 bytes) that the engine scans.
    pub price_per_tb: Decimal,
}

impl Default for CostsConfig {
    fn default() -> Self {
        Self {
            price_per_tb: Decimal::from(5),
        }
    }
}

impl CostsConfig {
    /// The price.
    ///
    /// # Errors
    /// When it is negative, or more than a million dollars.
    pub fn price(&self) -> Result<Price, ConfigError> {
        let most = Decimal::from(1_000_000);
        let sane = (Decimal::ZERO..=most).contains(&self.price_per_tb);
        let micros = (self.price_per_tb * most).round().to_u64();
        let micros = micros.filter(|_| sane);
        micros.map(Price::per_terabyte).ok_or(ConfigError::Invalid {
            key: "costs.price_per_tb",
            problem: "expected dollars for a terabyte, such as 5.0",
        })
    }
}
