"""The console script: the version in a blink, and every error in one line with its exit code."""

import gc
import signal
import sys

from digest import __version__

BROKEN = 3  # exit code for what nobody foresaw
STOPPED = 130  # exit code that the command line ends with after Ctrl-C


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:  # answered before the command line is built, which takes five times as long
        print(f"digest {__version__}")
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends a command as Ctrl-C does
    try:
        code = _run()
    except KeyboardInterrupt:  # before the command line was there to take it
        code = STOPPED
    if code == STOPPED:
        print("digest was stopped before it was done. Run it again to finish.", file=sys.stderr)
    gc.freeze()  # all goes with the process: to look through it for cycles at its end takes up to 40 ms
    sys.exit(code)


def _run() -> int:
    from digest.cli.app import Settings, app
    from digest.errors import DigestError, printable

    settings = Settings()
    try:
        app(obj=settings)
    except DigestError as error:
        if settings.debug:
            raise
        for line in str(error).split("\n"):
            print(printable(line), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone; Python would complain about it at exit
        return 0
    except SystemExit as end:
        if end.code != STOPPED:
            raise
        return STOPPED
    except Exception as error:  # whatever it is, a person gets a sentence and an exit code, no traceback
        if settings.debug:
            raise
        print(
            printable(f"digest failed in a way nobody foresaw: {error!r:.200}."),
            "Run it as `digest --debug …` and report what it shows.",
            file=sys.stderr,
        )
        return BROKEN
    return 0
