"""The asynchronous driver of programs: every step is awaited, while other tasks continue."""

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
        """Sleep, while other tasks continue."""
        await asyncio.sleep(seconds)

    async def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Await a coroutine function; call any other function in a thread, so that the loop is not blocked."""
        if iscoroutinefunction(function):
            return await function(*arguments)
        came = await asyncio.to_thread(function, *arguments)
        return await came if isawaitable(came) else came


async def carried_out_async(program: Program[T], ports: AsyncPorts) -> T:
    """Run a program; errors from outside, and cancellation, are thrown in where it waits."""
    try:
        step = next(program)
        while True:
            came, wrong = await _what_came(step, ports)
            step = program.send(came) if wrong is None else program.throw(wrong)
    except StopIteration as end:
        answer: T = end.value
        return answer


async def streamed_async(program: Program[None], ports: AsyncPorts) -> AsyncIterator[Any]:
    """Run a program as far as its values are consumed."""
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
    """Return the result of a step or its error, including cancellation, so that the program can clean up."""
    try:
        return await (step.on(ports.storage) if isinstance(step, Read) else step.on(ports)), None  # type: ignore[arg-type]
    except BaseException as wrong:  # noqa: BLE001
        return None, wrong
