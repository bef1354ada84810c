"""Scripts that stand in for the ``hookdeck`` program where the real one could not be made to fail.

Each answers ``hookdeck version`` and then behaves, for ``listen``, as its body says.
"""

import sys
from pathlib import Path

ANNOUNCEMENT = """
say('Source "okta" not found.')
say('Listening on 1 source • 1 connection')
say('')
say('okta')
say('│  Requests to → https://hkdk.events/src_fake')
say('└─ Forwards to → http://localhost:%s%s (cli-okta)' % (port, path))
say('')
say('💡 Sign up to make your webhook URL permanent: https://console.example/guest?token=t')
"""
"""What a guest's Hookdeck 2.6 announces."""

WAIT = """
while True:
    time.sleep(60)
"""

CTRL_C = "os.kill(os.getppid(), signal.SIGINT)\n"
"""Ends the okhook that runs it, as a person does."""

_VERSION = """#!/bin/sh
if [ "$1" = version ]; then echo 'hookdeck version {version}'; exit; fi
exec '{python}' '{listen}' "$@"
"""
"""A shell starts in a moment, and every check asks for the version."""

_HEAD = """
import json, os, pathlib, signal, subprocess, sys, time
def say(text, stream=sys.stdout):
    print(text, file=stream, flush=True)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it
here = pathlib.Path(__file__).parent
with (here / 'runs').open('a') as runs:
    runs.write(json.dumps({'pid': os.getpid(), 'argv': sys.argv[1:], 'env': dict(os.environ)}))
    runs.write(chr(10))
run = len((here / 'runs').read_text().splitlines())
port = sys.argv[2]
path = sys.argv[sys.argv.index('--path') + 1]
"""


def fake_hookdeck(folder: Path, body: str, *, version: str = "2.6.0") -> Path:
    """Write a program whose ``listen`` runs ``body``; ``run`` counts from 1 within it."""
    program, listen = folder / "hookdeck", folder / "hookdeck.py"
    listen.write_text(_HEAD + body, encoding="utf-8")
    head = _VERSION.format(version=version, python=sys.executable, listen=listen)
    program.write_text(head, encoding="utf-8")
    program.chmod(0o755)
    return program
