"""Adds a Parquet file to a folder, whole or not at all: parquet_folder.py FOLDER NAME FIRST LAST"""

import os
import pathlib
import sys

import duckdb

folder, name, first, last = pathlib.Path(sys.argv[1]), *sys.argv[2:]
folder.mkdir(parents=True, exist_ok=True)
unfinished = folder.with_name(f"{name}.unfinished")
rows = (
    "SELECT CASE WHEN n % 3 = 0 THEN 'stores' ELSE 'online' END AS business_unit, "
    "(n * 1.25)::DECIMAL(12, 2) AS amount, DATE '2026-01-01' + n::INTEGER AS sold_on "
    f"FROM range({int(first)}, {int(last)} + 1) AS numbers (n)"
)
duckdb.execute(f"COPY ({rows}) TO '{unfinished}' (FORMAT parquet)")
os.replace(unfinished, folder / f"{name}.parquet")
