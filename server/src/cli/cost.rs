//! `weir cost`: what answers cost at a server, and how much they may.

mod budget;
mod report;

use clap::Subcommand;

use super::Outcome;

/// What answers cost, and how much they may.
#[derive(Debug, Subcommand)]
pub(super) enum Cost {
    /// Bytes and dollars by dashboard and business unit, and what the cache saved. Exit code 1 when a
    /// budget of today is used up to 80 % or more.
    Report(report::Report),
    /// Budgets for a day (UTC).
    #[command(subcommand)]
    Budget(budget::Budget),
}

impl Cost {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Report(report) => report.run().await,
            Self::Budget(budget) => budget.run().await,
        }
    }
}

/// "1.25 GB": three digits that matter, in powers of a thousand as providers bill.
fn bytes(many: u64) -> String {
    let mut whole = u128::from(many) * 1000;
    let mut units = ["B", "kB", "MB", "GB", "TB", "PB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for next in units {
        if whole < 1_000_000 {
            break;
        }
        whole /= 1000;
        unit = next;
    }
    let (before, after) = (whole / 1000, whole % 1000);
    match before {
        _ if after == 0 => format!("{before} {unit}"),
        0..10 => format!("{before}.{:02} {unit}", after / 10),
        10..100 => format!("{before}.{} {unit}", after / 100),
        _ => format!("{before} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn bytes_are_said_with_three_digits() {
        let said = [0, 999, 1000, 1250, 10_000_000, 12_345_678, 999_999_999_999];
        let said: Vec<_> = said.into_iter().map(bytes).collect();

        assert_eq!(
            said,
            [
                "0 B", "999 B", "1 kB", "1.25 kB", "10 MB", "12.3 MB", "999 GB"
            ]
        );
    }
}
