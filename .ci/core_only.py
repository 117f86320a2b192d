"""Run where only the wheel and its core dependencies are installed: what needs no extra works without one."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from leadflow import errors

for optional in ("sqlalchemy", "typer", "rich", "yaml", "liquid", "pytest", "hypothesis"):
    assert importlib.util.find_spec(optional) is None, f"{optional} came with the core"

for extra in errors._EXTRAS:
    try:
        errors.require(extra)
    except errors.MissingExtra as missing:
        assert f"pip install 'leadflow[{extra}]'" in str(missing)
    else:
        raise AssertionError(f"{extra} is there without being installed")

command = subprocess.run(
    [Path(sys.executable).with_name("leadflow"), "--help"], capture_output=True, text=True, check=False
)
assert command.returncode != 0
assert "leadflow[cli]" in command.stderr, command.stderr
assert "Traceback" not in command.stderr, command.stderr
print("the core works alone, and names the extras for the rest")
