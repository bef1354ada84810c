"""Find out which samples the receiver knows already."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from okhook.cli.context import Context
from okhook.errors import StoreFailed
from okhook.runtime.run_files import ReceiverRun, TunnelRun
from okhook.send_sample.sender import SampleSent
from okhook.wire.delivery import delivery_in
from okhook.wire.org import is_loopback
from okhook.wire.samples.sample import Sample


@dataclass(slots=True)
class Repetition:
    """Marks samples that were received before, as ``seq`` if known, or sent before in this run."""

    event_id: str | None
    seq: int | None
    _was_sent: bool = False

    def marked(self, sent: SampleSent) -> SampleSent:
        """Return ``sent``, as a duplicate if it is one."""
        is_same = self.event_id is not None and sent.event_id == self.event_id
        if self.seq is not None or (is_same and self._was_sent):
            sent = replace(sent, duplicate=True, duplicate_of=self.seq)
        self._was_sent |= is_same and sent.accepted
        return sent


def repetition_of(ctx: Context, url: str, sample: Sample) -> Repetition:
    """Look up a sample in the store of the receiver at ``url``, if it stores here."""
    seq = None
    receiver = _receiver_at(ctx, url)
    if receiver is not None:
        from okhook.cli.deliveries.reading import looking_back

        try:
            with looking_back(ctx) as reader:
                seq = reader.repeated_by(delivery_in(sample.body), receiver.receiver)
        except StoreFailed:
            seq = None
    return Repetition(sample.event_id, seq)


def _receiver_at(ctx: Context, url: str) -> ReceiverRun | None:
    """Return the receiver with this store that has ``url``, or whose tunnel has it."""
    running, parts = ctx.run_directory.running, urlsplit(url)
    ports = {tunnel.port for tunnel in running(TunnelRun) if tunnel.webhook_url == url}
    if is_loopback(parts.hostname or ""):
        ports.add(parts.port or 80)
    return next(
        (each for each in running(ReceiverRun) if each.port in ports and each.stores_in(ctx.store)),
        None,
    )
