"""The tree of public/ by HTTP: validators, encodings, parts, redirects, and what is not there."""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from digest import clock
from digest.web.app import application
from digest.web.files import Shelf
from digest.wiring import StandingOffice
from tests.web.tree import AUGUST_DATE, DOCUMENT, FEED


@pytest.fixture(scope="module")
def client(newsroom: Path) -> Iterator[TestClient]:
    office_now = StandingOffice(newsroom, clock.now, lambda _: None)
    plain = {"accept-encoding": "identity"}
    with TestClient(application(office_now), follow_redirects=False, headers=plain) as made:
        yield made


# Validators


def test_a_file_has_a_strong_tag_and_the_time_its_bytes_changed(client: TestClient) -> None:
    answer = client.get("/atom.xml")
    assert answer.status_code == 200
    assert answer.content == FEED
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"] == AUGUST_DATE
    assert answer.headers["content-length"] == str(len(FEED))


def test_the_tag_follows_the_bytes_and_not_the_time(client: TestClient, newsroom: Path) -> None:
    page = newsroom / "public" / "changing.html"
    tags = []
    for content, moment in ((b"one", 10), (b"two", 10), (b"one", 20)):
        new = page.with_suffix(".new")
        new.write_bytes(content)
        os.utime(new, (moment, moment))
        new.replace(page)
        answer = client.get("/changing.html")
        assert answer.content == content
        tags.append(answer.headers["etag"])
    assert tags[0] != tags[1]
    assert tags[0] == tags[2]


def test_a_copy_that_stands_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/atom.xml").headers["etag"]
    for conditional in ({"if-none-match": f'"other", W/{tag}'}, {"if-modified-since": AUGUST_DATE}):
        answer = client.get("/atom.xml", headers=conditional)
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"] == "public, max-age=900"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "content-type" not in answer.headers


def test_if_none_match_wins_over_if_modified_since(client: TestClient) -> None:
    answer = client.get("/atom.xml", headers={"if-none-match": '"old"', "if-modified-since": AUGUST_DATE})
    assert answer.status_code == 200


# Encodings


