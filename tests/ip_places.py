"""A small database of places in MaxMind's format."""

from pathlib import Path

import pytest

__all__ = ["write_places"]


def write_places(file: Path) -> Path:
    """Write London, an anonymiser and a country without cities; skip the test where that is not possible."""
    pytest.importorskip("maxminddb")
    writer = pytest.importorskip("mmdb_writer")
    from netaddr import IPSet

    places = writer.MMDBWriter(ip_version=6, database_type="Test-City", ipv4_compatible=True)
    london = {
        "country": {"iso_code": "GB"}, "subdivisions": [{"iso_code": "ENG"}], "city": {"names": {"en": "London"}},
        "location": {"time_zone": "Europe/London"},
    }  # fmt: skip
    places.insert_network(IPSet(["81.2.69.142/31"]), london)
    places.insert_network(IPSet(["5.6.7.0/24"]), london | {"traits": {"is_anonymous_proxy": True}})
    places.insert_network(IPSet(["5.6.8.0/24"]), london | {"traits": {"is_anonymous": True, "is_tor_exit_node": True}})
    places.insert_network(IPSet(["2001:218::/32"]), {"country": {"iso_code": "JP"}})
    places.to_db_file(str(file))
    return file
