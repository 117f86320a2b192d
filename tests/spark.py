"""A Spark session for tests, one per worker: two threads on this machine, in a time zone that must not matter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # queries are small and each is new
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "America/New_York",
}


class NoSpark(Exception):
    """There is none here; the message says what was looked for."""


def running(home: Path) -> SparkSession:
    """A session of its own, which keeps its files in ``home``."""
    if java() < 17:
        raise NoSpark("JAVA_HOME and PATH lead to no Java of 17 or newer: install a JRE (openjdk-17-jre-headless)")
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise NoSpark(f"{missing}: pip install 'leadflow[spark]'") from missing
    settings = SETTINGS | {"spark.sql.warehouse.dir": str(home), "spark.local.dir": str(home)}
    building = SparkSession.builder.master("local[2]").appName("leadflow-tests")
    for name, value in settings.items():
        building = building.config(name, value)
    return building.getOrCreate()


def java() -> int:
    """The version of the Java that Spark would start; 0 without one."""
    program = shutil.which("java", path=str(Path(home) / "bin") if (home := os.environ.get("JAVA_HOME")) else None)
    if program is None:
        return 0
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    return int(version[1]) if (version := re.search(r'version "(\d+)', told)) else 0
