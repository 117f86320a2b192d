"""What was understood of a file, as the text of a config that says the same."""

from __future__ import annotations

from leadflow.errors import require
from leadflow.files.column_meanings import ColumnMeanings
from leadflow.files.csv_source import CsvSource
from leadflow.files.tables import FileTable
from leadflow.files.workbook import Workbook

__all__ = ["config_draft"]


def config_draft(read: FileTable, meanings: ColumnMeanings) -> str:
    """Return the settings in YAML, to be looked at and edited; a run with them reads the file as it was read."""
    require("cli")
    import yaml

    found: dict[str, object] = {}
    if isinstance(read.source, CsvSource):
        found |= {"encoding": read.source.encoding.name, "delimiter": read.source.delimiter}
    if isinstance(read.source, Workbook):
        found["sheet"] = read.source.sheet
    if read.header_line > 1:
        found["header_line"] = read.header_line
    if meanings.system is not None:
        found["external_system"] = meanings.system
    if meanings.opt_out is not None:
        found["opt_out"] = {"column": meanings.opt_out} | ({"values": "*"} if meanings.is_opt_out_dated else {})
    for setting, known, columns in (
        ("date_order", meanings.date_orders, meanings.dated),
        ("decimal_sign", meanings.decimal_signs, meanings.numeric),
    ):
        values = {known.get(column) for column in columns}
        if len(values) == 1 and (value := values.pop()):  # what holds for all columns of the kind
            found[setting] = value
    found["columns"] = meanings.keys
    text = yaml.safe_dump(found, allow_unicode=True, sort_keys=False, default_flow_style=False)
    unknown = [one.column for one in meanings.columns if one.key is None]
    if not unknown:
        return text
    rest = "".join(f"#   {' '.join(column.split())}:\n" for column in unknown)
    return (
        f"{text}#   no field of a lead; give them a meaning above, or list them under ignore:\n{rest}" if rest else text
    )
