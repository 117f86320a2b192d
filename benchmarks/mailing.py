"""What a connection of its own costs each mail, against one connection for all of them: run by bench.py.

The server is aiosmtpd on this machine, in a process of its own: no TLS, no log-in and no network, which would each
make a connection dearer.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from typing import Any

MAILS, ROUNDS = 300, 5


def mailing(scale: int) -> None:
    from leadflow.adapters.smtp import SmtpMailer
    from leadflow.testing.mailer_contract import a_message

    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    mailer = SmtpMailer(f"smtp://127.0.0.1:{ours.recv()}")
    mails = [a_message(number) for number in range(MAILS // scale)]

    def on_one() -> None:
        with mailer.session() as session:
            for mail in mails:
                session.send(mail)

    def one_each() -> None:
        for mail in mails:
            mailer.send(mail)

    pairs = [(rate(on_one, len(mails)), rate(one_each, len(mails))) for _ in range(ROUNDS)]
    server.terminate()
    ratios = sorted(one / other for one, other in pairs)
    fast, slow = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    print(f"\n### {len(mails)} mails to a server on this machine (wall time)\n")
    print("| on one connection | a connection for each | ratio |\n|---|---|---|")
    print(
        f"| {fast:,.0f} mails per second | {slow:,.0f} mails per second | "
        f"**{statistics.median(ratios):.2f} ×** ({ratios[0]:.2f} to {ratios[-1]:.2f}) |"
    )


def rate(send: Any, mails: int) -> float:
    begun = time.perf_counter()
    send()
    return mails / (time.perf_counter() - begun)


def serve(pipe: Any) -> None:
    import asyncio

    from aiosmtpd.smtp import SMTP

    class Sink:
        async def handle_DATA(self, *_: Any) -> str:  # noqa: N802  (aiosmtpd looks for it by name)
            return "250 OK"

    async def forever() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Sink(), loop=loop), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


if __name__ == "__main__":
    mailing(10 if "--quick" in sys.argv else 1)
