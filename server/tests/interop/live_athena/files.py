"""The data files of each table's current snapshot, as JSON: files.py LAKE"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reader  # noqa: E402

locations = reader.metadata_locations(sys.argv[1])
reader.say({name.removeprefix("gold."): reader.data_files(at) for name, at in locations.items()})
