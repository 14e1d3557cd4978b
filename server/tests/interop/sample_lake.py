"""Every tile of the four sample dashboards, computed by hand-written SQL over the Parquet files.

    sample_lake.py LAKE MASK_KEY UNIT...

What the dashboards, datasets and policies say in YAML is said here a second time, by somebody who
only read what they mean."""

import sys

import reader

PERIOD = ("2025-11-01", "2026-10-31")
YEAR_BEFORE = ("2024-11-01", "2025-10-31")
QUARTER = ("2026-08-01", "2026-10-31")
QUARTER_BEFORE = ("2025-08-01", "2025-10-31")


def total(column):
    return f"sum({column})"


def whole(column):
    return f"sum({column})::DECIMAL(38, 0)"


def ratio(of, to):
    return f"sum({of})::DOUBLE / nullif(sum({to})::DOUBLE, 0)"


def metric(kind):
    """One metric of the entity-attribute table."""
    return f"sum(metric_value) FILTER (WHERE metric_type = '{kind}')"


class Table:
    """A table under the row rule of one viewer: own units, nothing held or perhaps held."""

    def __init__(self, database, name, time, units, only, period, before):
        listed = ", ".join(f"'{unit}'" for unit in units)
        self.rows = f"(SELECT * FROM {name} WHERE business_unit IN ({listed}) AND {only})"
        self.database, self.time, self.period, self.before = database, time, period, before

    def within(self, period):
        return f"{self.time} BETWEEN DATE '{period[0]}' AND DATE '{period[1]}'"

    def kpi(self, name, measure):
        now = f"(SELECT {measure} FROM {self.rows} WHERE {self.within(self.period)})"
        then = f"(SELECT {measure} FROM {self.rows} WHERE {self.within(self.before)})"
        return reader.ask(self.database, f"SELECT {now} AS {name}, {then} AS {name}_before")

    def by(self, dimensions, measures, largest=None):
        keys = [f"{expression} AS {name}" for name, expression in dimensions.items()]
        values = [f"{expression} AS {name}" for name, expression in measures.items()]
        order = ([f"{largest} DESC NULLS LAST"] if largest else []) + list(dimensions)
        sql = (
            f"SELECT {', '.join(keys + values)} FROM {self.rows} WHERE {self.within(self.period)} "
            f"GROUP BY {', '.join(str(n + 1) for n in range(len(keys)))} ORDER BY {', '.join(order)}"
        )
        return reader.ask(self.database, sql)


def finance_overview(table, mask_key):
    month = {"month": "date_trunc('month', statement_date)::DATE"}
    premium = {"written_premium": total("written_premium")}
    return {
        "written-premium": table.kpi("written_premium", total("written_premium")),
        "claims-incurred": table.kpi("claims_incurred", total("claims_incurred")),
        "loss-ratio": table.kpi("loss_ratio", ratio("claims_incurred", "earned_premium")),
        "policies-in-force": table.kpi("policies_in_force", whole("policies_in_force")),
        "premium-and-claims-by-month": table.by(
            month, premium | {"claims_incurred": total("claims_incurred")}
        ),
        "premium-by-channel": table.by({"channel": "channel"}, premium, "written_premium"),
        "premium-by-region": table.by({"region": "region"}, premium, "written_premium"),
        "premium-by-product": table.by(month | {"product": "product"}, premium),
        "top-customers": top_customers(table, premium, mask_key),
    }


def top_customers(table, premium, mask_key):
    """Customers by their hash, commissions not at all: both by policy."""
    measures = premium | {
        "claims_incurred": total("claims_incurred"),
        "loss_ratio": ratio("claims_incurred", "earned_premium"),
    }
    clear = table.by({"customer": "customer_id", "region": "region"}, measures)
    rows = [[reader.hashed(row[0], mask_key), *row[1:]] for row in clear["rows"]]
    rows.sort(key=lambda row: (-float(row[2]), row[0], row[1]))
    return clear | {"rows": rows[:20]}


