"""An item as a piece of HTML that stands alone: what feeds carry.

Every address is absolute, since readers resolve relative ones against whatever they like; the lede stands in it,
since some readers drop summaries.
"""

from datetime import datetime
from html import escape

from digest import templating, urls
from digest.config import Config
from digest.items import markdown
from digest.items.item import Correction, Item, Withdrawal
from digest.site import shown, views


def item_html(item: Item, at: datetime, config: Config) -> str:
    """Return a public item: picture first, lede, body, further pictures, corrections made by then."""
    newsroom = config.newsroom
    page = urls.absolute(newsroom, urls.item_path(item.slug))
    lede = shown.lede(item)
    figures = [_figure(views.figure(picture, item.assets[picture.file]), config) for picture in item.pictures]
    leading = 1 if item.image else 0
    return "".join(
        [
            *figures[:leading],
            f"<p><strong>{escape(lede)}</strong></p>" if lede else "",
            markdown.body_html(item.body or "", page),
            *figures[leading:],
            *(_correction(correction, config) for correction in shown.corrections(item, at)),
        ]
    )


def withdrawn_html(withdrawal: Withdrawal) -> str:
    """Return what an item taken back says instead of its text."""
    return f"<p>{escape(withdrawal.reason)}</p>"


def _figure(figure: views.Figure, config: Config) -> str:
    address = urls.absolute(config.newsroom, figure.path)
    size = f' width="{figure.width}" height="{figure.height}"'
    behind = [text for text in (figure.byline, figure.rights) if text]
    caption = templating.ended(figure.caption) if figure.caption and behind else figure.caption
    said = " ".join(escape(text) for text in (caption, *behind) if text)
    told = f"<figcaption>{said}</figcaption>" if said else ""
    return f'<figure><img src="{escape(address)}" alt="{escape(figure.alt)}"{size}>{told}</figure>'


def _correction(correction: Correction, config: Config) -> str:
    day = templating.day(correction.at, config.newsroom.language, config.newsroom.timezone)
    return f"<p><strong>Correction, {escape(day)}:</strong> {escape(correction.note)}</p>"
