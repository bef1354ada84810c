"""Measure with wrk: a Lua script posts deliveries, each with an eventId and a uuid of its own.

wrk counts as an error of status what is 400 or above; none of the servers here answers 3xx.
"""

import json
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.bench.figures import LoadFigures
from tests.load.deliveries import DeliveryTemplate
from tests.load.generator import request_head

_SCRIPT = """
local head, between, tail = {head}, {between}, {tail}
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  math.randomseed({seed} + number)
end

local random, format = math.random, string.format

local function uuid()
  return format("%08x-%04x-4%03x-8%03x-%04x%08x", random(0, 4294967295), random(0, 65535),
    random(0, 4095), random(0, 4095), random(0, 65535), random(0, 4294967295))
end

function request()
  return head .. uuid() .. between .. uuid() .. tail
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(format('{{"duration_us":%d,"answers":%d,"not_2xx":%d,"socket_errors":%d,' ..
    '"p50_us":%d,"p99_us":%d,"worst_us":%d}}\\n', summary.duration, summary.requests,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
"""


def wrk() -> str | None:
    """Return the path of wrk, None where it is not installed."""
    return shutil.which("wrk")


def measure_with_wrk(
    program: str, url: str, template: DeliveryTemplate, *, connections: int, seconds: float
) -> LoadFigures:
    """Post to ``url`` for ``seconds`` and return what wrk saw."""
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "deliveries.lua"
        script.write_text(_script(url, template))
        done = subprocess.run(
            [
                *(program, "--threads", "1", "--connections", str(connections)),
                *("--duration", f"{round(seconds)}s", "--script", str(script), url),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout.splitlines()[-1])
    return LoadFigures(
        duration_s=found["duration_us"] / 1e6,
        answers=found["answers"],
        not_2xx=found["not_2xx"],
        socket_errors=found["socket_errors"],
        p50_s=found["p50_us"] / 1e6,
        p99_s=found["p99_us"] / 1e6,
        worst_s=found["worst_us"] / 1e6,
    )


def _script(url: str, template: DeliveryTemplate) -> str:
    length = len(template.filled("-" * 36, "-" * 36).body)
    return _SCRIPT.format(
        head=_lua_string(request_head(url) + f"{length}\r\n\r\n".encode() + template.head),
        between=_lua_string(template.between),
        tail=_lua_string(template.tail),
        seed=secrets.randbits(31),
    )


def _lua_string(content: bytes) -> str:
    """Return a Lua literal of these very bytes; a long string would change line ends."""
    return '"' + "".join(f"\\{byte:03d}" for byte in content) + '"'
