from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from digest.actions.writing import replace_file


def test_of_many_writers_at_the_same_time_none_fails_and_one_wins(tmp_path: Path) -> None:
    file = tmp_path / "below" / "file"
    texts = [f"{number}".encode() * 100_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            list(pool.map(lambda text: replace_file(file, text), texts))
    assert file.read_bytes() in texts
    assert [one.name for one in file.parent.iterdir()] == ["file"]
