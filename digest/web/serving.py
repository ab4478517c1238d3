"""A file as an answer: negotiated, conditional, whole or in part.

the encodings the client takes ─▶ does its copy stand? 304 ─▶ the part it wants, 206 or 416 ─▶ the whole, 200
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from digest.web import negotiation, ranges, validators
from digest.web.files import Stored
from digest.web.negotiation import IDENTITY

_BLOCK = 1 << 16  # bytes; a file up to that size is read at once, which saves hops between threads


def file_answer(
    request: Request,
    offered: Mapping[str, Stored],
    opened: ExitStack,
    lasting: Mapping[str, str],
    describing: Mapping[str, str],
) -> Response:
    """Return the answer with one of the encodings `offered`, which holds identity.

    `opened` closes their files; an answer in blocks takes that over. Headers that are `lasting` go with 304, too.
    """
    codings = negotiation.acceptable(_header(request, "accept-encoding"), list(offered))
    chosen = offered[codings[0]]
    vary = {"Vary": "Accept-Encoding"} if len(offered) > 1 else {}
    headers = {**lasting, **vary, "ETag": chosen.tag, "Last-Modified": validators.http_date(chosen.modified)}
    tags = [offered[coding].tag for coding in codings]
    if tag := validators.standing_tag(
        _header(request, "if-none-match"), request.headers.get("if-modified-since"), tags, chosen.modified
    ):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={**headers, "ETag": tag})
    headers |= describing
    if codings[0] != IDENTITY:
        headers["Content-Encoding"] = codings[0]
    return _content(request, chosen, opened, headers)


def _content(request: Request, chosen: Stored, opened: ExitStack, headers: dict[str, str]) -> Response:
    headers["Accept-Ranges"] = "bytes"
    whole = range(chosen.size)
    fits = validators.part_fits(request.headers.get("if-range"), chosen.tag, chosen.modified)
    part = ranges.wanted(_header(request, "range"), chosen.size) if fits and request.method == "GET" else None
    if part is None:
        return _sent(request, HTTPStatus.OK, chosen, opened, headers, whole)
    if not part:
        unfit = {"Content-Range": f"bytes */{chosen.size}", "Cache-Control": "no-store"}
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=unfit)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{chosen.size}"
    return _sent(request, HTTPStatus.PARTIAL_CONTENT, chosen, opened, headers, part)


def _sent(  # noqa: PLR0913, PLR0917 - what an answer consists of
    request: Request, status: HTTPStatus, chosen: Stored, opened: ExitStack, headers: dict[str, str], part: range
) -> Response:
    headers["Content-Length"] = str(len(part))
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    if len(part) > _BLOCK:
        return StreamingResponse(_blocks(chosen, opened.pop_all(), part), status, headers)
    chosen.file.seek(part.start)
    return Response(chosen.file.read(len(part)), status, headers)


def _blocks(chosen: Stored, opened: ExitStack, part: range) -> Iterator[bytes]:
    with opened:
        chosen.file.seek(part.start)
        for start in range(part.start, part.stop, _BLOCK):
            yield chosen.file.read(min(_BLOCK, part.stop - start))


def _header(request: Request, name: str) -> str | None:
    """Return the lines of a header that is a list as one (RFC 9110 section 5.3)."""
    return ", ".join(request.headers.getlist(name)) if name in request.headers else None
