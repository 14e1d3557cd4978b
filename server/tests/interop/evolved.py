"""A table whose columns were added, renamed and moved between its snapshots.

    evolved.py make LAKE      writes it with pyiceberg
    evolved.py answers        what a viewer of `online` must see, as JSON

Not partitioned, and with neighbours of one type everywhere, so that a reader who goes by a column's
place instead of its field id takes one for another. What must be seen is computed from the rows as
they were written, without reading any file."""

import decimal
import json
import pathlib
import sys

import pyarrow
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import StringType

UNITS, PLACES = ("online", "stores"), ("north", "stores", "online")


def rows(first, last):
    """Unit and place share words: rows of one would pass for the other's."""
    numbers = range(first, last)
    return {
        "unit": [UNITS[n % 2] for n in numbers],
        "place": [PLACES[n % 3] for n in numbers],
        "sold": [decimal.Decimal(n) / 100 for n in numbers],
        "cost": [decimal.Decimal(n) * 3 / 100 for n in numbers],
        "note": [f"note {n % 5}" for n in numbers],
    }


def write(table, columns, first, last):
    """Appends rows under the names that the columns have by now."""
    money = pyarrow.decimal128(12, 2)
    values = rows(first, last)
    arrays = {
        name: pyarrow.array(values[key], money if key in ("sold", "cost") else pyarrow.string())
        for name, key in columns.items()
    }
    table.append(pyarrow.table(arrays))


def make(lake):
    lake = pathlib.Path(lake).absolute()
    lake.mkdir(parents=True)
    catalog = SqlCatalog("any", uri=f"sqlite:///{lake}/catalog.db", warehouse=f"file://{lake}/warehouse")
    catalog.create_namespace("gold")
    money, text = pyarrow.decimal128(12, 2), pyarrow.string()
    schema = pyarrow.schema([("unit", text), ("place", text), ("sold", money), ("cost", money)])
    table = catalog.create_table("gold.evolved", schema=schema)
    write(table, {"unit": "unit", "place": "place", "sold": "sold", "cost": "cost"}, 0, 50)
    with table.update_schema() as change:
        change.move_first("place")
        change.move_before("cost", "sold")
    write(table, {"place": "place", "unit": "unit", "cost": "cost", "sold": "sold"}, 50, 100)
    with table.update_schema() as change:
        change.rename_column("unit", "business_unit")
        change.rename_column("place", "area")
        change.add_column("note", StringType())
    renamed = {"area": "place", "business_unit": "unit", "cost": "cost", "sold": "sold"}
    write(table, renamed | {"note": "note"}, 100, 150)


def seen_by(written, key):
    """Sums over what a viewer of `online` may see, by `key`; NULL comes last."""
    groups = {}
    for n in range(len(written["unit"])):
        if written["unit"][n] == "online":
            sold, cost, count = groups.get(key(n), (0, 0, 0))
            groups[key(n)] = (sold + written["sold"][n], cost + written["cost"][n], count + 1)
    cents = decimal.Decimal("0.01")
    for group in sorted(groups, key=lambda group: [(part is None, part) for part in group]):
        sold, cost, count = groups[group]
        yield [*group, str(sold.quantize(cents)), str(cost.quantize(cents)), count]


def answers():
    written = rows(0, 150)
    place, note = written["place"], written["note"]
    sums = ["sold_sum", "cost_sum", "row_count"]
    by_area = seen_by(written, lambda n: (place[n], note[n] if n >= 100 else None))
    without_note = seen_by(written, lambda n: (place[n],))
    answer = {
        "by-area": {"columns": ["area", "note", *sums], "rows": list(by_area)},
        "without-note": {"columns": ["area", *sums], "rows": list(without_note)},
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    make(sys.argv[2]) if sys.argv[1] == "make" else answers()
