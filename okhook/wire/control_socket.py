"""The headers of the control socket, through which okhook's commands reach a running receiver."""

from typing import Final

THROUGH_TUNNEL: Final = "X-Okhook-Through-Tunnel"
"""Asks the receiver to post the request to its webhook URL, with its secret."""

FAULT: Final = "X-Okhook-Fault"
"""Why there was no answer from the webhook URL."""
