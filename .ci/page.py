"""Runs the Python blocks of a page for a reader who has only what it says to install: `page.py docs/batch.md`."""

import re
import sys
from pathlib import Path

page = Path(sys.argv[1])
blocks = re.findall(
    r"^(<!-- not run: .*-->\n)?```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
names: dict[str, object] = {"__name__": "__main__"}
for not_run, code in blocks:
    if not not_run:
        exec(compile(code, str(page), "exec"), names)
print(f"{page}: {len(blocks)} blocks")
