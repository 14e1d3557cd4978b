"""What the tutorial's dashboard must show to a viewer of `online`: tutorial_answers.py LAKE"""

import sys

import reader

database = reader.connect(
    {"orders": reader.data_files(reader.metadata_locations(sys.argv[1])["shop.orders"])}
)
rows = "(SELECT * FROM orders WHERE business_unit = 'online')"
period = "ordered_on BETWEEN DATE '2026-04-01' AND DATE '2026-06-30'"
before = "ordered_on BETWEEN DATE '2025-12-31' AND DATE '2026-03-31'"
revenue = "sum(revenue) AS revenue"
kpi = (
    f"SELECT sum(revenue) FILTER (WHERE {period}) AS revenue, "
    f"sum(revenue) FILTER (WHERE {before}) AS revenue_before FROM {rows}"
)
month = f"SELECT date_trunc('month', ordered_on)::DATE AS month, {revenue} FROM {rows}"
country = f"SELECT country, {revenue} FROM {rows}"
reader.say(
    {
        "revenue": reader.ask(database, kpi),
        "by-month": reader.ask(database, f"{month} WHERE {period} GROUP BY 1 ORDER BY 1"),
        "by-country": reader.ask(database, f"{country} WHERE {period} GROUP BY 1 ORDER BY 2 DESC"),
    }
)
