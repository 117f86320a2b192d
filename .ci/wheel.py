"""Every file of the package is in the wheel: the migrations and their template, ``py.typed``, all modules."""

import sys
import zipfile
from pathlib import Path

wheel, source = sys.argv[1], Path(sys.argv[2])
packed = set(zipfile.ZipFile(wheel).namelist())
wanted = {
    path.relative_to(source).as_posix()
    for path in source.rglob("*")
    if path.is_file() and path.suffix != ".pyc" and not any(part.startswith(".") for part in path.parts)
}
stray = {name for name in packed - wanted if ".dist-info/" not in name}
if wanted - packed or stray:
    sys.exit(f"not in the wheel: {sorted(wanted - packed)}; in it without a source: {sorted(stray)}")
print(f"{Path(wheel).name}: {len(wanted)} files of the package, {len(packed) - len(wanted)} about it")
