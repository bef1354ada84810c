"""An okhook that waits at its end as long as tests wait.

The seconds that it has in production may be over before a busy machine runs the next line of a
test. It starts with :func:`tests.support.okhook_process.running_program`.
"""

from tests.support.okhook_process import PATIENCE_S

AFTER_CTRL_C_S, AFTER_SIGTERM_S = PATIENCE_S, 2 * PATIENCE_S

UNFORCED_OKHOOK = (
    "-c",
    f"""
from okhook.runtime import shutdown
shutdown.END_OF_A_SERVICE_S = {2 * AFTER_SIGTERM_S}
from okhook.cli.app import main
main()
""",
)
"""Ends when all of it has ended, also if a busy machine needs longer than a platform allows."""

PATIENT_OKHOOK = (
    "-c",
    f"""
from okhook.runtime import shutdown
shutdown.usual_grace_s = lambda: {AFTER_CTRL_C_S}
shutdown._GRACE_OF_A_SERVICE_S = {AFTER_SIGTERM_S}
shutdown.END_OF_A_SERVICE_S = {2 * AFTER_SIGTERM_S}
from okhook.cli.app import main
main()
""",
)
