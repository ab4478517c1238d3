"""The only home of premailer: a page whose styles stand at each element, because many readers drop `<style>`."""

import logging
import re
import threading

from digest.errors import Refused

IMPORT = re.compile(r"@import|@\\", re.IGNORECASE)  # of CSS: plain, or hidden behind an escape
_LOCK = threading.Lock()  # premailer shares state between threads and then mixes up outputs silently
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
# A tag, besides comments and styles, which stay as they are.
_TAG = re.compile(r"""<!--.*?-->|<style\b.*?</style>|(<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>)""", re.DOTALL | re.IGNORECASE)


def inlined(page: str) -> str:
    """Return the page with its CSS at each element; `<style data-premailer="ignore">` stays as it is.

    Refused: the page is empty, or the CSS has an @import, which premailer would fetch from the network.
    """
    if not page.strip():
        raise Refused("the page of the mail is empty", "Mend its template, or delete it to use the shipped one.")
    if any(IMPORT.search(css) for css in _STYLE.findall(page)):
        raise Refused("the CSS of the mail has an @import", "Put the rules themselves into templates/mail/digest.css.")
    import cssutils  # noqa: PLC0415 - premailer writes CSS by it
    from premailer import Premailer

    with _LOCK:
        cssutils.ser.prefs.minimizeColorHash = False  # it would write #fff for #ffffff, which some programs misread
        transformed = Premailer(
            page,
            allow_network=False,
            allow_loading_external_files=False,
            disable_validation=True,
            strip_important=False,
            disable_basic_attributes=["width", "height"],
            align_floating_images=False,
            cssutils_logging_level=logging.CRITICAL,
        ).transform(pretty_print=False)
    return f"{_without_comments_in_tags(transformed)}\n"


def _without_comments_in_tags(page: str) -> str:
    """Return the page with `<!--` escaped in attributes: libxml2 leaves `<!-- … -->` there as it is.

    Else an alt text or a title that holds the mark of a cut would cut the mail.
    """
    return _TAG.sub(lambda found: found[1].replace("<!--", "&lt;!--") if found[1] else found[0], page)
