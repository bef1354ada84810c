"""What Hookdeck announces before it listens: webhook URL, dashboard and forwarding target."""

import re
from dataclasses import dataclass, field
from typing import final
from urllib.parse import urlsplit

from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.hookdeck.parser import Dashboard, ForwardsTo, Meaning, SourceCreated, WebhookUrl

_NOT_IN_A_SLUG = re.compile(r"[^\w-]")


@final
@dataclass(slots=True)
class Announcement:
    """The announcement of one child, line by line in any order."""

    source_created: bool = False
    _urls: list[WebhookUrl] = field(default_factory=list)
    _targets: list[str] = field(default_factory=list)
    _dashboard: Dashboard | None = None

    def take(self, meaning: Meaning) -> None:
        """Add a line of the announcement."""
        match meaning:
            case WebhookUrl():
                self._urls.append(meaning)
            case ForwardsTo(target):
                self._targets.append(target)
            case Dashboard():
                self._dashboard = meaning
            case SourceCreated():
                self.source_created = True

    @property
    def webhook_url(self) -> str | None:
        """The first webhook URL that was announced."""
        return self._urls[0].url if self._urls else None

    @property
    def is_whole(self) -> bool:
        """Whether all lines have come."""
        return bool(self._urls and self._targets) and self._dashboard is not None

    def ready(self, config: TunnelConfig, version: str) -> TunnelReady:
        """Return the announcement as an activity. There must be a webhook URL."""
        target = self._own_target(config) or config.path
        return TunnelReady(
            webhook_url=self._url_of(config.source),
            dashboard_url=self._dashboard.url if self._dashboard else None,
            source=config.source,
            forwards_to=f"http://localhost:{config.port}{target}" if target[0] == "/" else target,
            hookdeck_version=version,
            guest=self._dashboard is not None and self._dashboard.guest,
        )

    def foreign_target(self, config: TunnelConfig) -> str | None:
        """Return a target of the announcement, if none of the targets has our path."""
        if not self._targets or self._own_target(config) is not None:
            return None
        return self._targets[0]

    def _own_target(self, config: TunnelConfig) -> str | None:
        return next((each for each in self._targets if _path_of(each) == config.path), None)

    def _url_of(self, source: str) -> str:
        slug = _NOT_IN_A_SLUG.sub("-", source)
        named = (found.url for found in self._urls if found.source in (source, slug))
        return next(named, self._urls[0].url)


def _path_of(target: str) -> str | None:
    try:
        return urlsplit(target).path
    except ValueError:
        return None
