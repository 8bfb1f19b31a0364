"""Clients that generators make of the OpenAPI document, made, type-checked and run: each has a picture made.

openapi-typescript comes with the npm packages of `make test`; openapi-generator and its Java only with
`make test-generators`.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png

from harness.served_app import ServedApp

PROGRAMS = Path(__file__).with_name("generated")
PACKAGES = Path(__file__).with_name("node") / "node_modules"
SECONDS = 240  # a Java that starts on a busy machine

needs_packages = pytest.mark.skipif(
    not (PACKAGES / "typescript").exists(),
    reason="the npm packages are not installed: GENERATED CLIENTS IN TYPESCRIPT ARE NOT TESTED",
)
needs_generator = pytest.mark.skipif(
    importlib.util.find_spec("openapi_generator_cli") is None,
    reason="openapi-generator is not installed (make test-generators): ITS CLIENTS ARE NOT TESTED",
)
needs_compiler = pytest.mark.skipif(
    shutil.which("javac") is None, reason="there is no javac: THE GENERATED CLIENT IN JAVA IS NEITHER COMPILED NOR RUN"
)
CHECKED = {
    "compilerOptions": {
        "strict": True, "noEmitOnError": True, "skipLibCheck": False, "target": "es2022", "module": "nodenext",
        "moduleResolution": "nodenext", "lib": ["es2022", "dom"], "types": [], "outDir": "made", "rootDir": ".",
    },
}  # fmt: skip


@pytest.fixture
def folder(server: ServedApp, tmp_path: Path) -> Path:
    """With the document in it."""
    (tmp_path / "openapi.json").write_bytes(httpx2.get(f"{server.url}/openapi.json").content)
    return tmp_path


def ran(command: list[Any], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def generated(folder: Path, language: str, *options: str) -> None:
    """By openapi-generator, into `client`; what it cannot tell is no warning of ours."""
    ran([sys.executable, "-c", "from openapi_generator_cli import cli; cli()", "generate", "-i", "openapi.json",
         "-g", language, "-o", "client", *options], folder)  # fmt: skip


def ordered(server: ServedApp, folder: Path, command: list[Any]) -> dict[str, Any]:
    """What the program says, which ordered one picture."""
    account, lake = server.account(credits=100), png(64, 64)
    (folder / "lake.png").write_bytes(lake)
    said = ran(command, folder, ORIGIN=server.url, KEY=account.key, LAKE=base64.b64encode(lake).decode())
    assert server.balance(account) == (96, 0)
    found: dict[str, Any] = json.loads(said)
    assert found.pop("size") > 1000
    return found


def compiled(folder: Path, program: str) -> Path:
    """The program and all it imports, past `tsc --strict`."""
    shutil.copy(PROGRAMS / program, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps({**CHECKED, "files": [program]}))
    ran([PACKAGES / ".bin" / "tsc"], folder)
    return folder / "made" / program.replace(".ts", ".js")


@needs_packages
def test_the_types_of_openapi_typescript_hold(server: ServedApp, folder: Path) -> None:
    ran([PACKAGES / ".bin" / "openapi-typescript", "openapi.json", "--default-non-nullable=false", "-o", "schema.ts"],
        folder)  # fmt: skip

    found = ordered(server, folder, ["node", compiled(folder, "typed.ts")])

    assert found == {"status": "completed", "charged": 4, "told": "MISSING_INPUT_IMAGE"}


@needs_generator
@needs_packages
def test_openapi_generators_typescript_is_strict_and_edits(server: ServedApp, folder: Path) -> None:
    generated(folder, "typescript-fetch", "--additional-properties=importFileExtension=.js")

    found = ordered(server, folder, ["node", compiled(folder, "order.ts")])

    assert found == {"status": "completed", "charged": 4, "told": "MISSING_INPUT_IMAGE"}


@needs_generator
def test_openapi_generators_python_edits_and_reads_the_account(server: ServedApp, folder: Path) -> None:
    generated(folder, "python", "--package-name=cavendish_client")
    shutil.copy(PROGRAMS / "order.py", folder / "client")

    found = ordered(server, folder, [sys.executable, folder / "client" / "order.py"])

    assert found == {
        "status": "completed", "charged": 4, "told": "MISSING_INPUT_IMAGE", "listed": True, "read": True,
    }  # fmt: skip


@needs_generator
@needs_compiler
def test_openapi_generators_java_compiles_and_orders(server: ServedApp, folder: Path) -> None:
    """Against the generator's own jar, which has the JSON library that the client needs."""
    import openapi_generator_cli  # only here: it is not installed for other tests

    jar = Path(openapi_generator_cli.__file__).with_name("openapi-generator.jar")
    generated(folder, "java", "--library=native", "--additional-properties=openApiNullable=false")
    sources = [*(folder / "client" / "src" / "main").rglob("*.java"), *PROGRAMS.glob("*.java")]
    ran(["javac", "-nowarn", "-cp", jar, "-d", "classes", *sources], folder)

    found = ordered(server, folder, ["java", "-cp", f"{jar}{os.pathsep}classes", "Order"])

    assert found == {"status": "completed", "charged": 4, "told": "MISSING_INPUT_IMAGE"}
