"""The whole of public/: all that has to be made for it, and what it then holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest import templating, urls
from digest.config import Config
from digest.items.item import Item, Outline, Visibility, visibility
from digest.site.feeds import Imprint
from digest.site.pages import frame_of, looks, page_targets
from digest.site.sitemaps import robot_targets
from digest.site.survey import Survey, survey
from digest.site.syndication import feed_targets
from digest.site.targets import Content, Target
from digest.site.views import Frame
from digest.site.web_views import WebView
from digest.site.workshop import Workshop

Tree = Mapping[str, Content]  # by path in public/


@dataclass(frozen=True)
class Plan:
    """What public/ is to be made of."""

    frame: Frame
    targets: tuple[Target, ...]


def plan(seen: Survey, newsroom: Path, web_views: Sequence[WebView]) -> Plan:
    """Return what is to be made of the items seen; `newsroom` is the folder whose templates/ come first."""
    looked = looks(newsroom, seen.config)
    frame = frame_of(seen, looked, editions=bool(web_views))
    newsroom_said = seen.config.newsroom
    imprint = Imprint(seen.config.feeds.websub, newsroom_said.license, urls.absolute(newsroom_said, frame.icon))
    targets = [
        *feed_targets(seen, imprint),
        *robot_targets(seen, [view.path for view in web_views]),
        *looked,
        *page_targets(seen, frame, web_views),
        *(view.target for view in web_views),
    ]
    return Plan(frame, tuple(targets))


def build_tree(
    config: Config, items: Sequence[Item], at: datetime, newsroom: Path, web_views: Sequence[WebView]
) -> dict[str, Content]:
    """Return public/ as it is at the moment `at`, a pure function of its arguments and of the templates.

    All of it is made, here and now; `digest.site.building` makes only what changed.
    """
    planned = plan(survey(config, items, at), newsroom, web_views)
    templates = templating.environment(newsroom, config, escape=True)
    workshop = Workshop(config, at, planned.frame, templates, {item.slug: item for item in items}.__getitem__)
    tree: dict[str, Content] = {}
    for target in planned.targets:
        tree |= target.recipe(workshop)
    return tree


def gone_paths(items: Iterable[Outline], at: datetime) -> frozenset[str]:
    """Return the paths in public/ of pages that were withdrawn without trace, which answer 410."""
    return frozenset(urls.item_path(item.slug) for item in items if visibility(item, at) is Visibility.GONE)
