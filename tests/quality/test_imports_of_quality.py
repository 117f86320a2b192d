import subprocess
import sys

PROGRAM = """
import sys
from leadflow.quality import check
print(sorted({name.partition(".")[0] for name in sys.modules} & {"phonenumbers", "email_validator", "rapidfuzz"}))
check({"phone": "030 23125 123", "email": "ada@acme.example", "country": "Deutschlnd"}, default_country="DE")
print(sorted(name for name in sys.modules if name.startswith(("phonenumbers.geo", "phonenumbers.carrier", "dns"))))
"""


def test_heavy_dependencies_are_loaded_by_the_first_check_and_geodata_and_dns_never() -> None:
    found = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["[]", "[]"]
