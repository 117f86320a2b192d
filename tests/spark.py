"""A Spark session for tests, one per worker: two threads on this machine, in a time zone that must not matter."""

from __future__ import annotations

import os
import shutil
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
    if not java():
        raise NoSpark("there is no java on the PATH nor in JAVA_HOME: install a JRE (default-jre-headless)")
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise NoSpark(f"{missing}: pip install 'leadflow[spark]'") from missing
    settings = SETTINGS | {"spark.sql.warehouse.dir": str(home), "spark.local.dir": str(home)}
    building = SparkSession.builder.master("local[2]").appName("leadflow-tests")
    for name, value in settings.items():
        building = building.config(name, value)
    return building.getOrCreate()


def java() -> str | None:
    """The program that Spark would start."""
    if home := os.environ.get("JAVA_HOME"):
        return shutil.which("java", path=str(Path(home) / "bin"))
    return shutil.which("java")
