"""Reads the current snapshot of an Iceberg table without Weir: the catalog by SQLite, the list of
data files by pyiceberg's scan plan, the rows by DuckDB."""

import datetime
import decimal
import hashlib
import hmac
import json
import pathlib
import sqlite3
import sys

import duckdb
from pyiceberg.table import StaticTable


def metadata_locations(lake):
    """Every table of the lake's catalogs and its current metadata file."""
    locations = {}
    for path in pathlib.Path(lake).glob("*.db"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as catalog:
            sql = "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables"
            locations |= {f"{space}.{name}": at for space, name, at in catalog.execute(sql)}
    return locations


def data_files(location):
    """The Parquet files of the table's current snapshot; the tests' tables have no delete files."""
    tasks = list(StaticTable.from_metadata(location).scan().plan_files())
    assert tasks and not any(task.delete_files for task in tasks)
    return [task.file.file_path.removeprefix("file://") for task in tasks]


def connect(tables):
    """A DuckDB with a view for each table: name to list of Parquet files."""
    database = duckdb.connect()
    for name, files in tables.items():
        listed = ", ".join(f"'{file}'" for file in files)
        read = f"read_parquet([{listed}], hive_partitioning = false)"
        database.execute(f"CREATE VIEW {name} AS SELECT * FROM {read}")
    return database


def ask(database, sql):
    cursor = database.execute(sql)
    columns = [column[0] for column in cursor.description]
    return {"columns": columns, "rows": [[cell(value) for value in row] for row in cursor.fetchall()]}


def cell(value):
    """A value as Weir's API writes it."""
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value


def hashed(text, mask_key):
    """The hash mask: 16 hex digits of HMAC-SHA256 under the digest of the configured key."""
    if text is None:
        return None
    key = hashlib.sha256(mask_key.encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]


def say(answer):
    json.dump(answer, sys.stdout)
