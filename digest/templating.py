"""Jinja2's two environments: one that escapes for HTML, one for plain text.

A newsroom's own `templates/` override the shipped ones file by file. Items are data, never templates. The words of
templates are English; what says `language` to a template has them in that one, as far as a catalogue has them.
"""

import hashlib
import marshal
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import jinja2
import jinja2.bccache
import jinja2.compiler
import jinja2.nodes
import markupsafe
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime

from digest.config import Config
from digest.errors import DigestError, Refused
from digest.template_files import shipped_templates
from digest.translations import Translations

_INTERNATIONAL: Final = Locale("en", "001")  # 18 November 2026; American order is en-US
_END_MARKS: Final = (".", "!", "?", "…", ":", ";", "؟", "۔", "。", "！", "？")  # noqa: RUF001 - of other scripts, too
_CLOSING: Final = " \t\n\u00a0)]}\"'”’»›“‘」』"  # noqa: RUF001 - what may stand behind them
_FOLDER: Final = f"{os.sep}templates{os.sep}"
_REMEDY: Final = "Correct your template, or delete it to use the shipped one."


@cache
def _compiler() -> str:
    """Return what decides what a template is compiled to, besides its text; this module has the settings."""
    return f"{jinja2.__version__} {sys.version} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"


class _Compiled(jinja2.BytecodeCache):
    """Templates as Jinja2 compiled them: kept as long as the process lives, and in a folder for the next one.

    Compiling those of a letter takes 45 ms, all else about it 15. A file's name says what it was made of. Jinja2's own
    cache writes pickles, which this program puts into no file.
    """

    _kept: ClassVar[dict[tuple[bool, str], tuple[str, CodeType]]] = {}  # by template: what it was made of, and its code

    def __init__(self, folder: Path | None, *, escape: bool) -> None:
        self._folder = folder
        self._escape = escape

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        name = self._name(bucket)
        kept, code = self._kept.get((self._escape, bucket.key), ("", None))
        if code and kept == name:
            bucket.code = code
            if self._folder and not (self._folder / name).is_file():
                _write(self._folder / name, code)
        elif self._folder:
            with suppress(OSError, ValueError, EOFError, TypeError):  # there is none, or it is damaged: Jinja2 compiles
                bucket.code = marshal.loads((self._folder / name).read_bytes())  # noqa: S302 - as trusted as a .pyc

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.code:
            name = self._name(bucket)
            self._kept[self._escape, bucket.key] = name, bucket.code
            if self._folder:
                _write(self._folder / name, bucket.code)

    def _name(self, bucket: jinja2.bccache.Bucket) -> str:
        made_of = f"{_compiler()} {self._escape} {bucket.key} {bucket.checksum}"
        return hashlib.sha256(made_of.encode()).hexdigest()[:32]


def _write(file: Path, code: CodeType) -> None:
    new = file.with_suffix(f".{os.getpid()}.new")
    with suppress(OSError):  # the next build compiles it again
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(marshal.dumps(code))
        new.replace(file)


# MarkupSafe's `escape` makes a Markup of each text, in Python. Jinja2 joins what a template puts out at once, so that a
# plain text does. The name is private to MarkupSafe 3; without it the public one serves, which only takes longer.
_in_html: Final[Callable[[str], str]] = getattr(markupsafe, "_escape_inner", markupsafe.escape)


def _escaped(value: object) -> str:
    """Return the value as HTML's text; what is HTML already stays."""
    if type(value) is str:
        return _in_html(value)
    return value if type(value) is markupsafe.Markup else markupsafe.escape(value)


class _Generator(jinja2.compiler.CodeGenerator):
    """Lets templates that escape put out what `Environment.escaped` returns."""

    def _output_child_pre(self, node: jinja2.nodes.Expr, frame: jinja2.compiler.Frame, *rest: Any) -> None:  # noqa: ANN401 - Jinja2's own
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:  # no environment here has a `finalize`
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, *rest)


