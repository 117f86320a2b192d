"""What was suppressed stays so whatever secrets a process has: a key kept in the storage stands in for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import sqlalchemy as sa

from acme import ADA, acme_flow
from leadflow import LeadFlow
from leadflow.adapters.sql import SqlStorage

SECRET, NEWER = b"a secret of 16 bytes or more", b"a newer secret of 16 bytes or so"


def keys_of(flow: LeadFlow) -> tuple[bytes, ...]:
    return flow._do(flow._runner.keys())


def subscribes(flow: LeadFlow) -> str:
    lead_id = flow.capture(ADA, source="web").lead_id
    flow.consent(lead_id, "newsletter", "email", proof="a form")
    return lead_id


def without_secrets(storage, clock) -> LeadFlow:
    return acme_flow(storage, clock, secrets=(), sequences=[], unsubscribe_url=None)


def is_suppressed(flow: LeadFlow) -> bool:
    return "suppressed" in str(flow.explain(flow.capture(ADA, source="import", id="again").lead_id))


def test_erasure_without_secrets_suppresses(storage, clock):
    bare = without_secrets(storage, clock)
    bare.erase(subscribes(bare), by="anna")
    assert is_suppressed(acme_flow(storage, clock))


def test_a_suppression_outlives_secrets_that_come_and_change(storage, clock):
    bare = without_secrets(storage, clock)
    bare.erase(subscribes(bare), by="anna")
    eve = ADA | {"email": "eve@acme.example"}
    signed = acme_flow(storage, clock, secrets=(SECRET,))
    signed.erase(signed.capture(eve, source="web").lead_id, by="anna")
    rotated = acme_flow(storage, clock, secrets=(NEWER, SECRET))
    for values in (ADA, eve):
        again = rotated.capture(values, source="import", id="again").lead_id
        assert "suppressed" in str(rotated.explain(again))


def test_processes_that_race_make_one_key(storage, clock):
    everybody = 8
    at_once = Barrier(everybody)

    def process(_number: int) -> tuple[bytes, ...]:
        flow = without_secrets(storage, clock)
        at_once.wait()
        return keys_of(flow)

    with ThreadPoolExecutor(everybody) as pool:
        assert len(set(pool.map(process, range(everybody)))) == 1


def test_each_tenant_has_a_key_of_its_own(tmp_path, clock):
    url = f"sqlite:///{tmp_path}/tenants.db"
    one, other = (without_secrets(SqlStorage(url, tenant=name), clock) for name in ("one", "other"))
    assert keys_of(one) != keys_of(other)
    assert keys_of(one) == keys_of(without_secrets(SqlStorage(url, tenant="one"), clock))


def test_a_key_that_the_host_rolled_back_hashes_nothing(pg_dsn, clock):
    engine = sa.create_engine(pg_dsn)
    SqlStorage(engine).migrate()
    with engine.connect() as connection:
        hosted = without_secrets(SqlStorage(connection), clock)
        begun = connection.begin()
        hosted.erase(subscribes(hosted), by="anna")
        begun.rollback()
        with connection.begin():
            hosted.erase(subscribes(hosted), by="anna")
    assert is_suppressed(acme_flow(SqlStorage(engine), clock))
    engine.dispose()
