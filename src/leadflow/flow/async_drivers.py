"""What carries programs out in an event loop: every step is awaited, others go on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeVar

from leadflow.decisions.reads import Read
from leadflow.flow.effects import Effect, Emit, Program
from leadflow.ports import AsyncStorage

__all__ = ["AsyncPorts", "carried_out_async", "streamed_async"]

T = TypeVar("T")


@dataclass(frozen=True)
class AsyncPorts:
    """An asynchronous storage and the clock of the loop."""

    storage: AsyncStorage

    async def pause(self, seconds: float) -> None:
        """Let others go on for a while."""
        await asyncio.sleep(seconds)

    async def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Await a coroutine function; all else is called in a thread, so that it keeps nobody waiting."""
        if iscoroutinefunction(function):
            return await function(*arguments)
        came = await asyncio.to_thread(function, *arguments)
        return await came if isawaitable(came) else came


async def carried_out_async(program: Program[T], ports: AsyncPorts) -> T:
    """Carry a program out; what goes wrong outside, or cancels it, is thrown in where it was awaited."""
    try:
        step = next(program)
        while True:
            came, wrong = await _what_came(step, ports)
            step = program.send(came) if wrong is None else program.throw(wrong)
    except StopIteration as end:
        answer: T = end.value
        return answer


async def streamed_async(program: Program[None], ports: AsyncPorts) -> AsyncIterator[Any]:
    """Carry a program out as far as what it hands out is taken."""
    try:
        step = next(program)
        while True:
            if isinstance(step, Emit):
                yield step.value
                step = program.send(None)
            else:
                came, wrong = await _what_came(step, ports)
                step = program.send(came) if wrong is None else program.throw(wrong)
    except StopIteration:
        return


async def _what_came(step: Read | Effect, ports: AsyncPorts) -> tuple[Any, BaseException | None]:
    """Return what comes of a step, or what goes wrong: also that it is cancelled, for the program to end in order."""
    try:
        return await (step.on(ports.storage) if isinstance(step, Read) else step.on(ports)), None  # type: ignore[arg-type]
    except BaseException as wrong:  # noqa: BLE001
        return None, wrong
