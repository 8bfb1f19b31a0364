"""What MCP costs a process that nobody calls by it: nothing that is worth a number."""

from __future__ import annotations

import subprocess
import sys


def test_no_sdk_is_loaded_with_the_application() -> None:
    """It would take 34 MB and a third of a second; the tests have it installed, and the service does not need it."""
    code = (
        "import sys; from cavendish.web import app; from cavendish import bootstrap;"
        "assert 'POST /mcp' in {f'{one.method} {one.path}' for one in app.all_operations()};"
        "print(sorted({'mcp', 'mcp_types', 'jsonschema', 'sse_starlette', 'PIL', 'jwt'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"
