"""The official Python client; ../README.md has the contract."""

import asyncio
import json
import math
import re
import resource
import sys
import time
from pathlib import Path

from mcp import Client, StdioServerParameters


class CannotDo(Exception):
    """A mode that the SDK cannot do."""


def text_of(number, size):
    return str(number).ljust(size, "x")


async def echo(client, text):
    result = await client.call_tool("echo", {"text": text})
    if not result.content or result.content[0].text != text:
        raise RuntimeError("the answer is not the text that was sent")


def peak_rss_kb():
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def cpu_us():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e6


async def calls(client, in_flight, size, first, end):
    """Calls numbered from first to below end, by so many callers at a time; the time of each in us."""
    times = [0.0] * (end - first)
    numbers = iter(range(first, end))

    async def caller():
        for mine in numbers:
            start = time.perf_counter_ns()
            await echo(client, text_of(mine, size))
            times[mine - first] = (time.perf_counter_ns() - start) / 1000

    await asyncio.gather(*(caller() for _ in range(in_flight)))
    return times


async def measure(client, in_flight, size, count):
    warm = max(1, min(count // 4, 2000))
    await calls(client, in_flight, size, 0, warm)
    cpu, start = cpu_us(), time.perf_counter_ns()
    times = await calls(client, in_flight, size, warm, warm + count)
    wall, cpu = (time.perf_counter_ns() - start) / 1000, cpu_us() - cpu
    times.sort()

    def quantile(part):
        return times[max(0, math.ceil(part * count) - 1)]

    return {
        "in_flight": in_flight,
        "bytes": size,
        "calls": count,
        "cpu_us": cpu / count,
        "wall_us": wall / count,
        "p50_us": quantile(0.5),
        "p99_us": quantile(0.99),
        "p999_us": quantile(0.999),
        "rss_kb": peak_rss_kb(),
    }


async def run_cells(server, mode, cells):
    async with Client(server, mode=mode) as client:
        if mode == "auto" and isinstance(server, str) and client.protocol_version < "2026-07-28":
            raise CannotDo("the modern era was not agreed on")
        await echo(client, text_of(0, 100))
        print("first", flush=True)
        for cell in cells.split(","):
            print(json.dumps(await measure(client, *map(int, cell.split(":")))), flush=True)


async def run_fleet(server, counts):
    for servers in map(int, counts.split(",")):
        cpu, start = cpu_us(), time.perf_counter_ns()
        listed, close = asyncio.Semaphore(0), asyncio.Event()

        async def member():
            async with Client(server) as client:
                if not (await client.list_tools()).tools:
                    raise RuntimeError("a server without tools")
                listed.release()
                await close.wait()

        async with asyncio.TaskGroup() as group:
            for _ in range(servers):
                group.create_task(member())
            for _ in range(servers):
                await listed.acquire()
            ms, cpu_ms = (time.perf_counter_ns() - start) / 1e6, (cpu_us() - cpu) / 1000
            print(json.dumps({"servers": servers, "ms": ms, "cpu_ms": cpu_ms, "rss_kb": peak_rss_kb()}), flush=True)
            close.set()


async def main(mode, list_, *rest):
    command, *args = rest[1:] if rest[0] == "--" else rest
    if mode == "fleet":
        await run_fleet(StdioServerParameters(command=command, args=args), list_)
    elif mode == "stdio":
        await run_cells(StdioServerParameters(command=command, args=args), "auto", list_)
    elif mode == "http-legacy":
        await run_cells(command, "legacy", list_)
    elif mode == "http-modern":
        await run_cells(command, "auto", list_)
    else:
        raise CannotDo(f"no mode {mode}")


def reason(error):
    """The first failure in what the task groups of the SDK wrap it with."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


try:
    asyncio.run(main(*sys.argv[1:]))
except Exception as failure:
    why = reason(failure)
    print(f"{type(why).__name__}: {why}", file=sys.stderr)
    sys.exit(3 if isinstance(why, CannotDo) else 1)
