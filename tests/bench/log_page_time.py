"""How long the sandbox takes for a page of its System Log, however long the log is.

Run it as ``python -m tests.bench.log_page_time``. A page of a thousand entries is cut out of a log
of 100,000 entries and out of one of 5,000, at its beginning, middle and end. The target is a ratio
of at most 3.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

from okhook.sandbox.routes_logs import log_page, log_query
from okhook.sandbox.system_log import Logged, SystemLog, logged

_UNTIL = datetime(2026, 2, 1, 12, tzinfo=UTC)
_PAGE = 1_000
_ROUNDS = 5


def _entries(count: int) -> Iterator[Logged]:
    began = _UNTIL - timedelta(seconds=count + 1)
    template = logged(1, began, {"eventType": "even", "actor": {"name": "Doe"}})
    for n in range(1, count + 1):
        yield replace(template, seq=n, published=began + timedelta(seconds=n))


def page_s(count: int) -> float:
    """Return the median time of a page out of a log of ``count`` entries, in CPU seconds."""
    log = SystemLog(1, _entries(count))
    took_s = []
    for _ in range(_ROUNDS):
        for more in ([], [("sortOrder", "DESCENDING")], [("filter", 'eventType eq "even"')]):
            for after in (count // 10, count // 2, count - 2 * _PAGE):
                query = [("limit", str(_PAGE)), ("after", f"0_{after}"), *more]
                began = time.process_time()
                page = log_page(log_query(query, _UNTIL), log)
                took_s.append(time.process_time() - began)
                if not page.entries:
                    raise SystemExit("the page is empty: nothing was measured")
    return median(took_s)


def main() -> None:
    """Print both medians and their ratio."""
    short_s, long_s = page_s(5_000), page_s(100_000)
    print(f"a page of {_PAGE} entries: {short_s * 1000:.1f} ms of 5,000 entries,")
    print(f"{long_s * 1000:.1f} ms of 100,000; ratio {long_s / short_s:.2f}, target 3")


if __name__ == "__main__":
    main()
