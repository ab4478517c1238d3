"""Every feed, export and sitemap: of the sample newsroom, and of one where everything happens."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from digest.config import Config, load_config
from digest.items.item import Item
from digest.items.loading import load_items
from tests.site.samples import CONFIG, NOW, eventful
from tests.site.syndicated import syndicated

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sample() -> tuple[Config, Sequence[Item]]:
    config = load_config(ROOT)
    return config, load_items(ROOT, config).items


@pytest.fixture(params=["the sample newsroom", "an eventful one"])
def newsroom(
    request: pytest.FixtureRequest, sample: tuple[Config, Sequence[Item]], tmp_path: Path
) -> tuple[Config, Sequence[Item]]:
    return sample if request.param == "the sample newsroom" else (CONFIG, eventful(tmp_path))


@pytest.fixture
def files(newsroom: tuple[Config, Sequence[Item]]) -> Mapping[str, bytes]:
    return syndicated(*newsroom, NOW)
