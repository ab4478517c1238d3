"""An SMTP server that takes everything and answers what comes together a while later; it prints its port.

python bench/delaying_sink.py 0.02                  seconds until each answer
python bench/delaying_sink.py 0 "421 4.7.0 slower"  and what it answers to MAIL
"""

import asyncio
import sys

_GREETING, _BYE = b"220 sink\r\n", b"221 bye\r\n"
_HELLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
_OK = b"250 2.0.0 ok\r\n"
_END = b"\r\n.\r\n"


class Conversation(asyncio.Protocol):
    """One connection."""

    def __init__(self, delay: float, to_mail: bytes) -> None:
        self._delay, self._to_mail = delay, to_mail
        self._in_body = False
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - as asyncio promises of a stream
        self._transport = transport
        transport.write(_GREETING)

    def data_received(self, data: bytes) -> None:
        """Answer all that came wholly, at once and later."""
        self._came += data
        answers = b""
        while answer := self._next():
            answers += answer
        if answers:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answers)

    def _next(self) -> bytes:
        # A message may be empty: then its dot is all there is of it.
        is_empty = self._in_body and self._came.startswith(b".\r\n")
        end = _END if self._in_body and not is_empty else b"\r\n"
        found, mark, rest = self._came.partition(end)
        if not mark:
            return b""
        self._came = rest
        if self._in_body:
            self._in_body = False
            return b"250 2.0.0 taken\r\n"
        verb = found[:4].upper()
        self._in_body = verb == b"DATA"
        answers = {b"EHLO": _HELLO, b"MAIL": self._to_mail, b"DATA": b"354 go on\r\n", b"QUIT": _BYE}
        return answers.get(verb, _OK)


async def main(delay: float, to_mail: bytes) -> None:
    """Serve on a free port of this machine."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(delay, to_mail), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), f"{sys.argv[2]}\r\n".encode() if sys.argv[2:] else _OK))
