from pathlib import Path

import pytest
from markupsafe import Markup

from digest.errors import Refused
from digest.templating import Environment, _Compiled, ended, environment, rendered
from tests.items.samples import config_of, make_newsroom


@pytest.mark.parametrize(
    ("caption", "sentence"),
    [
        ("The quay, day of the strike", "The quay, day of the strike."),
        ("The quay.", "The quay."),
        ("“Who rows?”", "“Who rows?”"),
        ("The quay (left) ", "The quay (left)."),
        ("من يجدف؟", "من يجدف؟"),
        ("«¿Quién rema?»", "«¿Quién rema?»"),
    ],
)
def test_a_caption_is_ended_as_a_sentence_unless_it_is_one(caption: str, sentence: str) -> None:
    assert ended(caption).strip() == sentence


class Emphasis:
    """Something that says itself what it is in HTML."""

    def __html__(self) -> str:
        return "<em>&amp;</em>"


class Word(str):
    """A text of a type of its own."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "html"),
    [
        ("<b> & \"'", "&lt;b&gt; &amp; &#34;&#39;"),
        (Word("<b>"), "&lt;b&gt;"),
        (["<b>"], "[&#39;&lt;b&gt;&#39;]"),
        (7, "7"),
        (None, "None"),
        (Markup("<b>"), "<b>"),
        (Emphasis(), "<em>&amp;</em>"),
    ],
)
def test_what_a_template_puts_out_is_escaped_once_unless_it_is_html(newsroom: Path, value: object, html: str) -> None:
    (newsroom / "templates" / "own.j2").write_text(
        "{% macro part(it) %}{{ it }}{% endmacro %}{% set set %}{{ it }}{% endset %}{{ it }} {{ part(it) }} {{ set }}"
    )
    assert rendered(opened(newsroom, escape=True), "own.j2", {"it": value}) == " ".join([html] * 3)
    assert rendered(opened(newsroom), "own.j2", {"it": value}) == " ".join([str(value)] * 3)


def test_a_template_decides_itself_what_is_escaped_in_a_part_of_it(newsroom: Path) -> None:
    (newsroom / "templates" / "own.j2").write_text("{% autoescape on %}{{ it }}{% endautoescape %} {{ it }}")
    assert rendered(opened(newsroom, escape=True), "own.j2", {"it": "<b>", "on": False}) == "<b> &lt;b&gt;"
    assert rendered(opened(newsroom), "own.j2", {"it": "<b>", "on": True}) == "&lt;b&gt; <b>"


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a newsroom with a template of its own, in a process that has compiled none."""
    monkeypatch.setattr(_Compiled, "_kept", {})
    folder = make_newsroom(tmp_path / "newsroom")
    (folder / "templates").mkdir()
    (folder / "templates" / "own.j2").write_text("{{ 1 + 1 }} & {{ '&' }}")
    return folder


def opened(newsroom: Path, *, escape: bool = False, compiled: Path | None = None) -> Environment:
    return environment(newsroom, config_of(newsroom), escape=escape, compiled=compiled)


def compiles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which each template's name is added that is compiled from now on."""
    names: list[str] = []
    whole = Environment.compile

    def noted(self: Environment, source: str, name: str, filename: str) -> object:
        names.append(name)
        return whole(self, source, name, filename)

    monkeypatch.setattr(Environment, "compile", noted)
    return names


def test_a_process_compiles_a_template_once_and_again_when_it_changes(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = compiles(monkeypatch)
    assert [rendered(opened(newsroom), "own.j2", {}) for _ in range(3)] == ["2 & &"] * 3
    assert names == ["own.j2"]
    (newsroom / "templates" / "own.j2").write_text("{{ 1 + 2 }} & {{ '&' }}")
    assert rendered(opened(newsroom), "own.j2", {}) == "3 & &"
    assert names == ["own.j2"] * 2


def test_what_is_compiled_for_text_is_not_taken_for_a_page(newsroom: Path) -> None:
    assert rendered(opened(newsroom), "own.j2", {}) == "2 & &"
    assert rendered(opened(newsroom, escape=True), "own.j2", {}) == "2 & &amp;"


def test_another_process_finds_what_was_compiled_in_the_folder_whoever_compiled_it_first(
    newsroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = compiles(monkeypatch)
    rendered(opened(newsroom), "own.j2", {})
    rendered(opened(newsroom, compiled=tmp_path / "kept"), "own.j2", {})
    monkeypatch.setattr(_Compiled, "_kept", {})  # as in another process
    assert rendered(opened(newsroom, compiled=tmp_path / "kept"), "own.j2", {}) == "2 & &"
    assert names == ["own.j2"]


def test_what_is_damaged_in_the_folder_is_compiled_and_written_anew(
    newsroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered(opened(newsroom, compiled=tmp_path / "kept"), "own.j2", {})
    [file] = (tmp_path / "kept").iterdir()
    file.write_bytes(file.read_bytes()[:20])
    names = compiles(monkeypatch)
    for _ in range(2):
        monkeypatch.setattr(_Compiled, "_kept", {})
        assert rendered(opened(newsroom, compiled=tmp_path / "kept"), "own.j2", {}) == "2 & &"
    assert names == ["own.j2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\n{{ nonsense }}", "own.j2:2: 'nonsense' is undefined."),
        ("one\n\n{{ it.nonsense }}", "own.j2:3: 'str object' has no attribute 'nonsense'."),
        ("one\n{{ it | nonsense }}", "own.j2:2: No filter named 'nonsense'."),
        ("{{ 1 / 0 }}", "own.j2:1: ZeroDivisionError: division by zero."),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_line(newsroom: Path, text: str, said: str) -> None:
    (newsroom / "templates" / "own.j2").write_text(text)
    with pytest.raises(Refused) as refused:
        rendered(opened(newsroom), "own.j2", {"it": "a"})
    assert str(refused.value).startswith(f"templates/{said} Correct your")