class Environment(jinja2.Environment):
    """Jinja2's own without some of what it does anew for each value and each page."""

    code_generator_class = _Generator
    escaped = staticmethod(_escaped)

    def make_globals(self, d: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return a template's globals as they are now; Jinja2 puts them together from a chain of maps for each page."""
        return {**self.globals, **(d or {})}


def environment(newsroom: Path, config: Config, *, escape: bool, compiled: Path | None = None) -> Environment:
    """Return an environment for HTML (`escape`) or plain text, with filters to write dates: `day`, `moment`, `iso`.

    `select_autoescape` would leave `x.html.j2` unescaped, so escaping is on for all or for none. A name that a
    template misspells is an error, not an empty text. Compiled templates are kept in the folder `compiled`, too.
    """
    folders = [newsroom / "templates", shipped_templates()]
    loader = jinja2.FileSystemLoader(folders)
    made = Environment(
        loader=loader,
        bytecode_cache=_Compiled(compiled, escape=escape),
        autoescape=escape,  # plain text must not be escaped
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # whoever keeps an environment makes it anew when a template changed
    )
    zone = config.newsroom.timezone
    made.filters["day"] = lambda value, language: day(value, language, zone)
    made.filters["moment"] = lambda value, language: moment(value, language, zone)
    made.filters["iso"] = lambda value: value.isoformat()
    made.filters["direction"] = direction
    made.filters["ended"] = ended
    made.filters["language_name"] = language_name
    _translate(made, Translations([folder / "messages" for folder in folders]))
    return made


def ended(text: str) -> str:
    """Return the text as a sentence that others may follow: with a full stop, unless it ends in a mark of its own."""
    return text if text.rstrip(_CLOSING).endswith(_END_MARKS) else f"{text.rstrip()}."


def _translate(made: jinja2.Environment, translations: Translations) -> None:
    @jinja2.pass_context
    def gettext(context: jinja2.runtime.Context, text: str) -> str:
        return translations.into(str(context["language"])).gettext(text)

    @jinja2.pass_context
    def ngettext(context: jinja2.runtime.Context, singular: str, plural: str, count: int) -> str:
        return translations.into(str(context["language"])).ngettext(singular, plural, count)

    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # by the extension


def rendered(environment: jinja2.Environment, name: str, values: Mapping[str, Any]) -> str:
    """Return the template `name` filled with `values`; Refused names the file, and mostly the line, of its mistake."""
    with _named(name):
        return environment.get_template(name).render(values)


def is_shipped(environment: jinja2.Environment, name: str) -> bool:
    """Return whether the template `name` is the one that comes with the program, not a newsroom's own."""
    with _named(name):
        return Path(environment.get_template(name).filename or "").is_relative_to(shipped_templates())


def words(environment: jinja2.Environment, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template `name` sets; Refused names the file and line of a template's mistake."""
    with _named(name):
        return vars(environment.get_template(name).make_module(dict(values)))


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        raise Refused(f"templates/{error.name or name}:{error.lineno}: {_said(error)}", _REMEDY) from error
    except jinja2.TemplateError as error:
        raise Refused(f"templates/{_place(error, name)}: {_said(error)}", _REMEDY) from error
    except DigestError:  # a catalogue has a mistake
        raise
    except Exception as error:  # a template can compute, and so raise anything
        raise Refused(f"templates/{_place(error, name)}: {type(error).__name__}: {error}", _REMEDY) from error


def _said(error: jinja2.TemplateError) -> str:
    """Return Jinja2's words without their full stop, since one follows."""
    return (error.message or "").removesuffix(".")


def _place(error: Exception, name: str) -> str:
    """Return the file and line of the template in which it was raised last, or else `name`."""
    frames = traceback.extract_tb(error.__traceback__)
    found = [(file.filename.rpartition(_FOLDER)[2], file.lineno) for file in frames if _FOLDER in file.filename]
    places = [f"{file}:{line}" for file, line in found]
    return places[-1] if places else name


def locale(language: str) -> Locale:
    """Return how dates are written in a language; international English where Babel does not know it."""
    try:
        found = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        found = _INTERNATIONAL
    return _INTERNATIONAL if str(found) == "en" else found


def direction(language: str) -> str:
    """Return in which direction a language is written: `ltr` or `rtl`."""
    return str(locale(language).text_direction)


def language_name(language: str) -> str:
    """Return what a language calls itself: `English`, `español`."""
    try:
        return str(Locale.parse(language, sep="-").display_name)
    except (UnknownLocaleError, ValueError):
        return language


def day(value: datetime | date, language: str, zone: ZoneInfo) -> str:
    """Return `18 November 2026`, as `language` writes it; a moment's day is that in `zone`."""
    return _written(value.astimezone(zone).date() if isinstance(value, datetime) else value, language)


@lru_cache(maxsize=1_024)  # the same few days stand on page after page
def _written(local: date, language: str) -> str:
    return str(format_date(local, format="long", locale=locale(language)))


def moment(value: datetime, language: str, zone: ZoneInfo) -> str:
    """Return the day and time of day in `zone`, as `language` writes them."""
    return str(format_datetime(value, format="long", tzinfo=zone, locale=locale(language)))
