"""AWS as moto plays it, on a free loopback port: Glue, S3, STS and Athena, with one Iceberg table.

    aws.py

Prints one line of JSON, where it listens and what it holds, and plays until its stdin is closed. What
stands in a line there becomes of the table, `append` or `drop COLUMN`, and what it holds then is printed
again. The table is pyiceberg's: written to moto's S3, known to moto's Glue, in two snapshots. Athena there has two
workgroups, one as Weir wants it and one as it must not be; it runs nothing and answers what it is told
to by `POST /moto-api/static/athena/query-results`."""

import datetime
import decimal
import json
import logging
import os
import sys

import boto3
import pyarrow
from moto.server import ThreadedMotoServer
from pyiceberg.catalog.glue import GlueCatalog

REGION = "ca-central-1"
NOBODY = ("loopback", "loopback")

SCHEMA = pyarrow.schema(
    [
        pyarrow.field("statement_date", pyarrow.date32(), nullable=False),
        pyarrow.field("customer_id", pyarrow.string()),
        pyarrow.field("business_unit", pyarrow.string()),
        pyarrow.field("written_premium", pyarrow.decimal128(12, 2)),
        pyarrow.field("policies_in_force", pyarrow.int64()),
        pyarrow.field("legal_hold", pyarrow.bool_()),
    ]
)


def rows(first, count):
    day = datetime.date(2026, 1, 1)
    values = [
        {
            "statement_date": day + datetime.timedelta(days=n),
            "customer_id": f"C{n}",
            "business_unit": "auto" if n % 2 else "home",
            "written_premium": decimal.Decimal(n * 100 + 50) / 100,
            "policies_in_force": n,
            "legal_hold": None if n % 5 == 0 else n % 7 == 0,
        }
        for n in range(first, first + count)
    ]
    return pyarrow.Table.from_pylist(values, schema=SCHEMA)


def client(service, endpoint):
    key, secret = NOBODY
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret
    )


def make_table(endpoint):
    for bucket in ("lake", "results"):
        client("s3", endpoint).create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    key, secret = NOBODY
    told = {
        f"{service}.{name}": value
        for service in ("glue", "s3")
        for name, value in {
            "endpoint": endpoint, "region": REGION, "access-key-id": key, "secret-access-key": secret
        }.items()
    }
    catalog = GlueCatalog("moto", **told)
    catalog.create_namespace("gold")
    table = catalog.create_table("gold.statements", schema=SCHEMA, location="s3://lake/gold/statements")
    table.append(rows(1, 30))
    table.append(rows(31, 30))
    return table


def obey(table, command, *of):
    if command == "append":
        table.append(rows(61, 30))
    elif command == "drop":
        with table.update_schema() as change:
            change.delete_column(*of)


def tell(endpoint, table):
    snapshots = [str(snapshot.snapshot_id) for snapshot in table.snapshots()]
    told = {"endpoint": endpoint, "snapshots": snapshots, "metadata": table.metadata_location}
    print(json.dumps(told), flush=True)


def make_workgroups(endpoint):
    athena = client("athena", endpoint)
    results = {
        "OutputLocation": "s3://results/weir/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
    }
    strict = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000_000,
        "PublishCloudWatchMetricsEnabled": True,
        "ResultConfiguration": results,
        "EngineVersion": {
            "SelectedEngineVersion": "Athena engine version 3",
            "EffectiveEngineVersion": "Athena engine version 3",
        },
    }
    athena.create_work_group(Name="weir", Configuration=strict)
    loose = {"EnforceWorkGroupConfiguration": False}
    athena.create_work_group(Name="loose", Configuration=loose)


def main():
    # The other requests of this process find no real credentials either.
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = NOBODY
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    table = make_table(endpoint)
    make_workgroups(endpoint)
    tell(endpoint, table)
    for line in sys.stdin:
        obey(table, *line.split())
        tell(endpoint, table)
    server.stop()


if __name__ == "__main__":
    main()