def claims_operations(table):
    team = {"team": "handler_team"}
    handling_time = ratio("handling_days_total", "closed")
    in_time_rate = ratio("closed_within_sla", "closed")
    reopen_rate = ratio("reopened", "closed")
    opened, closed, paid = whole("opened"), whole("closed"), total("paid")
    table_of_teams = {
        "closed": closed,
        "handling_time": handling_time,
        "in_time_rate": in_time_rate,
        "reopen_rate": reopen_rate,
        "paid": paid,
    }
    return {
        "claims-opened": table.kpi("opened", opened),
        "handling-time": table.kpi("handling_time", handling_time),
        "in-time-rate": table.kpi("in_time_rate", in_time_rate),
        "reopen-rate": table.kpi("reopen_rate", reopen_rate),
        "opened-and-closed": table.by(
            {"week": "date_trunc('week', week_start)::DATE"}, {"opened": opened, "closed": closed}
        ),
        "opened-by-type": table.by({"claim_type": "claim_type"}, {"opened": opened}, "opened"),
        "closed-by-team": table.by(
            {"month": "date_trunc('month', week_start)::DATE"} | team, {"closed": closed}
        ),
        "paid-by-region": table.by({"region": "region"}, {"paid": paid}, "paid"),
        "teams": table.by(team, table_of_teams, "closed"),
    }


def risk_exposure(table):
    month = {"month": "date_trunc('month', as_of_date)::DATE"}
    exposure = {"exposure": total("exposure")}
    loss_ratio = ratio("claims_incurred", "earned_premium")
    reserve_ratio = ratio("reserve", "exposure")
    return {
        "insured-risks": table.kpi("insured_risks", whole("insured_count")),
        "loss-ratio": table.kpi("loss_ratio", loss_ratio),
        "reserve-ratio": table.kpi("reserve_ratio", reserve_ratio),
        "exposure-by-month": table.by(month | {"hazard": "hazard"}, exposure),
        "exposure-by-band": table.by({"risk_band": "risk_band"}, exposure, "exposure"),
        "loss-ratio-by-month": table.by(month, {"loss_ratio": loss_ratio}),
        "exposure-by-region": table.by({"region": "region"}, exposure, "exposure"),
        "hazards": table.by(
            {"hazard": "hazard", "risk_band": "risk_band"},
            exposure
            | {"reserve": total("reserve"), "reserve_ratio": reserve_ratio, "loss_ratio": loss_ratio},
            "exposure",
        ),
    }


def daily_metrics(table):
    week = {"week": "date_trunc('week', metric_date)::DATE"}
    channel = {"channel": "dimension_value"}
    new, lost = metric("new_policies"), metric("cancellations")
    premium = {"written_premium": metric("written_premium")}
    both = {"new_policies": new, "cancellations": lost}
    rate = f"({lost})::DOUBLE / nullif(({new})::DOUBLE, 0)"
    return {
        "new-policies": table.kpi("new_policies", new),
        "cancellation-rate": table.kpi("cancellation_rate", rate),
        "web-quotes": table.kpi("web_quotes", metric("web_quotes")),
        "policies-by-day": table.by({"day": "metric_date"}, both),
        "premium-by-channel": table.by(channel, premium, "written_premium"),
        "calls-by-week": table.by(week, {"call_volume": metric("call_volume")}),
        "channels": table.by(
            channel, premium | both | {"claims_count": metric("claims_count")}, "written_premium"
        ),
    }


def main(lake, mask_key, *units):
    locations = reader.metadata_locations(lake)
    names = {name: name.removeprefix("gold.") for name in locations}
    files = {names[name]: reader.data_files(at) for name, at in locations.items()}
    database = reader.connect(files)
    year = (PERIOD, YEAR_BEFORE)
    free = "legal_hold IS NOT NULL AND NOT legal_hold"
    once = "dimension_key = 'channel'"  # every metric is counted once per key
    statements = Table(database, "statements", "statement_date", units, free, *year)
    claims = Table(database, "claims_operations", "week_start", units, free, *year)
    risks = Table(database, "risk_exposure", "as_of_date", units, free, *year)
    quarter = (QUARTER, QUARTER_BEFORE)
    metrics = Table(database, "agg_daily_metrics", "metric_date", units, once, *quarter)
    reader.say(
        {
            "finance-overview": finance_overview(statements, mask_key),
            "claims-operations": claims_operations(claims),
            "risk-exposure": risk_exposure(risks),
            "daily-metrics": daily_metrics(metrics),
        }
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
