"""What a child process may do wrong ends with its call; the pool and its parent go on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cavendish.children import main
from cavendish.children.pool import ChildDied, ChildPool, ChildRefused, ChildTimedOut

pytestmark = pytest.mark.anyio

OPERATIONS = """
import ctypes, json, os, resource, signal, sys, time
from cavendish.children import main
from cavendish.children.main import Refused

kept = []

def echo(arguments, blobs, progress):
    return arguments, [blob[::-1] for blob in blobs]

def count(arguments, blobs, progress):
    for percent in arguments["percents"]:
        progress(percent)
    return {}, []

def show(arguments, blobs, progress):
    for blob in blobs:
        progress(50, blob)
    return {}, [b"done"]

def sleep(arguments, blobs, progress):
    if "pid_file" in arguments:
        progress(1)
    time.sleep(arguments["seconds"])
    return {}, []

def crash(arguments, blobs, progress):
    os.kill(os.getpid(), signal.SIGSEGV)

def fail(arguments, blobs, progress):
    raise RuntimeError("the prompt was: secret")

def refuse(arguments, blobs, progress):
    raise Refused("no such luck")

def hoard(arguments, blobs, progress):
    kept.append(bytearray(arguments["bytes"]))
    return {}, []

def spin(arguments, blobs, progress):
    until = time.process_time() + arguments["seconds"]
    while time.process_time() < until:
        pass
    return {}, []

def shout(arguments, blobs, progress):
    print("stray", flush=True)
    os.write(1, b"stray")
    os.write(0, b"stray")
    assert not sys.stdin.read()
    ctypes.CDLL(None).puts(b"stray")
    return {}, []

def about(arguments, blobs, progress):
    limits = {name: resource.getrlimit(getattr(resource, name)) for name in arguments["limits"]}
    descriptors = [int(name) for name in os.listdir("/proc/self/fd")]
    return {"pid": os.getpid(), "session": os.getsid(0), "environment": dict(os.environ), "limits": limits,
            "interrupt": signal.getsignal(signal.SIGINT) is signal.SIG_IGN, "descriptors": descriptors}, []

def write_file(arguments, blobs, progress):
    with open(arguments["path"], "w") as file:
        file.write("x")
    return {}, []

def forge(arguments, blobs, progress):
    # What a picture that took the child over could send in place of a frame.
    for descriptor in range(3, 8):
        try:
            os.write(descriptor, blobs[0])
        except OSError:
            pass
    time.sleep(10)

OPERATIONS = {name: value for name, value in list(globals().items()) if callable(value) and name != "Refused"}

if __name__ == "__main__":
    main.serve(OPERATIONS)
"""
MakePool = Callable[..., ChildPool]


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Both loops: their transports differ in inherited descriptors and errors."""
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
async def make_pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakePool]:
    (tmp_path / "child_test_operations.py").write_text(OPERATIONS)
    monkeypatch.syspath_prepend(str(tmp_path))
    pools: list[ChildPool] = []

    def make(**changes: float) -> ChildPool:
        options = {"processes": 1, "idle_seconds": 30, "memory_bytes": 2**30, "cpu_seconds": 5, "calls_max": 100}
        pools.append(ChildPool("child_test_operations", **(options | changes)))  # type: ignore[arg-type]
        return pools[-1]

    yield make
    for pool in pools:
        await pool.close()


async def pid(pool: ChildPool) -> int:
    answer, _ = await pool.call("about", {"limits": []}, [], timeout_seconds=10)
    return int(answer["pid"])


