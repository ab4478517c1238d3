"""From what a client asks for to a path in public/, and from there to another one."""

from urllib.parse import quote

PAGE = "index.html"
_FIRST_PRINTABLE = " "


def located(address: str) -> str | None:
    """Return the path in public/ that a decoded address, without its first slash, means; of a folder, with a slash.

    None: no file of the site can have it. What leads upwards or is hidden has no address, so neither have files that
    a build is about to put in place. Only .well-known is the host's to show (RFC 8615).
    """
    *folders, last = address.split("/")
    if folders and folders[0] == ".well-known":
        folders = folders[1:]
    fits = all(_is_plain(part) for part in folders) and (not last or _is_plain(last))
    return address if fits else None


def _is_plain(part: str) -> bool:
    return bool(part) and not part.startswith(".") and "\\" not in part and min(part) >= _FIRST_PRINTABLE


def into_folder(path: str) -> str:
    """Return the reference that leads from a folder's address without its slash to the one with it."""
    return f"./{quote(path.rpartition('/')[2])}/"


def across(path: str, target: str) -> str:
    """Return the reference that leads from one path in public/ to another.

    Relative ones hold wherever a proxy has put the site.
    """
    return f"{way_to_root(path)}{quote(target.removesuffix(PAGE).lstrip('/'))}"


def way_to_root(path: str) -> str:
    """Return the reference that leads from a path in public/ to the root."""
    return "../" * path.count("/") or "./"
