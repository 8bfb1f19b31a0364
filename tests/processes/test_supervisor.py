"""The supervisor stops however often it is told to, and however fast."""

from __future__ import annotations

import subprocess
import sys

# Whatever is called to hear the first interrupt meets another one at each of its lines.
STORM = """
import os, signal, sys, threading
from cavendish import settings
from cavendish.processes.supervisor import Supervisor

supervisor = Supervisor(settings.load({"data": "/nowhere", "database_url": "postgresql://h/d"}), {}, worker=False)
supervisor._children = []
supervisor._shut_down = lambda: print("orderly", flush=True)
left = 200

def again(frame, event, argument):
    global left
    if left and (frame.f_code.co_filename == threading.__file__ or frame.f_code.co_name == "_told"):
        left -= 1
        signal.raise_signal(signal.SIGINT)
    return again

threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
sys.settrace(again)
os._exit(supervisor.run())
"""


def test_an_interrupt_inside_an_interrupt_is_no_trouble() -> None:
    """Whoever is impatient presses Ctrl-C twice, and the second may come while the first is being heard."""
    done = subprocess.run([sys.executable, "-c", STORM], capture_output=True, text=True, timeout=20, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "orderly"), done.stderr
