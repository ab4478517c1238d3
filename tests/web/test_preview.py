"""The preview without a network: what is put on pages, and what is said of every answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from digest.actions.preview import Preview, Shown, Trouble
from digest.web.preview import application
from digest.web.preview_bar import previewed
from tests.items.samples import CONFIG, NOW, image_of, make_newsroom, write_item, write_picture

PAGE = b"<!doctype html><html><head><title>T</title></head><body class='x'>\n<p>Text</p></body></html>"


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    folder = make_newsroom(tmp_path / "newsroom")
    write_picture(folder / "items/red.png")
    write_item(folder, "embargoed", published="2026-11-26 06:00", title="'Ours & <theirs>'", image=image_of("red.png"))
    write_item(folder, "draft", published=None)
    write_item(folder, "public", body="'See [the draft](../draft/).'")
    write_item(folder, "gone", withdrawn="{at: 2026-11-19 09:00, reason: An error, show: nothing}", aliases="[/old/]")
    return folder


@pytest.fixture
def preview(newsroom: Path) -> Preview:
    made = Preview(newsroom, 8001, None, lambda: NOW, lambda _: None)
    made.look()
    return made


@pytest.fixture
def client(preview: Preview) -> Iterator[TestClient]:
    with TestClient(application(preview, lambda: True), base_url="http://127.0.0.1:8001") as made:
        yield made


# The bar


def test_the_bar_stands_at_the_top_of_the_body() -> None:
    page = previewed(PAGE, Shown("one"), None, "/")
    before, _, after = page.partition(b"<body class='x'>")
    assert PAGE.startswith(before)
    assert after.endswith(b"</aside>\n<p>Text</p></body></html>")
    assert b'<script src="/.preview/preview.js" defer></script>' in after
    assert b'data-state="one"' in after


def test_the_link_that_skips_to_the_main_part_stays_the_first() -> None:
    skip = b'<body>\n<a class="skip" href="#main">Skip</a>'
    assert previewed(skip + b"<a href='#other'>Other</a></body>", Shown("one"), None, "/").startswith(
        skip + b"\n<link "
    )


def test_a_page_without_a_body_of_its_own_has_the_bar_at_its_end() -> None:
    assert previewed(b"<p>Text", Shown("one"), None, "/").startswith(b"<p>Text\n<link ")


def test_every_problem_is_on_the_page_with_its_text_escaped() -> None:
    shown = Shown("one", troubles=(Trouble("items/<x>.yaml:1:2", "the kind '<script>' is unknown. Did you?"),))
    page = previewed(PAGE, shown, None, "/").decode()
    assert "1 problem<" in page
    assert "<code>items/&lt;x&gt;.yaml:1:2</code> the kind &#x27;&lt;script&gt;&#x27; is unknown. Did you?" in page


def test_every_page_says_that_it_is_a_preview_of_which_time(preview: Preview) -> None:
    now = previewed(PAGE, preview.shown, None, "/").decode()
    then = previewed(PAGE, preview.shown, NOW, "/").decode()
    assert "Not public. As of now, with drafts and what is under embargo." in now
    assert "Not public. As of 20 November 2026, 13:00, with drafts." in then


def test_the_bar_lists_what_is_not_public_and_marks_its_pages(client: TestClient) -> None:
    front = client.get("/").text
    assert "2 items are not public yet" in front
    embargoed = '<span class="mark">Under embargo until 26 November 2026, 06:00</span> <a href="/items/embargoed/">'
    assert f"<li>{embargoed}Ours &amp; &lt;theirs&gt;</a></li>" in front
    assert '<p class="mark">' not in front
    assert '<p class="mark">Draft</p>' in client.get("/items/draft/").text
    assert '<p class="mark">Under embargo until' in client.get("/items/embargoed/").text
    assert '<p class="mark">' not in client.get("/items/public/").text


def test_links_to_what_is_not_public_are_marked_wherever_they_stand(client: TestClient) -> None:
    front = client.get("/").text
    mark = ' data-unreleased="Under embargo until 26 November 2026, 06:00"'
    assert f'<a href="./items/embargoed/"{mark}>' in front
    assert '<a href="./items/public/">' in front
    assert 'items/draft/" data-unreleased="Draft"' in client.get("/items/public/").text


def test_a_long_page_has_the_bar_too(newsroom: Path, preview: Preview, client: TestClient) -> None:
    write_item(newsroom, "long", body=f"'{'word ' * 30_000}'")
    preview.look()
    answer = client.get("/items/long/")
    assert len(answer.content) > 150_000
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "Not public." in answer.text


def test_the_bar_is_put_on_the_page_itself_and_not_on_a_compressed_variant(newsroom: Path, client: TestClient) -> None:
    (newsroom / "var/preview/8001/public/index.html.br").write_bytes(b"as if compressed")
    answer = client.get("/", headers={"accept-encoding": "br"})
    assert "content-encoding" not in answer.headers
    assert "Not public." in answer.text


def test_what_is_not_there_and_what_is_gone_answer_with_the_bar(client: TestClient) -> None:
    for path, status in (("/nothing/", 404), ("/items/gone/", 410)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "Not public." in answer.text
    assert client.get("/web.css").status_code == 200


def test_feeds_and_pictures_are_served_as_they_are(newsroom: Path, client: TestClient) -> None:
    public = newsroom / "var/preview/8001/public"
    for file in (public / "atom.xml", next(public.rglob("*.webp"))):
        assert client.get(f"/{file.relative_to(public).as_posix()}").content == file.read_bytes()


def test_what_is_faulty_from_the_start_is_told_on_an_empty_page(newsroom: Path) -> None:
    (newsroom / "config.yaml").write_text(CONFIG.replace("Madrid", "Madird"))
    preview = Preview(newsroom, 8001, None, lambda: NOW, lambda _: None)
    preview.look()
    client = TestClient(application(preview, lambda: True), base_url="http://127.0.0.1:8001")
    answer = client.get("/items/draft/")
    assert answer.status_code == 503
    assert "is not a time zone. Write an IANA name" in answer.text
    assert client.get("/.preview/preview.css").status_code == 200


# Every answer


def test_no_browser_keeps_anything_and_no_other_site_shows_it(newsroom: Path, client: TestClient) -> None:
    public = newsroom / "var/preview/8001/public"
    picture = next(public.rglob("*.webp")).relative_to(public)
    for path in ("/", "/atom.xml", f"/{picture}", "/nothing/", "/items/gone/", "/.preview/preview.js", "/web.css"):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "etag" not in client.get("/").headers


def test_pages_may_run_our_script_and_no_other(client: TestClient) -> None:
    rules = client.get("/").headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in rules
    assert "script-src http://127.0.0.1:8001/.preview/preview.js" in rules
    assert "connect-src http://127.0.0.1:8001/.preview/states" in rules
    script = client.get("/.preview/preview.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8001", "10.0.0.1:8001", "[::1]:8001", ""])
def test_a_name_that_was_bent_to_lead_here_is_refused(client: TestClient, host: str) -> None:
    for path in ("/", "/.preview/states"):
        answer = client.get(path, headers={"host": host})
        assert answer.status_code == 400
        assert "Ours" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost:8001", "LOCALHOST:9000"])
def test_the_names_of_this_computer_are_not(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


def test_files_outside_the_site_are_not_served(client: TestClient) -> None:
    for path in ("/../gone.json", "/%2e%2e/gone.json", "/..%2f..%2f..%2f..%2fconfig.yaml", "/.preview/../gone.json"):
        assert client.get(path).status_code == 404


def test_a_stream_tells_the_state_of_now_first(newsroom: Path, preview: Preview) -> None:
    assert newsroom
    ended = iter([False, True])
    client = TestClient(application(preview, lambda: next(ended)), base_url="http://127.0.0.1:8001")
    answer = client.get("/.preview/states")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text == f"data: {preview.shown.key}\n\n"
