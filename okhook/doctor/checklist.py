"""All checks, in the order in which they are reported."""

from okhook.doctor.check import Check
from okhook.doctor.checks_hook import check_hook, check_orphans, check_url
from okhook.doctor.checks_hookdeck import check_hookdeck, check_login, check_tunnel
from okhook.doctor.checks_log import check_failures, check_limits
from okhook.doctor.checks_org import check_clock, check_credential, check_org
from okhook.doctor.checks_path import check_path
from okhook.doctor.checks_program import check_port, check_program, check_settings, check_store
from okhook.doctor.checks_secret import check_secret
from okhook.doctor.facts import Facts

CHECKS: tuple[Check[Facts], ...] = (
    Check("program", check_program),
    Check("settings", check_settings),
    Check("store", check_store),
    Check("port", check_port, needs="settings"),
    Check("hookdeck", check_hookdeck, needs="settings"),
    Check("login", check_login, needs="hookdeck"),
    Check("tunnel", check_tunnel, needs="settings"),
    Check("path", check_path, needs="settings"),
    Check("org", check_org, needs="settings"),
    Check("clock", check_clock, needs="org"),
    Check("credential", check_credential, needs="org"),
    Check("hook", check_hook, needs="credential"),
    Check("url", check_url, needs="credential"),
    Check("secret", check_secret, needs="credential"),
    Check("failures", check_failures, needs="credential"),
    Check("limits", check_limits, needs="credential"),
    Check("orphans", check_orphans, needs="credential"),
)
