"""A small shop's orders as an Iceberg table: make_lake.py FOLDER

Any writer will do in its place (Spark, Trino, Athena, pyiceberg); this one is for whoever has no
table at hand. Needs `pip install "pyiceberg[sql-sqlite,pyarrow]"`."""

import datetime
import decimal
import pathlib
import random
import sys

import pyarrow
from pyiceberg.catalog.sql import SqlCatalog

COLUMNS = pyarrow.schema(
    [
        ("ordered_on", pyarrow.date32()),
        ("business_unit", pyarrow.string()),
        ("country", pyarrow.string()),
        ("customer_email", pyarrow.string()),
        ("items", pyarrow.int64()),
        ("revenue", pyarrow.decimal128(12, 2)),
    ]
)


def order(dice, month):
    items = dice.randint(1, 6)
    return {
        "ordered_on": datetime.date(2026, month, dice.randint(1, 28)),
        "business_unit": dice.choice(["online", "online", "stores", "wholesale"]),
        "country": dice.choice(["CA", "CA", "FR", "US"]),
        "customer_email": f"customer-{dice.randint(1, 200)}@example.com",
        "items": items,
        "revenue": decimal.Decimal(items * dice.randint(900, 9900)) / 100,
    }


folder = pathlib.Path(sys.argv[1]).absolute()
folder.mkdir(parents=True)
catalog = SqlCatalog("shop", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
catalog.create_namespace("shop")
orders = catalog.create_table("shop.orders", schema=COLUMNS)
dice = random.Random(7)
for month in range(1, 7):  # one snapshot a month
    rows = [order(dice, month) for _ in range(500)]
    orders.append(pyarrow.Table.from_pylist(rows, schema=COLUMNS))
print(f"{folder} holds {orders.name()[-1]}, {orders.scan().count()} rows")
