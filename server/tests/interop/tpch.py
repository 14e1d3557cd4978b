"""TPC-H's line items as an Iceberg table that pyiceberg wrote.

    tpch.py make DIR                   the lake, in a new folder DIR
    tpch.py answers DIR MASK_KEY ROLE  what a viewer of two ship modes must see, as JSON

The table is partitioned by ship mode and has four snapshots: two appends, a delete of one
partition, a delete that rewrites files. Only the last counts, so whoever reads every file of the
folder counts too much."""

import pathlib
import subprocess
import sys

import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet
import reader
from pyiceberg.catalog.sql import SqlCatalog

MODES = ("RAIL", "REG AIR")


def generate(folder):
    program = pathlib.Path(sys.executable).with_name("tpchgen-cli")
    wanted = ["parquet", "-s", "0.01", "-T", "lineitem", "-o", str(folder)]
    subprocess.run([program, *wanted], check=True, stdout=subprocess.DEVNULL)
    table = parquet.read_table(folder / "lineitem.parquet")
    views = {pyarrow.string_view(): pyarrow.string()}
    fields = [pyarrow.field(f.name, views.get(f.type, f.type)) for f in table.schema]
    return table.cast(pyarrow.schema(fields))


def make(lake):
    lake = pathlib.Path(lake).absolute()
    lake.mkdir(parents=True)
    items = generate(lake / "generated")
    catalog = SqlCatalog("any", uri=f"sqlite:///{lake}/catalog.db", warehouse=f"file://{lake}/warehouse")
    catalog.create_namespace("tpch")
    table = catalog.create_table("tpch.lineitem", schema=items.schema)
    with table.update_spec() as spec:
        spec.add_identity("l_shipmode")
    early = compute.less(items["l_shipdate"], pyarrow.scalar("1995-06-17").cast(pyarrow.date32()))
    table.append(items.filter(early))
    table.append(items.filter(compute.invert(early)))
    table.delete("l_shipmode = 'FOB'")
    table.delete("l_quantity > 45")


def answers(lake, mask_key, role):
    locations = reader.metadata_locations(lake)
    files = reader.data_files(locations["tpch.lineitem"])
    database = reader.connect({"lineitem": files})
    modes = ", ".join(f"'{mode}'" for mode in MODES)
    rows = f"(SELECT * FROM lineitem WHERE l_shipmode IN ({modes}) AND l_returnflag <> 'R')"
    base, price = "sum(l_quantity)", "sum(l_extendedprice)"
    totals = f"SELECT count(*) AS row_count, {base} AS l_quantity_sum, sum(l_linenumber)::DECIMAL(38, 0) AS l_linenumber_sum"
    by_mode = (
        f"SELECT l_shipmode, {price} AS l_extendedprice_sum, {base} AS l_quantity_sum, "
        f"{price}::DOUBLE / nullif({base}::DOUBLE, 0) AS price_per_unit FROM {rows} "
        "GROUP BY 1 ORDER BY 2 DESC"
    )
    by_month = (
        f"SELECT date_trunc('month', l_shipdate)::DATE AS l_shipdate_month, {price} AS "
        f"l_extendedprice_sum FROM {rows} GROUP BY 1 ORDER BY 1"
    )
    tax = ", sum(l_tax) AS l_tax_sum" if role == "auditor" else ""
    instructions = reader.ask(
        database,
        f"SELECT l_shipinstruct, count(*) AS row_count, {base} AS l_quantity_sum{tax} FROM {rows} "
        "GROUP BY 1 ORDER BY 1",
    )
    if role != "auditor":
        for row in instructions["rows"]:
            row[0] = reader.hashed(row[0], mask_key)
        instructions["rows"].sort()
    reader.say(
        {
            "totals": reader.ask(database, f"{totals} FROM {rows}"),
            "by-mode": reader.ask(database, by_mode),
            "by-month": reader.ask(database, by_month),
            "instructions": instructions,
        }
    )


if __name__ == "__main__":
    {"make": make, "answers": answers}[sys.argv[1]](*sys.argv[2:])