def test_each_variant_has_its_own_tag_and_all_are_accepted_back(client: TestClient) -> None:
    tags = {}
    for coding, accepted in (("br", "gzip, br"), ("gzip", "gzip"), (None, "identity")):
        with client.stream("GET", "/atom.xml", headers={"accept-encoding": accepted}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["content-length"] == str(len(raw))
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        tags[coding] = answer.headers["etag"]
    assert len(set(tags.values())) == 3
    for tag in tags.values():
        conditional = {"accept-encoding": "gzip, br", "if-none-match": tag}
        answer = client.get("/atom.xml", headers=conditional)
        assert (answer.status_code, answer.headers["etag"]) == (304, tag)


def test_a_copy_that_the_client_cannot_read_does_not_stand(client: TestClient) -> None:
    with client.stream("GET", "/atom.xml", headers={"accept-encoding": "br"}) as answer:
        tag = answer.headers["etag"]
    assert client.get("/atom.xml", headers={"if-none-match": tag}).status_code == 200


def test_variants_have_no_address_and_pictures_have_none(client: TestClient) -> None:
    assert client.get("/atom.xml.gz").status_code == 404
    assert client.get("/atom.xml.br").status_code == 404
    picture = client.get("/images/01/a.jpg", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in picture.headers
    assert "vary" not in picture.headers


def test_a_variant_that_leads_elsewhere_is_not_followed(client: TestClient, newsroom: Path) -> None:
    (newsroom / "public" / "robots.txt.gz").symlink_to(newsroom / "config.yaml")
    answer = client.get("/robots.txt", headers={"accept-encoding": "gzip"})
    assert answer.text == "User-agent: *"
    (newsroom / "public" / "robots.txt.gz").unlink()


def test_a_document_that_ends_like_a_variant_is_served(client: TestClient) -> None:
    answer = client.get("/documents/01/data.tar.gz")
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-disposition"] == "attachment"


# Parts


def test_a_document_comes_in_parts(client: TestClient) -> None:
    whole = client.get("/documents/01/report.pdf")
    assert whole.content == DOCUMENT
    assert whole.headers["accept-ranges"] == "bytes"
    for asked, start, stop in (
        ("10-19", 10, 20),
        ("100-", 100, len(DOCUMENT)),
        ("-5", len(DOCUMENT) - 5, len(DOCUMENT)),
    ):
        headers = {"range": f"bytes={asked}", "if-range": whole.headers["etag"]}
        answer = client.get("/documents/01/report.pdf", headers=headers)
        assert answer.status_code == 206
        assert answer.content == DOCUMENT[start:stop]
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(DOCUMENT)}"
        assert answer.headers["content-length"] == str(stop - start)
        assert answer.headers["content-type"] == "application/pdf"


def test_a_part_that_is_not_there_answers_416(client: TestClient) -> None:
    answer = client.get("/documents/01/report.pdf", headers={"range": f"bytes={len(DOCUMENT)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(DOCUMENT)}"


def test_who_has_parts_of_other_bytes_is_sent_the_whole(client: TestClient) -> None:
    answer = client.get("/documents/01/report.pdf", headers={"range": "bytes=0-9", "if-range": '"other"'})
    assert (answer.status_code, len(answer.content)) == (200, len(DOCUMENT))


def test_a_copy_that_stands_comes_before_a_part(client: TestClient) -> None:
    tag = client.get("/documents/01/report.pdf").headers["etag"]
    headers = {"range": "bytes=0-9", "if-none-match": tag}
    assert client.get("/documents/01/report.pdf", headers=headers).status_code == 304


# Methods


@pytest.mark.parametrize(
    "path", ["/", "/atom.xml", "/documents/01/report.pdf", "/nothing", "/items/gone/", "/items/one"]
)
def test_head_says_what_get_says_without_the_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, dict(head.headers)) == (got.status_code, dict(got.headers))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_told_which_there_are(client: TestClient, method: str) -> None:
    for path in ("/", "/atom.xml", "/nothing", "/healthz"):
        answer = client.request(method, path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


# Addresses


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/items/one", "./one/"),
        ("/items/one?from=mail&x=%26", "./one/?from=mail&x=%26"),
        ("/items/one/index.html", "./"),
        ("/index.html?x=1", "./?x=1"),
        ("/press/1.html", "../items/one/"),
        ("/items/old", "../items/one/"),
        ("/items/old/?x=1", "../../items/one/?x=1"),
        ("/items/old/index.html", "../../items/one/"),
    ],
)
def test_each_page_has_one_address_to_which_the_others_lead(client: TestClient, path: str, location: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (301, location)
    assert client.get(path, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/%2e%2e/config.yaml",
        "/..%2fconfig.yaml",
        "/%252e%252e/config.yaml",
        "/%252e%252e%252fconfig.yaml",
        "/..%5cconfig.yaml",
        "/items%2f..%2f..%2fconfig.yaml",
        "/index.html%00.jpg",
        "/.new/secret.html",
        "/%2enew/secret.html",
        "/out/2026/",
        "/out/",
        "/config.txt",
        "//etc/passwd",
        "//items/one",
        "/items",
        "/items/",
        "/atom.xml/",
        "/" + "a" * 300,
        "/" + "a" * 300 + "/",
        "/" + "a" * 300 + ".gz",
        "/%ff",
        "/%0a",
    ],
)
def test_nothing_outside_the_tree_is_reached(client: TestClient, path: str) -> None:
    answer = client.get(f"http://testserver{path}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_the_hosts_own_folder_is_served(client: TestClient) -> None:
    assert client.get("/.well-known/security.txt").status_code == 200
    assert client.get("/.well-known/.htpasswd").status_code == 404


# What is not there


def test_what_is_not_there_shows_the_sites_own_page(client: TestClient) -> None:
    answer = client.get("/nothing/", headers={"if-none-match": "*", "range": "bytes=0-1"})
    assert (answer.status_code, answer.text) == (404, "<h1>No such page</h1>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=60, must-revalidate"


@pytest.mark.parametrize("path", ["/items/gone/", "/items/gone", "/items/gone/index.html"])
def test_what_was_withdrawn_without_trace_says_so_in_the_sites_look(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 410
    assert "This page was withdrawn" in answer.text
    style_sheet = answer.text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    style = client.get(str(answer.url.join(style_sheet)))
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_a_page_of_the_build_for_what_is_gone_comes_first(client: TestClient, newsroom: Path) -> None:
    page = newsroom / "public" / "410.html"
    page.write_text("<h1>Taken back</h1>")
    assert client.get("/items/gone/").text == "<h1>Taken back</h1>"
    page.unlink()


def test_a_new_list_of_gone_pages_is_read_at_once(client: TestClient, newsroom: Path) -> None:
    listed = newsroom / "var" / "gone.json"
    before = listed.read_text()
    for text, status in (('["items/one/index.html"]', 410), (before, 200)):
        new = listed.with_suffix(".new")
        new.write_text(text)
        new.replace(listed)
        assert client.get("/items/one/").status_code == status


# Headers


def test_a_web_view_may_style_itself_and_no_other_page_may(client: TestClient) -> None:
    web_view = client.get("/editions/weekly/2026-11-27/")
    assert "style-src 'unsafe-inline'" in web_view.headers["content-security-policy"]
    tag = web_view.headers["etag"]
    unchanged = client.get("/editions/weekly/2026-11-27/", headers={"if-none-match": tag})
    assert unchanged.headers["content-security-policy"] == web_view.headers["content-security-policy"]
    assert "unsafe" not in client.get("/").headers["content-security-policy"]


# Under load


def test_who_reads_while_builds_replace_the_file_gets_one_version_whole(client: TestClient, newsroom: Path) -> None:
    page = newsroom / "public" / "busy.html"
    versions = [letter * 200_000 for letter in (b"a", b"b", b"c")]
    page.write_bytes(versions[0])
    stop = threading.Event()

    def rebuild() -> None:
        while not stop.is_set():
            for version in versions:
                new = page.with_suffix(".new")
                new.write_bytes(version)
                new.replace(page)

    builder = threading.Thread(target=rebuild)
    builder.start()
    try:
        seen = {
            (answer.headers["etag"], answer.content[:1]) for answer in (_whole(client, versions) for _ in range(100))
        }
    finally:
        stop.set()
        builder.join()
    assert len(seen) == len({tag for tag, _ in seen}) == len({first for _, first in seen})


def _whole(client: TestClient, versions: list[bytes]) -> Response:
    answer = client.get("/busy.html")
    assert answer.content in versions
    return answer


def test_no_file_stays_open(client: TestClient) -> None:
    def ask_all() -> None:
        for path in ("/atom.xml", "/items", "/nothing", "/documents/01/report.pdf", "/out/"):
            client.get(path, headers={"accept-encoding": "gzip"})
            client.head(path)

    ask_all()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - listing opens one itself, each time alike
    ask_all()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_the_tags_remembered_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.files._KNOWN_TAGS", 3)
    shelf = Shelf()
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(str(number))
        with ExitStack() as opened:
            assert shelf.encodings(tmp_path, f"{number}.txt", opened, compressed=False)
    assert len(shelf._tags) == 3  # noqa: SLF001