def is_alive(process: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


async def test_arguments_and_blobs_travel_both_ways(make_pool: MakePool) -> None:
    blobs = [b"", b"abc", os.urandom(5_000_000)]

    answer, returned = await make_pool().call("echo", {"word": "né 🎨", "n": [1, None]}, blobs, timeout_seconds=10)

    assert answer == {"word": "né 🎨", "n": [1, None]}
    assert returned == [blob[::-1] for blob in blobs]


async def test_one_child_serves_many_calls(make_pool: MakePool) -> None:
    pool = make_pool()

    assert await pid(pool) == await pid(pool)


async def test_progress_arrives_in_order_and_nonsense_is_dropped(make_pool: MakePool) -> None:
    seen: list[int] = []

    await make_pool().call(
        "count", {"percents": [0, 30, 101, -1, 60, 100]}, [], timeout_seconds=10, on_progress=seen.append
    )

    assert seen == [0, 30, 60, 100]


async def test_what_is_shown_on_the_way_arrives_in_order_and_before_the_result(make_pool: MakePool) -> None:
    seen: list[bytes | int] = []
    parts, pool = [b"a" * 100_000, b"b"], make_pool()

    answer = await pool.call("show", {}, parts, timeout_seconds=10, on_progress=seen.append, on_shown=seen.append)

    assert (seen, answer) == ([50, parts[0], 50, parts[1]], ({}, [b"done"]))


async def test_what_is_shown_to_nobody_is_dropped(make_pool: MakePool) -> None:
    assert await make_pool().call("show", {}, [b"a"], timeout_seconds=10) == ({}, [b"done"])


async def test_a_refusal_keeps_its_sentence_and_the_child_lives_on(make_pool: MakePool) -> None:
    pool = make_pool()
    before = await pid(pool)

    with pytest.raises(ChildRefused, match="^no such luck$"):
        await pool.call("refuse", {}, [], timeout_seconds=10)

    assert await pid(pool) == before


@pytest.mark.parametrize("operation", ["crash", "fail", "absent"])
async def test_a_child_that_breaks_fails_its_own_call_only(make_pool: MakePool, operation: str) -> None:
    pool = make_pool()
    before = await pid(pool)

    with pytest.raises(ChildDied) as caught:
        await pool.call(operation, {}, [], timeout_seconds=10)

    assert "secret" not in str(caught.value)
    assert not is_alive(before)
    assert await pid(pool) != before


async def test_a_call_past_its_time_is_killed_and_replaced(make_pool: MakePool) -> None:
    pool = make_pool()
    before = await pid(pool)
    start = time.monotonic()

    with pytest.raises(ChildTimedOut):
        await pool.call("sleep", {"seconds": 60}, [], timeout_seconds=0.3)

    assert time.monotonic() - start < 3
    assert not is_alive(before)
    assert await pid(pool) != before


async def test_a_cancelled_call_kills_its_child(make_pool: MakePool) -> None:
    pool = make_pool()
    before = await pid(pool)
    call = asyncio.create_task(pool.call("sleep", {"seconds": 60}, [], timeout_seconds=60))
    await asyncio.sleep(0.1)

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert not is_alive(before)
    assert await pid(pool) != before


async def test_a_child_killed_from_outside_fails_the_call_with_its_signal(make_pool: MakePool) -> None:
    pool = make_pool()
    process = await pid(pool)
    call = asyncio.create_task(pool.call("sleep", {"seconds": 60}, [], timeout_seconds=60))
    await asyncio.sleep(0.1)

    os.kill(process, signal.SIGKILL)

    with pytest.raises(ChildDied, match="signal 9"):
        await call


async def test_memory_has_a_limit(make_pool: MakePool) -> None:
    pool = make_pool(memory_bytes=300 * 2**20)
    await pool.call("hoard", {"bytes": 50 * 2**20}, [], timeout_seconds=10)

    with pytest.raises(ChildDied, match="MemoryError"):
        await pool.call("hoard", {"bytes": 400 * 2**20}, [], timeout_seconds=10)


async def test_processor_time_has_a_limit_per_call_not_per_child(make_pool: MakePool) -> None:
    pool = make_pool(cpu_seconds=1)
    for _ in range(3):
        await pool.call("spin", {"seconds": 0.6}, [], timeout_seconds=20)

    with pytest.raises(ChildDied, match=f"signal {int(signal.SIGXCPU)}"):
        await pool.call("spin", {"seconds": 20}, [], timeout_seconds=20)


async def test_a_child_is_replaced_after_its_share_of_calls(make_pool: MakePool) -> None:
    pool = make_pool(calls_max=2)

    processes = [await pid(pool) for _ in range(4)]

    assert processes[0] == processes[1] != processes[2] == processes[3]
    assert not is_alive(processes[0])


async def test_an_idle_child_ends_and_the_next_call_starts_another(make_pool: MakePool) -> None:
    pool = make_pool(idle_seconds=0.2)
    process = await pid(pool)

    assert await eventually(lambda: not is_alive(process))
    assert await pid(pool) != process


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say what a process holds")
async def test_a_large_child_is_idle_for_a_short_time_only(make_pool: MakePool) -> None:
    pool = make_pool(large_idle_seconds=0.2)
    small = await pid(pool)
    await asyncio.sleep(0.5)
    assert await pid(pool) == small

    await pool.call("hoard", {"bytes": main.LARGE_BYTES}, [], timeout_seconds=10)

    assert await eventually(lambda: not is_alive(small))
    assert await pid(pool) != small


async def test_a_child_that_ends_under_the_call_before_taking_it_costs_nothing(make_pool: MakePool) -> None:
    pool = make_pool()
    process = await pid(pool)
    os.kill(process, signal.SIGKILL)

    assert await pid(pool) != process


async def test_no_more_children_than_processes_and_the_rest_wait_in_order(make_pool: MakePool) -> None:
    pool = make_pool(processes=2)
    finished: list[int] = []

    async def call(number: int) -> None:
        await pool.call("sleep", {"seconds": 0.15}, [], timeout_seconds=10)
        finished.append(number)

    start = time.monotonic()
    await asyncio.gather(*(call(number) for number in range(6)))

    assert time.monotonic() - start > 0.4
    assert [number // 2 for number in finished] == [0, 0, 1, 1, 2, 2]
    assert len({await pid(pool) for _ in range(4)}) <= 2


async def test_stray_output_does_not_reach_the_frames(make_pool: MakePool) -> None:
    pool = make_pool()

    await pool.call("shout", {}, [], timeout_seconds=10)

    assert (await pool.call("echo", {"still": "clean"}, [], timeout_seconds=10))[0] == {"still": "clean"}


@pytest.mark.parametrize(
    "forged",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x04null",
        b'\x00\x00\x00\x1f{"kind":"result","blobs":[true]}',
        b'\x00\x00\x00\x2a{"kind":"result","blobs":[99999999999999]}',
        b'\x00\x00\x00\x1d{"kind":"result","blobs":[-1]}',
        b"\x00\x00\x20\x00" + b"[" * 8192,
        b'\x00\x00\x00\x22{"kind":"anything","blobs":[],"a":1}'[:38],
        b"\x80\x04\x95" + b"cos\nsystem\n(S'touch /tmp/x'\ntR." * 3,
    ],
)
async def test_a_forged_frame_ends_the_call_and_harms_nothing(make_pool: MakePool, forged: bytes) -> None:
    pool = make_pool()

    with pytest.raises(ChildDied):
        await pool.call("forge", {}, [forged], timeout_seconds=5)

    assert await pid(pool) > 0


async def test_a_child_sees_no_secrets_no_files_and_its_limits(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")
    limits = ["RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_AS"]
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)  # noqa: FBT003
        pool = make_pool()
        about, _ = await pool.call("about", {"limits": limits}, [], timeout_seconds=10)

    assert "secret" not in about["environment"].values()
    assert about["limits"] == {
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_NOFILE": [32, 32],
        "RLIMIT_FSIZE": [0, 0],
        "RLIMIT_AS": [2**30, 2**30],
    }
    assert about["session"] == about["pid"]
    assert about["interrupt"] is True
    assert max(about["descriptors"]) <= 6
    with pytest.raises(ChildDied, match="OSError"):
        await pool.call("write_file", {"path": str(tmp_path / "written")}, [], timeout_seconds=10)


async def test_a_module_that_cannot_start_is_an_error_not_a_hang(tmp_path: Path) -> None:
    pool = ChildPool("no_such_module", processes=1, idle_seconds=1, memory_bytes=2**30, cpu_seconds=1, calls_max=1)

    with pytest.raises(ChildDied, match="no_such_module"):
        await pool.call("echo", {}, [], timeout_seconds=10)

    await pool.close()


async def test_close_ends_calls_under_way_and_waiting(make_pool: MakePool) -> None:
    pool = make_pool()
    process = await pid(pool)
    calls = [asyncio.create_task(pool.call("sleep", {"seconds": 60}, [], timeout_seconds=60)) for _ in range(3)]
    await asyncio.sleep(0.1)

    await asyncio.wait_for(pool.close(), timeout=5)

    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [ChildDied] * 3
    assert not is_alive(process)
    with pytest.raises(ChildDied):
        await pool.call("echo", {}, [], timeout_seconds=10)


async def test_children_end_when_their_parent_is_killed_in_the_middle_of_a_call(
    make_pool: MakePool, tmp_path: Path
) -> None:
    make_pool()
    parent = textwrap.dedent(
        f"""
        import asyncio, sys
        sys.path[:0] = {[str(tmp_path), *sys.path]!r}
        from cavendish.children.pool import ChildPool
        async def main():
            pool = ChildPool("child_test_operations", processes=1, idle_seconds=30, memory_bytes=2**30,
                             cpu_seconds=30, calls_max=9)
            about, _ = await pool.call("about", {{"limits": []}}, [], timeout_seconds=10)
            print(about["pid"], flush=True)
            await pool.call("sleep", {{"seconds": 60}}, [], timeout_seconds=60)
        asyncio.run(main())
        """
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", parent, stdout=subprocess.PIPE)
    assert process.stdout is not None
    child = int(await asyncio.wait_for(process.stdout.readline(), timeout=10))
    assert is_alive(child)

    process.kill()
    await process.wait()

    assert await eventually(lambda: not is_alive(child))


def test_the_parent_imports_no_decoder() -> None:
    code = "import sys, cavendish.imaging.decoder; print({'PIL', 'numpy'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
