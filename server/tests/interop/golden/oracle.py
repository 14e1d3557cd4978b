"""Athena's SQL, read by sqlglot and answered by DuckDB over the files of a lake.

    oracle.py parse FILE                  of each text: null, or why it is refused
    oracle.py run FILE LAKE MASK_KEY      of each text: its rows

FILE is a JSON list of SQL texts, the answer a JSON list on stdout. Texts are moved to DuckDB's dialect
with the types of every column known: without them `/` would mean something else there."""

import datetime
import decimal
import hashlib
import hmac
import json
import pathlib
import sys

import sqlglot
from pyiceberg.table import StaticTable
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reader  # noqa: E402


def parsed(sql):
    """The one SELECT that the text is; raises on anything else."""
    trees = sqlglot.parse(sql, read="athena")
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        raise ValueError("not one SELECT")
    tables = list(trees[0].find_all(exp.Table))
    if len(tables) != 1 or tables[0].args.get("version") is None:
        raise ValueError("not one table at one version")
    if tables[0].parent_select.args.get("where") is None:
        raise ValueError("a table without its predicate")
    return trees[0]


def refusal(sql):
    try:
        parsed(sql)
    except (sqlglot.errors.SqlglotError, ValueError) as why:
        return str(why).splitlines()[0]
    return None


class Lake:
    """The tables of a lake in DuckDB, each snapshot under a name of its own once it is asked for."""

    def __init__(self, folder, mask_key):
        self.tables = {name: StaticTable.from_metadata(at) for name, at in reader.metadata_locations(folder).items()}
        self.database = reader.connect({})
        self.database.execute("CREATE SCHEMA gold")
        self.key = hashlib.sha256(mask_key.encode()).digest()
        keyed = lambda value, key: hmac.new(key, value, hashlib.sha256).digest()  # noqa: E731
        self.database.create_function("hmac_sha256", keyed, ["BLOB", "BLOB"], "BLOB")
        self.schema = {}

    def view(self, name, snapshot):
        """The view of one snapshot; its files are those of pyiceberg's plan."""
        view = f"{name.removeprefix('gold.')}@{snapshot}"
        if view in self.schema:
            return view
        tasks = list(self.tables[name].scan(snapshot_id=snapshot).plan_files())
        assert tasks and not any(task.delete_files for task in tasks)
        files = ", ".join(f"'{task.file.file_path.removeprefix('file://')}'" for task in tasks)
        self.database.execute(
            f'CREATE VIEW gold."{view}" AS SELECT * FROM read_parquet([{files}], hive_partitioning = false)'
        )
        columns = self.database.execute(f'DESCRIBE gold."{view}"').fetchall()
        self.schema[view] = {column[0]: column[1] for column in columns}
        return view

    def moved(self, sql):
        """The text in DuckDB's dialect, and its parameters."""
        tree = parsed(sql)
        table = tree.find(exp.Table)
        version = table.args["version"]
        assert (version.this, version.args["kind"]) == ("VERSION", "AS OF"), version
        view = self.view(f"{table.db}.{table.name}", int(version.expression.this))
        table.replace(exp.to_table(f'"gold"."{view}"'))
        schema = {"gold": {view: self.schema[view]}}
        tree = annotate_types(qualify(tree, schema=schema, dialect="athena"), schema=schema, dialect="athena")
        parameters = [self.key.hex()] * len(list(tree.find_all(exp.Placeholder)))
        return tree.sql(dialect="duckdb"), parameters

    def rows(self, sql):
        text, parameters = self.moved(sql)
        try:
            rows = self.database.execute(text, parameters).fetchall()
        except Exception as why:
            raise RuntimeError(f"{sql}\n{text}") from why
        return [[cell(value) for value in row] for row in rows]


def cell(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def main(task, file, *rest):
    texts = json.loads(pathlib.Path(file).read_text())
    answer = Lake(*rest).rows if task == "run" else refusal
    reader.say([answer(sql) for sql in texts])


if __name__ == "__main__":
    main(*sys.argv[1:])
