//! The four gold tables: names, schemas, partitioning.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use iceberg::spec::{
    Literal, NestedField, PrimitiveType, Schema, Struct, Transform, Type, UnboundPartitionSpec,
};

use super::insurer::{self, UNITS};
use super::slots::{FilePlan, PartitionKey, Partitioning, Slot};
use super::{claims, metrics, risk, statements};

/// One of the sample tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GoldTable {
    Statements,
    ClaimsOperations,
    RiskExposure,
    DailyMetrics,
}

const DATE: PrimitiveType = PrimitiveType::Date;
const TEXT: PrimitiveType = PrimitiveType::String;
const COUNT: PrimitiveType = PrimitiveType::Long;
const MONEY: PrimitiveType = PrimitiveType::Decimal {
    precision: 12,
    scale: 2,
};
const LARGE_MONEY: PrimitiveType = PrimitiveType::Decimal {
    precision: 14,
    scale: 2,
};

/// A column that is never NULL.
const fn always(name: &'static str, kind: PrimitiveType) -> (&'static str, PrimitiveType, bool) {
    (name, kind, true)
}

/// A column that may be NULL.
const fn maybe(name: &'static str, kind: PrimitiveType) -> (&'static str, PrimitiveType, bool) {
    (name, kind, false)
}

const LEGAL_HOLD: (&str, PrimitiveType, bool) = maybe("legal_hold", PrimitiveType::Boolean);

impl GoldTable {
    pub(super) const ALL: [Self; 4] = [
        Self::Statements,
        Self::ClaimsOperations,
        Self::RiskExposure,
        Self::DailyMetrics,
    ];

    /// Its name inside the namespace `gold`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Statements => "statements",
            Self::ClaimsOperations => "claims_operations",
            Self::RiskExposure => "risk_exposure",
            Self::DailyMetrics => "agg_daily_metrics",
        }
    }

    fn columns(self) -> Vec<(&'static str, PrimitiveType, bool)> {
        match self {
            Self::Statements => vec![
                always("statement_date", DATE),
                always("customer_id", TEXT),
                always("business_unit", TEXT),
                always("region", TEXT),
                always("product", TEXT),
                always("channel", TEXT),
                always("written_premium", MONEY),
                always("earned_premium", MONEY),
                always("claims_incurred", MONEY),
                always("claims_paid", MONEY),
                always("policies_in_force", COUNT),
                maybe("broker_commission", MONEY),
                LEGAL_HOLD,
            ],
            Self::ClaimsOperations => vec![
                always("week_start", DATE),
                always("business_unit", TEXT),
                always("region", TEXT),
                always("claim_type", TEXT),
                always("handler_team", TEXT),
                always("opened", COUNT),
                always("closed", COUNT),
                always("reopened", COUNT),
                always("backlog", COUNT),
                always("handling_days_total", MONEY),
                always("closed_within_sla", COUNT),
                always("paid", MONEY),
                LEGAL_HOLD,
            ],
            Self::RiskExposure => vec![
                always("as_of_date", DATE),
                always("business_unit", TEXT),
                always("region", TEXT),
                always("product", TEXT),
                always("risk_band", TEXT),
                always("hazard", TEXT),
                always("exposure", LARGE_MONEY),
                always("reserve", LARGE_MONEY),
                always("earned_premium", MONEY),
                always("claims_incurred", MONEY),
                always("insured_count", COUNT),
                LEGAL_HOLD,
            ],
            Self::DailyMetrics => vec![
                always("metric_date", DATE),
                always("business_unit", TEXT),
                always("metric_type", TEXT),
                always("dimension_key", TEXT),
                always("dimension_value", TEXT),
                always("metric_value", LARGE_MONEY),
                always("metric_count", COUNT),
                always("computed_at", PrimitiveType::Timestamp),
            ],
        }
    }

    pub(super) const fn partitioning(self) -> Partitioning {
        match self {
            Self::Statements => Partitioning::UnitAndMonth,
            Self::ClaimsOperations | Self::RiskExposure => Partitioning::Unit,
            Self::DailyMetrics => Partitioning::Month,
        }
    }

    /// The Iceberg schema; field ids count from one in column order.
    pub(super) fn schema(self) -> iceberg::Result<Schema> {
        let fields = self
            .columns()
            .into_iter()
            .zip(1..)
            .map(|((name, kind, required), id)| {
                let kind = Type::Primitive(kind);
                let field = if required {
                    NestedField::required(id, name, kind)
                } else {
                    NestedField::optional(id, name, kind)
                };
                Arc::new(field)
            });
        Schema::builder().with_fields(fields).build()
    }

    /// The Iceberg partition spec: the business unit as it is, the date by month.
    pub(super) fn partition_spec(self, schema: &Schema) -> iceberg::Result<UnboundPartitionSpec> {
        let partitioning = self.partitioning();
        let mut spec = UnboundPartitionSpec::builder();
        let id = |name: &str| schema.field_id_by_name(name).unwrap_or_default();
        if partitioning != Partitioning::Month {
            let unit = id("business_unit");
            spec = spec.add_partition_field(unit, "business_unit", Transform::Identity)?;
        }
        if partitioning != Partitioning::Unit {
            let date = self.partition_date();
            spec = spec.add_partition_field(id(date), format!("{date}_month"), Transform::Month)?;
        }
        Ok(spec.build())
    }

    /// The date column whose month is part of the partition.
    const fn partition_date(self) -> &'static str {
        match self {
            Self::DailyMetrics => "metric_date",
            _ => "statement_date",
        }
    }

    /// The folder of a partition's files, in the customary form.
    pub(super) fn partition_folder(self, key: PartitionKey) -> String {
        let unit = key.unit.and_then(|unit| UNITS.get(unit));
        let unit = unit.map(|unit| format!("business_unit={}", unit.name));
        let month = key.month.map(|month| {
            let start = insurer::month_start(month).format("%Y-%m");
            format!("{}_month={start}", self.partition_date())
        });
        [unit, month]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Who gets how many rows when.
    pub(super) fn slots(self, rows: u64) -> Vec<Slot> {
        match self {
            Self::Statements => statements::slots(rows),
            Self::ClaimsOperations => claims::slots(rows),
            Self::RiskExposure => risk::slots(rows),
            Self::DailyMetrics => metrics::slots(rows),
        }
    }

    /// The columns of one file, in schema order.
    pub(super) fn fill(
        self,
        seed: u64,
        rows: u64,
        file: &FilePlan,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        match self {
            Self::Statements => statements::fill(seed, rows, &file.slots),
            Self::ClaimsOperations => claims::fill(seed, &file.slots),
            Self::RiskExposure => risk::fill(seed, &file.slots),
            Self::DailyMetrics => metrics::fill(seed, &file.slots),
        }
    }
}

/// The partition value of a file, in the order of the partition spec.
pub(super) fn partition_value(key: PartitionKey) -> Struct {
    let unit = key
        .unit
        .and_then(|unit| UNITS.get(unit))
        .map(|unit| Literal::string(unit.name));
    let month = key
        .month
        .map(|month| Literal::int(months_since_1970(month)));
    [unit, month].into_iter().flatten().map(Some).collect()
}

fn months_since_1970(month: u32) -> i32 {
    use chrono::Datelike as _;

    let start = insurer::month_start(month);
    (start.year() - 1970) * 12 + i32::try_from(start.month0()).unwrap_or(0)
}
