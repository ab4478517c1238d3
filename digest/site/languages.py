"""What languages are called."""

from babel import Locale, UnknownLocaleError


def own_name(tag: str) -> str:
    """Return the name that its speakers give a language, or its BCP 47 tag when Babel has no name for it."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return name or tag
