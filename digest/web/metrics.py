"""How the sender does, in Prometheus' text format; for this machine only, and no address is in it."""

from collections import Counter
from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from digest.actions.ports import Office
from digest.web.health import HEARTS
from digest.web.visitors import is_of_this_machine

_EDITIONS = 5  # mailings that are told, the latest ones
_ROWS = {"sent": "sent", "refused": "refused", "suppressed": "suppressed", "skipped": "skipped", "left": "unfinished"}


class Metrics:
    """Answers whoever watches the sender from this machine."""

    def __init__(self, office_now: Callable[[], Office]) -> None:
        self.office_now = office_now

    def show(self, request: Request) -> Response:
        """Return the metrics, or 404 to anybody else."""
        if not is_of_this_machine(request):
            return Response(status_code=404)
        registry = CollectorRegistry()
        _tell(registry, self.office_now())
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _tell(registry: CollectorRegistry, office: Office) -> None:
    def gauge(name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"digest_{name}", meaning, labels, registry=registry)

    age = gauge("heartbeat_age_seconds", "Since the schedule or a thread that delivers was last alive.", "heart")
    for heart in HEARTS:
        if beat := office.store.schedules.last_beat(heart):
            age.labels(heart).set((office.clock() - beat).total_seconds())
    editions = gauge("editions", "Editions with a step still to take.", "state")
    for state, count in Counter(edition.state for edition in office.store.editions.open_editions()).items():
        editions.labels(state).set(count)
    rows = gauge(
        "mailing_recipients", "Recipients of a mailing, as its sender last wrote them down.", "edition", "outcome"
    )
    doubts = gauge("mailing_in_doubt", "Attempts of a mailing's last run whose end nobody knows.", "edition")
    deferrals = gauge("mailing_deferrals", "Attempts of a mailing's last run that the server deferred.", "edition")
    rate = gauge("mailing_recipients_per_second", "How fast a mailing went lately.", "edition")
    for edition, far in office.store.progress.latest(_EDITIONS).items():
        for name, outcome in _ROWS.items():
            rows.labels(edition, outcome).set(getattr(far, name))
        doubts.labels(edition).set(far.in_doubt)
        deferrals.labels(edition).set(far.deferrals)
        rate.labels(edition).set(far.rate)
