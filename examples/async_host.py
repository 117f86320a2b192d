"""An asynchronous host: the façade in a thread, and a loop that ticks. Run it: python examples/async_host.py"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from leadflow import LeadFlow, StageChanged
from leadflow.adapters.memory import MemoryStorage


async def ticking(flow: LeadFlow, every: float) -> None:
    """Do what is due, again and again; a real host would take a minute for ``every``."""
    while True:
        await asyncio.to_thread(flow.tick)
        await asyncio.sleep(every)


async def main() -> list[str]:
    """Capture twenty leads at once, and hear of each of them."""
    flow, heard = LeadFlow(MemoryStorage()), []
    flow.on(StageChanged, lambda fact: heard.append(fact.lead_id), name="printer")
    loop = asyncio.create_task(ticking(flow, 0.01))
    captures = (
        asyncio.to_thread(flow.capture, {"email": f"p{number}@acme.example"}, source="web") for number in range(20)
    )
    captured = await asyncio.gather(*captures)
    while len(heard) < len(captured):  # noqa: ASYNC110  (they are heard in another thread)
        await asyncio.sleep(0.01)
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
    return heard


if __name__ == "__main__":
    print(f"{len(asyncio.run(main()))} leads came in at once, and each was heard of")
