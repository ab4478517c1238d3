"""The whole of public/: all that has to be made for it, and what it then holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest import templating, urls
from digest.config import Config, EmblemSort
from digest.images.emblems import NO_EMBLEMS, Emblem
from digest.items.item import Item, Outline, Visibility, visibility
from digest.site.looks import looks
from digest.site.pages import frame_of, page_targets
from digest.site.sitemaps import robot_targets
from digest.site.survey import Survey, survey
from digest.site.syndication import feed_targets
from digest.site.targets import Content, Target
from digest.site.views import Frame
from digest.site.web_views import WebView
from digest.site.workshop import Workshop


@dataclass(frozen=True)
class Plan:
    """What public/ is to be made of."""

    frame: Frame
    targets: tuple[Target, ...]


def plan(seen: Survey, newsroom: Path, web_views: Sequence[WebView], emblems: Mapping[EmblemSort, Emblem]) -> Plan:
    """Return what is to be made of the items seen; `newsroom` is the folder whose templates/ come first."""
    looked = looks(newsroom, seen.config, emblems)
    frame = frame_of(seen, looked, editions=bool(web_views))
    targets = [
        *feed_targets(seen, looked.imprint),
        *robot_targets(seen, [view.path for view in web_views]),
        *looked.targets,
        *page_targets(seen, frame, web_views),
        *(view.target for view in web_views),
    ]
    return Plan(frame, tuple(targets))


def build_tree(  # noqa: PLR0913, PLR0917 - what a site is made of
    config: Config,
    items: Sequence[Item],
    at: datetime,
    newsroom: Path,
    web_views: Sequence[WebView],
    emblems: Mapping[EmblemSort, Emblem] = NO_EMBLEMS,
) -> dict[str, Content]:
    """Return public/ as it is at the moment `at`, a pure function of its arguments and of the templates.

    All of it is made, here and now; `digest.site.building` makes only what changed.
    """
    planned = plan(survey(config, items, at), newsroom, web_views, emblems)
    templates = templating.environment(newsroom, config, escape=True)
    workshop = Workshop(config, at, planned.frame, templates, {item.slug: item for item in items}.__getitem__)
    tree: dict[str, Content] = {}
    for target in planned.targets:
        tree |= target.recipe(workshop)
    return tree


def gone_paths(items: Iterable[Outline], at: datetime) -> frozenset[str]:
    """Return the paths in public/ of pages that were withdrawn without trace, which answer 410."""
    return frozenset(urls.item_path(item.slug) for item in items if visibility(item, at) is Visibility.GONE)
