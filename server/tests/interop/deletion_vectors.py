"""A format v3 table with a deletion vector: deletion_vectors.py LAKE

pyiceberg writes the table at format v2; the rest is what a v3 writer would add: a delete manifest
that names a Puffin file, a snapshot with it, metadata of version 3. The Puffin file itself is not
there: nobody may come so far as to read it."""

import json
import pathlib
import sqlite3
import sys
import time

import pyarrow
from pyiceberg import manifest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.typedef import Record

SNAPSHOT = 4711


class DeletesWriter(manifest.ManifestWriterV2):
    def content(self):
        return manifest.ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


def table_in(lake):
    catalog = SqlCatalog("any", uri=f"sqlite:///{lake}/catalog.db", warehouse=f"file://{lake}/warehouse")
    catalog.create_namespace("gold")
    units = pyarrow.table({"business_unit": ["online", "stores"], "amount": [1, 2]})
    table = catalog.create_table("gold.sales", schema=units.schema)
    table.append(units)
    return table


def deletion_vector(table):
    folder = f"{table.location()}/metadata"
    vector = manifest.DataFile.from_args(
        content=manifest.DataFileContent.POSITION_DELETES,
        file_path=f"{table.location()}/data/deletes.puffin",
        file_format=manifest.FileFormat.PUFFIN,
        partition=Record(),
        record_count=1,
        file_size_in_bytes=40,
    )
    entry = manifest.ManifestEntry.from_args(
        status=manifest.ManifestEntryStatus.ADDED, snapshot_id=SNAPSHOT, data_file=vector
    )
    output = table.io.new_output(f"{folder}/deletes.avro")
    with DeletesWriter(table.spec(), table.schema(), output, SNAPSHOT, "deflate") as writer:
        writer.add_entry(entry)
    parent = table.current_snapshot()
    manifests = [*parent.manifests(table.io), writer.to_manifest_file()]
    path = f"{folder}/list.avro"
    listed = manifest.write_manifest_list(
        2, table.io.new_output(path), SNAPSHOT, parent.snapshot_id, 2, "deflate"
    )
    with listed as writer:
        writer.add_manifests(manifests)
    return path


def commit(lake, table, manifest_list):
    current = table.metadata_location.removeprefix("file://")
    metadata = json.loads(pathlib.Path(current).read_text())
    now = max(int(time.time() * 1000), metadata["last-updated-ms"])
    for snapshot in metadata["snapshots"]:
        snapshot |= {"first-row-id": 0, "added-rows": 2}
    metadata["snapshots"].append(
        {
            "snapshot-id": SNAPSHOT,
            "parent-snapshot-id": metadata["current-snapshot-id"],
            "sequence-number": 2,
            "timestamp-ms": now,
            "manifest-list": manifest_list,
            "summary": {"operation": "delete"},
            "schema-id": 0,
            "first-row-id": 2,
            "added-rows": 0,
        }
    )
    metadata["snapshot-log"].append({"snapshot-id": SNAPSHOT, "timestamp-ms": now})
    metadata["refs"]["main"]["snapshot-id"] = SNAPSHOT
    version = {"format-version": 3, "next-row-id": 2, "last-updated-ms": now}
    metadata |= version | {"current-snapshot-id": SNAPSHOT, "last-sequence-number": 2}
    path = f"{table.location()}/metadata/00009-v3.metadata.json"
    pathlib.Path(path.removeprefix("file://")).write_text(json.dumps(metadata))
    with sqlite3.connect(f"{lake}/catalog.db") as catalog:
        catalog.execute("UPDATE iceberg_tables SET metadata_location = ?", [path])


lake = pathlib.Path(sys.argv[1]).absolute()
lake.mkdir(parents=True)
sales = table_in(lake)
commit(lake, sales, deletion_vector(sales))
