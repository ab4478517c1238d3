"""The shipped catalogues are complete, and what a newsroom adds comes before them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from digest.errors import Refused
from digest.template_files import shipped_templates
from digest.translations import Translations

TEMPLATES = shipped_templates()
CATALOGUES = sorted((TEMPLATES / "messages").glob("*.po"))
SILENT = {"silent": "false", "trim_blocks": "true"}  # a template with a mistake is none without messages
Key = tuple[str, ...]  # a message, and its plural where it has one


def key(message: str | tuple[str, ...] | list[str] | None) -> Key:
    return (message,) if isinstance(message, str) else tuple(message or ())


def said_by_templates() -> set[Key]:
    """Return every message of the templates, as their authors wrote it."""
    found = extract_from_dir(TEMPLATES, [("**.j2", "jinja2.ext:babel_extract")], options_map={"**.j2": SILENT})
    return {key(message) for _, _, message, _, _ in found}


def catalogue(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, abort_invalid=True)


def messages(file: Path) -> Iterator[Message]:
    return (message for message in catalogue(file) if message.id)


def test_there_are_messages_and_catalogues() -> None:
    assert ("Press contact",) in said_by_templates()
    assert ("%(num)d item", "%(num)d items") in said_by_templates()
    assert [file.name for file in CATALOGUES] == ["es.po"]


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.name)
def test_every_message_of_the_templates_is_in_each_catalogue_and_no_other(file: Path) -> None:
    assert {key(message.id) for message in messages(file)} == said_by_templates()
    assert not catalogue(file).obsolete


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.name)
def test_every_message_is_translated_in_all_its_forms_and_keeps_its_names(file: Path) -> None:
    forms = catalogue(file).num_plurals
    for message in messages(file):
        translated = key(message.string)
        assert len(translated) == (forms if message.pluralizable else 1), message.id
        assert all(text.strip() for text in translated), message.id
        assert not message.fuzzy, message.id
    assert [(message.id, errors) for message, errors in catalogue(file).check()] == []


def test_english_and_what_no_catalogue_has_stay_as_they_are() -> None:
    shipped = Translations([TEMPLATES / "messages"])
    assert shipped.into("en").gettext("Corrections") == "Corrections"
    assert shipped.into("tlh").ngettext("%(num)d item", "%(num)d items", 2) == "%(num)d items"
    assert shipped.into("es").gettext("Nobody ever said this") == "Nobody ever said this"


def test_a_language_with_a_region_has_the_words_of_its_language() -> None:
    shipped = Translations([TEMPLATES / "messages"])
    assert shipped.into("es-MX").gettext("Corrections") == "Correcciones"
    assert shipped.into("es").ngettext("%(num)d item", "%(num)d items", 1) == "%(num)d noticia"


def write(file: Path, message: str, translated: str) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    file.write_text(f'{head}msgid "{message}"\nmsgstr "{translated}"\n')


def test_a_newsrooms_own_words_come_first_and_the_shipped_ones_behind_them(tmp_path: Path) -> None:
    write(tmp_path / "es.po", "Corrections", "Fe de errores")
    write(tmp_path / "es-MX.po", "Withdrawals", "Bajas")
    both = Translations([tmp_path, TEMPLATES / "messages"])
    assert both.into("es").gettext("Corrections") == "Fe de errores"
    assert both.into("es").gettext("Withdrawals") == "Retiradas"
    assert both.into("es-MX").gettext("Withdrawals") == "Bajas"
    assert both.into("es-MX").gettext("Corrections") == "Fe de errores"
    assert Translations([TEMPLATES / "messages"]).into("es").gettext("Corrections") == "Correcciones"


def test_a_language_that_is_not_shipped_can_be_added(tmp_path: Path) -> None:
    write(tmp_path / "fr.po", "Corrections", "Rectifications")
    assert Translations([tmp_path, TEMPLATES / "messages"]).into("fr-CA").gettext("Corrections") == "Rectifications"


@pytest.mark.parametrize("text", ["nonsense", 'msgid "a\n', b"\xff\xfe"])
def test_a_catalogue_with_a_mistake_is_named(tmp_path: Path, text: str | bytes) -> None:
    (tmp_path / "es.po").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Refused, match=r"the catalogue .*es\.po has a mistake: .+ Correct it, or delete it\."):
        Translations([tmp_path]).into("es")


def test_a_translation_that_loses_a_name_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path / "es.po", "All news of %(title)s", "Todas las noticias de %(titulo)s")
    (tmp_path / "es.po").write_text(
        (tmp_path / "es.po").read_text().replace('msgid "All', '#, python-format\nmsgid "All')
    )
    with pytest.raises(Refused, match=r"has a mistake: 'All news of %\(title\)s'"):
        Translations([tmp_path]).into("es")


@pytest.mark.parametrize("translated", ["Seguro al 100%", "100% seguro", "%s"])
def test_a_translation_with_a_percent_sign_that_begins_no_name_is_a_mistake(tmp_path: Path, translated: str) -> None:
    write(tmp_path / "es.po", "Corrections", translated)
    with pytest.raises(Refused, match=r"has a mistake: 'Corrections': .* write it twice"):
        Translations([tmp_path]).into("es")
    write(tmp_path / "es.po", "Corrections", translated.replace("%", "%%"))
    assert Translations([tmp_path]).into("es").gettext("Corrections") == translated.replace("%", "%%")


def test_a_catalogue_in_an_encoding_that_nobody_knows_is_named(tmp_path: Path) -> None:
    (tmp_path / "es.po").write_text('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=foo\\n"\n')
    with pytest.raises(Refused, match=r"the catalogue .*es\.po has a mistake: unknown encoding: foo"):
        Translations([tmp_path]).into("es")
