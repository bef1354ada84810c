"""All checks, in the order in which they are reported."""

from okhook.doctor import (
    checks_hook,
    checks_hookdeck,
    checks_log,
    checks_org,
    checks_orphans,
    checks_path,
    checks_program,
    checks_secret,
)
from okhook.doctor.check import Check
from okhook.doctor.facts import Facts

CHECKS: tuple[Check[Facts], ...] = (
    *checks_program.CHECKS,
    *checks_hookdeck.CHECKS,
    *checks_path.CHECKS,
    *checks_org.CHECKS,
    *checks_hook.CHECKS,
    *checks_secret.CHECKS,
    *checks_log.CHECKS,
    *checks_orphans.CHECKS,
)
