"""The clients that others drive Athena with, against the simulator: clients.py URL TABLE CLIENT

TABLE is `gold.statements` of the sample lake, pinned to a snapshot. Says what it read as JSON.
"""

import json
import os
import sys
import time
import warnings
from decimal import Decimal

url, table, client = sys.argv[1:]
os.environ.update(
    AWS_ENDPOINT_URL=url,
    AWS_ACCESS_KEY_ID="AKIASIMULATED",
    AWS_SECRET_ACCESS_KEY="simulated",
    AWS_DEFAULT_REGION="ca-central-1",
    AWS_EC2_METADATA_DISABLED="true",
)
warnings.simplefilter("ignore")

BY_UNIT = (
    'SELECT "business_unit" AS unit, SUM(CAST("written_premium" AS decimal(38,2))) AS premium, '
    f'COUNT(*) AS lines FROM (SELECT "business_unit", "written_premium" FROM {table} WHERE TRUE) AS t '
    "GROUP BY 1 ORDER BY 1 ASC NULLS LAST LIMIT 5001"
)
MANY = (
    'SELECT "statement_date" AS d, "customer_id" AS c, COUNT(*) AS n FROM '
    f'(SELECT "statement_date", "customer_id" FROM {table} WHERE TRUE) AS t '
    "GROUP BY 1, 2 ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST LIMIT 2500"
)
BLANKS = "SELECT 'a' AS c0, '' AS c1, CAST(NULL AS varchar) AS c2"


def boto3_reads():
    import boto3
    from botocore.config import Config

    athena = boto3.client("athena", config=Config(retries={"max_attempts": 5, "mode": "standard"}))

    def run(sql, **more):
        query = athena.start_query_execution(QueryString=sql, **more)["QueryExecutionId"]
        while True:
            found = athena.batch_get_query_execution(QueryExecutionIds=[query])
            execution = found["QueryExecutions"][0]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            time.sleep(0.05)

    execution = run(BY_UNIT)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    assert execution["Statistics"]["DataScannedInBytes"] > 0, execution
    assert execution["Status"]["CompletionDateTime"] >= execution["Status"]["SubmissionDateTime"]
    pages = athena.get_paginator("get_query_results")
    rows = [
        [datum.get("VarCharValue") for datum in row["Data"]]
        for page in pages.paginate(QueryExecutionId=execution["QueryExecutionId"])
        for row in page["ResultSet"]["Rows"]
    ]
    many = run(MANY)["QueryExecutionId"]
    lengths = [
        len(page["ResultSet"]["Rows"]) for page in pages.paginate(QueryExecutionId=many)
    ]
    assert lengths == [1000, 1000, 501], lengths
    failed = run("SELECT 1 LIMIT 5 OFFSET 2")
    assert failed["Status"]["AthenaError"]["ErrorType"] == 1006, failed
    token = "t" * 40
    first = athena.start_query_execution(QueryString="SELECT 1", ClientRequestToken=token)
    again = athena.start_query_execution(QueryString="SELECT 1", ClientRequestToken=token)
    assert first["QueryExecutionId"] == again["QueryExecutionId"]
    try:
        athena.start_query_execution(QueryString="SELECT 2", ClientRequestToken=token)
        raise AssertionError("the changed parameter went through")
    except athena.exceptions.InvalidRequestException as refused:
        assert refused.response["AthenaErrorCode"] == "INVALID_INPUT", refused.response
    athena.stop_query_execution(QueryExecutionId=first["QueryExecutionId"])
    group = athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert group["Configuration"]["EnforceWorkGroupConfiguration"] is True, group
    glue = boto3.client("glue")
    described = glue.get_table(DatabaseName="gold", Name="statements")["Table"]
    assert described["Parameters"]["table_type"] == "ICEBERG", described
    try:
        glue.get_table(DatabaseName="gold", Name="nothing")
        raise AssertionError("a table that is not there was found")
    except glue.exceptions.EntityNotFoundException:
        pass
    role = boto3.client("sts").assume_role(
        RoleArn="arn:aws:iam::000000000000:role/weir-auto",
        RoleSessionName="weir-auto",
        SourceIdentity="weir",
        Tags=[{"Key": "business_unit", "Value": "auto"}],
    )
    assert role["Credentials"]["AccessKeyId"].startswith("ASIA"), role
    objects(boto3.client("s3"))
    return [[unit, premium, int(lines)] for unit, premium, lines in rows[1:]]


def objects(s3):
    for number in range(3):
        s3.put_object(Bucket="bucket", Key=f"a/{number} é&<", Body=b"0123456789")
    listed = s3.list_objects_v2(Bucket="bucket", Prefix="a/")["Contents"]
    keys = [found["Key"] for found in listed]
    assert keys == [f"a/{number} é&<" for number in range(3)], keys
    part = s3.get_object(Bucket="bucket", Key=keys[0], Range="bytes=2-4")
    assert part["Body"].read() == b"234"
    assert s3.head_object(Bucket="bucket", Key=keys[0])["ContentLength"] == 10
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": key} for key in keys]})
    assert s3.list_objects_v2(Bucket="bucket", Prefix="a/")["KeyCount"] == 0


def pyathena_reads():
    from pyathena import connect
    from pyathena.cursor import DictCursor
    from pyathena.error import OperationalError
    from pyathena.pandas.cursor import PandasCursor

    connection = connect(work_group="primary", schema_name="gold", poll_interval=0.05)
    cursor = connection.cursor().execute(BY_UNIT)
    assert [column[0] for column in cursor.description] == ["unit", "premium", "lines"]
    rows = cursor.fetchall()
    assert isinstance(rows[0][1], Decimal), rows[0]
    assert cursor.data_scanned_in_bytes > 0
    assert len(connection.cursor().execute(MANY).fetchall()) == 2500
    blanks = connection.cursor(DictCursor).execute(BLANKS).fetchall()
    assert blanks == [{"c0": "a", "c1": "", "c2": None}], blanks
    frame = connection.cursor(PandasCursor).execute(BY_UNIT).as_pandas()
    assert list(frame["lines"]) == [row[2] for row in rows], frame
    asked = connection.cursor().execute(
        "SELECT ? AS c0", ["'it''s'"], paramstyle="qmark"
    )
    assert asked.fetchall() == [("it's",)]
    try:
        connection.cursor().execute("SELECT * FROM gold.statements")
        raise AssertionError("a statement outside the subset went through")
    except OperationalError as refused:
        assert "SYNTAX_ERROR" in str(refused), refused
    return [[unit, str(premium), lines] for unit, premium, lines in rows]


def awswrangler_reads():
    import awswrangler

    frame = awswrangler.athena.read_sql_query(
        BY_UNIT, database="gold", workgroup="primary", ctas_approach=False
    )
    assert str(frame["lines"].dtype) == "Int64", frame.dtypes
    many = awswrangler.athena.read_sql_query(
        MANY, database="gold", workgroup="primary", ctas_approach=False
    )
    assert len(many) == 2500, many
    try:
        awswrangler.athena.read_sql_query(
            "SELECT 1 LIMIT 5 OFFSET 2", database="gold", ctas_approach=False
        )
        raise AssertionError("a statement that Athena refuses went through")
    except awswrangler.exceptions.QueryFailed as refused:
        assert "OFFSET" in str(refused), refused
    return [[row.unit, str(row.premium), int(row.lines)] for row in frame.itertuples()]


readers = {"boto3": boto3_reads, "pyathena": pyathena_reads, "awswrangler": awswrangler_reads}
print(json.dumps(readers[client]()))
