"""A configuration, editions and envelopes for the tests of the mail."""

from datetime import UTC, datetime, timedelta
from typing import Any

from digest.config import Config
from digest.editions.composition import Change, Composition, Entry, Illustration, Rendition, Section
from digest.mail.headers import Envelope
from digest.mail.message import Tokens
from digest.mail.rendering import UNSUBSCRIBE_TOKEN

CUTOFF = datetime(2026, 11, 27, 8, tzinfo=UTC)
PICTURE = Illustration(
    large=Rendition(
        url="https://news.example/images/aa/harbour-1200.jpg",
        path="images/aa/harbour-1200.jpg",
        width=1200,
        height=800,
    ),
    small=Rendition(
        url="https://news.example/images/aa/harbour-600.jpg", path="images/aa/harbour-600.jpg", width=600, height=400
    ),
    alt="A harbour at dawn, with one boat",
    caption="The harbour, where the boats come in.",
    credit="Photo: A. Pérez",
)


CONFIG = Config.model_validate(
    {
        "newsroom": {
            "id": "6d0f3a5e-8a53-4a0c-9f5b-3c1f2b7e9d10",
            "title": "Newsroom",
            "organization": "Organisation for Rights",
            "url": "https://news.example",
            "timezone": "Europe/Madrid",
            "contact": {"name": "Press desk", "email": "press@news.example", "phone": "+34 910 000 000"},
            "address": "1 Quay, 28012 Madrid",
            "rights": "© Organisation for Rights",
        },
        "kinds": {
            "press-release": {"label": "Press release", "plural": "Press releases"},
            "report": {"label": "Report", "plural": "Reports"},
        },
        "digests": {"weekly": {"title": "The week", "schedule": "manual"}},
        "mail": {"from": {"name": "Newsroom", "email": "digest@news.example"}, "smtp": [{"host": "localhost"}]},
        "web": {"url": "https://desk.news.example"},
    }
)
UNSUBSCRIBE_URL = f"https://desk.news.example/unsubscribe/{UNSUBSCRIBE_TOKEN}"
TOKENS = Tokens(
    unsubscribe="AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_aBcDe", preferences="-_eDcBa9876543210zYxWvUtSrQpOnMlKjIhGfEdCbA"
)
MESSAGE_ID = "<0123abc.weekly@news.example>"


def entry(slug: str, **fields: Any) -> Entry:  # noqa: ANN401 - any field of it
    """Return an entry whose fields are `fields`, or follow from its slug."""
    given: dict[str, Any] = {
        "id": f"urn:uuid:{slug}",
        "slug": slug,
        "version": "0" * 64,
        "kind": "press-release",
        "kind_label": "Press release",
        "title": f"Title of {slug}",
        "summary": f"Summary of {slug}.",
        "url": f"https://news.example/items/{slug}/",
        "published": CUTOFF - timedelta(days=2),
        "language": "en",
        "topics": ("asylum",),
        "topic_labels": ("Asylum",),
        "place": "Geneva",
        "image": None,
    }
    return Entry(**given | fields)


def composition(**fields: Any) -> Composition:  # noqa: ANN401 - any field of it
    """Return an edition with a bit of everything, but for `fields`."""
    given: dict[str, Any] = {
        "digest": "weekly",
        "name": "2026-11-27",
        "title": "The week",
        "subject_form": "The week: {lead}",
        "language": "en",
        "cutoff": CUTOFF,
        "note": "A note with [a link](https://news.example/x).",
        "entries": (
            entry("lead", image=PICTURE),
            entry("one", image=PICTURE),
            entry("two"),
            entry("three", kind="report", language="ar", title="حرية الصحافة"),
            entry("four"),
        ),
        "limit": 4,
        "sections": (
            Section(kind="press-release", title="Press releases"),
            Section(kind="report", title="Reports"),
        ),
        "changes": (
            Change(
                id="urn:uuid:old",
                slug="old",
                kind="press-release",
                topics=("asylum",),
                what="corrected",
                at=CUTOFF - timedelta(days=1),
                title="An old release",
                note="It said 12; it was 21.",
                url="https://news.example/items/old/",
                edition="weekly/2026-11-20",
            ),
            Change(
                id="urn:uuid:gone",
                slug="",
                kind="report",
                topics=(),
                what="withdrawn",
                at=CUTOFF - timedelta(days=1),
                title=None,
                note=None,
                url=None,
                edition="weekly/2026-11-20",
            ),
        ),
        "web_view": "https://news.example/editions/weekly/2026-11-27/",
        "web_view_path": "editions/weekly/2026-11-27/index.html",
    }
    return Composition(**given | fields)


def envelope(**fields: Any) -> Envelope:  # noqa: ANN401 - any field of it
    """Return the headers of an edition, but for `fields`."""
    given: dict[str, Any] = {
        "from_name": "Newsroom",
        "from_email": "digest@news.example",
        "reply_to": "press@news.example",
        "date": CUTOFF,
        "list_id": "weekly.6d0f3a5e8a534a0c9f5b3c1f2b7e9d10.localhost",
        "list_name": "The week",
        "unsubscribe_url": UNSUBSCRIBE_URL,
        "help_url": "https://news.example/",
        "feedback_id": "2026-11-27:weekly:digest",
        "unsubscribe_mailbox": "leave@news.example",
    }
    return Envelope(**given | fields)
