"""The preview as its thread makes it: what it builds, what it keeps, and what it says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.actions.preview import Preview
from tests.images.signs import sign
from tests.items.samples import CONFIG, NOW, id_of, make_newsroom, write_item

EMBARGO = "2026-11-21 13:00"  # in Madrid: a day after NOW


class Desk:
    """A newsroom with its preview, a clock to move, and what was said."""

    def __init__(self, newsroom: Path, at: datetime | None = None) -> None:
        self.newsroom, self.now, self.said = newsroom, NOW, list[str]()
        self.preview = Preview(newsroom, 8001, at, lambda: self.now, self.said.append)

    def look(self) -> str:
        """Look for changes; return the state that is shown then."""
        self.preview.look()
        return self.preview.shown.key

    def page(self, slug: str) -> str | None:
        """Return the page of the item of that name."""
        file = self.newsroom / f"var/preview/8001/public/items/{slug}/index.html"
        return file.read_text() if file.is_file() else None

    @property
    def troubles(self) -> list[str]:
        """Return what is wrong, as the page shows it."""
        return [str(each) for each in self.preview.shown.troubles]

    @property
    def marked(self) -> list[str]:
        """Return what is marked as not public."""
        return [item.slug for item in self.preview.shown.unreleased]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(make_newsroom(tmp_path / "newsroom"))


def test_drafts_and_what_is_under_embargo_are_built_and_marked(desk: Desk) -> None:
    write_item(desk.newsroom, "draft", published=None)
    write_item(desk.newsroom, "embargoed", published=EMBARGO)
    write_item(desk.newsroom, "public")
    desk.look()
    assert all(desk.page(slug) for slug in ("draft", "embargoed", "public"))
    assert '<time datetime="2026-11-21T12:00:00+00:00">21 November 2026</time>' in str(desk.page("embargoed"))
    assert desk.marked == ["embargoed", "draft"]


def test_links_lead_into_the_preview_and_not_to_the_public_site(desk: Desk) -> None:
    write_item(desk.newsroom, body="'[Other](../other/)'")
    desk.look()
    assert 'href="http://127.0.0.1:8001/items/other/"' in str(desk.page("first"))
    assert "news.example.org" not in str(desk.page("first"))


def test_nothing_is_built_while_nothing_changes(desk: Desk) -> None:
    write_item(desk.newsroom)
    first = desk.look()
    assert desk.look() == first
    (desk.newsroom / "items/.first.yaml.swp").write_text("an editor's own file")
    assert desk.look() == first


@pytest.mark.parametrize(
    "change",
    [
        lambda newsroom: write_item(newsroom, title="Another title"),
        lambda newsroom: write_item(newsroom, "second"),
        lambda newsroom: (newsroom / "items/first.yaml").unlink(),
        lambda newsroom: (newsroom / "config.yaml").write_text(CONFIG.replace("Example Newsroom", "Another")),
        lambda newsroom: (
            (newsroom / "templates/site").mkdir(parents=True)
            or (newsroom / "templates/site/foot.html.j2").write_text("Another foot")
        ),
    ],
    ids=["edited", "added", "removed", "configured", "templated"],
)
def test_any_change_is_shown_in_a_state_of_its_own(desk: Desk, change: Callable[[Path], object]) -> None:
    write_item(desk.newsroom)
    first = desk.look()
    before = desk.page("first"), (desk.newsroom / "var/preview/8001/public/index.html").read_text()
    change(desk.newsroom)
    assert desk.look() != first
    file = desk.newsroom / "var/preview/8001/public/index.html"
    assert (desk.page("first"), file.read_text()) != before


def test_a_logo_is_shown_as_soon_as_it_is_there_and_whenever_it_changes(desk: Desk) -> None:
    desk.look()
    (desk.newsroom / "config.yaml").write_text(CONFIG.replace("kinds:", "  logo: brand/logo.png\nkinds:"))
    missing = desk.look()
    [trouble] = desk.troubles
    assert trouble.startswith("config.yaml:8:3: newsroom.logo: there is no file 'brand/logo.png'.")
    sign(desk.newsroom / "brand/logo.png", (900, 300))
    first = desk.look()
    assert (desk.troubles, desk.preview.shown.key == missing) == ([], False)
    assert desk.look() == first
    before = (desk.newsroom / "var/preview/8001/public/index.html").read_text()
    sign(desk.newsroom / "brand/logo.png", (900, 200))
    assert desk.look() != first
    assert "assets/logo-" in before
    assert (desk.newsroom / "var/preview/8001/public/index.html").read_text() != before


def test_a_file_that_is_written_in_steps_is_read_when_it_rests(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.look()
    file = write_item(desk.newsroom, title="Half", kind="novel")
    steps: list[Callable[[], object]] = [file.unlink, lambda: write_item(desk.newsroom, title="Whole")]
    monkeypatch.setattr("digest.clock.sleep", lambda _: steps.pop(0)() if steps else None)
    desk.look()
    assert desk.troubles == []
    assert "Whole" in str(desk.page("first"))


def test_a_faulty_file_leaves_the_last_good_site_and_names_every_problem(desk: Desk) -> None:
    file = write_item(desk.newsroom)
    write_item(desk.newsroom, "draft", published=None)
    good = desk.look()
    write_item(desk.newsroom, kind="novel", topics="[x]")
    assert desk.look() != good
    assert desk.troubles == [
        "items/first.yaml:2:1: the kind 'novel' is unknown. config.yaml knows: press-release, report.",
        "items/first.yaml:6:10: the topic 'x' is unknown. config.yaml knows: asylum, prisons.",
    ]
    assert desk.said[-2:] == desk.troubles
    assert desk.page("first")
    assert desk.marked == ["draft"]

    file.write_text(file.read_text().replace("novel", "report").replace("[x]", "[asylum]"))
    desk.look()
    assert desk.troubles == []


def test_problems_that_stay_are_said_once(desk: Desk) -> None:
    write_item(desk.newsroom, kind="novel")
    desk.look()
    write_item(desk.newsroom, "second")
    desk.look()
    assert len([line for line in desk.said if "novel" in line]) == 1


def test_a_faulty_configuration_does_as_a_faulty_file_and_so_does_a_template(desk: Desk) -> None:
    write_item(desk.newsroom)
    desk.look()
    (desk.newsroom / "config.yaml").write_text(CONFIG.replace("Madrid", "Madird"))
    desk.look()
    assert desk.troubles[0].startswith("config.yaml:6:3: newsroom.timezone: 'Europe/Madird' is not a time zone.")
    (desk.newsroom / "config.yaml").write_text(CONFIG)
    (desk.newsroom / "templates/site").mkdir(parents=True)
    (desk.newsroom / "templates/site/foot.html.j2").write_text("{{ nonsense }}")
    desk.look()
    assert desk.troubles[0].startswith("templates/site/foot.html.j2:1: 'nonsense' is undefined. Correct your template")
    (desk.newsroom / "templates/site/foot.html.j2").write_text("{{ 1 + 'one' }}")
    desk.look()
    assert desk.troubles[0].startswith("templates/site/foot.html.j2:1: TypeError: ")
    assert desk.page("first")


def test_what_is_faulty_from_the_start_is_shown_without_a_site(desk: Desk) -> None:
    (desk.newsroom / "config.yaml").write_text("nonsense: yes\n")
    desk.look()
    assert desk.preview.shown.newsroom is None
    assert [line for line in desk.troubles if "nonsense" in line]
    (desk.newsroom / "config.yaml").write_text(CONFIG)
    desk.look()
    assert desk.preview.shown.newsroom is not None


def test_when_an_embargo_ends_its_mark_goes(desk: Desk) -> None:
    write_item(desk.newsroom, "embargoed", published=EMBARGO)
    first = desk.look()
    desk.now = NOW + timedelta(days=1)
    assert desk.look() != first
    assert desk.marked == []


def test_an_embargo_that_ends_beside_a_fault_builds_once(desk: Desk) -> None:
    write_item(desk.newsroom, "embargoed", published=EMBARGO)
    desk.look()
    write_item(desk.newsroom, kind="novel")
    desk.look()
    desk.now = NOW + timedelta(days=2)
    assert desk.look() == desk.look()


def test_who_waits_is_told_at_once_what_is_shown(desk: Desk) -> None:
    first = desk.look()
    assert desk.preview.wait("another", 60).key == first
    assert desk.preview.wait(first, 0).key == first


def test_the_preview_of_another_time_is_the_newsroom_at_that_time(tmp_path: Path) -> None:
    desk = Desk(make_newsroom(tmp_path / "newsroom"), NOW + timedelta(days=1))
    write_item(desk.newsroom, "tomorrow", published=EMBARGO)
    write_item(desk.newsroom, "later", published="2026-12-24")
    desk.look()
    assert desk.page("tomorrow")
    assert desk.page("later") is None
    assert desk.marked == ["tomorrow"]


def test_what_was_withdrawn_without_trace_is_listed_for_the_preview_alone(desk: Desk) -> None:
    write_item(desk.newsroom, withdrawn="{at: 2026-11-19 09:00, reason: An error, show: nothing}")
    desk.look()
    assert (desk.newsroom / "var/preview/8001/gone.json").read_text() == '["items/first/index.html"]'
    assert not (desk.newsroom / "var/gone.json").exists()
    assert sorted(path.name for path in desk.newsroom.iterdir()) == ["config.yaml", "items", "var"]
    assert [path.name for path in (desk.newsroom / "var").iterdir()] == ["preview"]
    assert id_of("first") not in str(desk.page("first"))
