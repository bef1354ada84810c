"""Read metrics in Prometheus' text format."""

from prometheus_client.parser import text_string_to_metric_families


def samples_of(text: str) -> dict[str, float]:
    """Return each sample by its name and its labels in order: ``name label=value``."""
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return {_named(each.name, each.labels): each.value for each in samples}


def _named(name: str, labels: dict[str, str]) -> str:
    return " ".join((name, *(f"{label}={labels[label]}" for label in sorted(labels))))
