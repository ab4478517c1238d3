"""What machines read of an item's page: schema.org's NewsArticle as JSON-LD.

Google's list of what it wants of an article: developers.google.com/search/docs/appearance/structured-data/article.
"""

import re
from collections.abc import Mapping

from digest import urls
from digest.config import Newsroom
from digest.items.item import Correction
from digest.site.json_text import compact, present
from digest.site.views import Figure, Logo, Page

_LONGEST_HEADLINE = 110  # characters; search engines cut what is longer
# In a script element, HTML's parser looks for `</script` and `<!--` (HTML section 13.2.6.4.4).
_UNFIT_IN_HTML = re.compile("[<>&\u2028\u2029]")


def news_article(page: Page, newsroom: Newsroom, logo: Logo | None = None) -> str:
    """Return the JSON-LD of a public item's page, safe to stand in a script element.

    A Content-Security-Policy does not forbid it: a data block is never executed (HTML section 4.12.1).
    """
    figures = ((page.figure,) if page.figure else ()) + page.gallery
    made = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": _headline(page.title),
        "description": page.description,
        "url": page.address,
        "mainEntityOfPage": {"@type": "WebPage", "@id": page.address},
        "datePublished": page.published.isoformat(),
        "dateModified": (page.updated or page.published).isoformat(),
        "inLanguage": page.language.tag,
        "articleSection": page.kind.label,
        "keywords": [topic.label for topic in page.topics],
        "dateline": page.place,
        "author": [{"@type": "Person", "name": name} for name in page.authors] or _organization(newsroom),
        "publisher": {**_organization(newsroom), **({"logo": _logo(logo)} if logo else {})},
        "copyrightNotice": newsroom.rights,
        "license": newsroom.license,
        "image": [_image(figure, newsroom) for figure in figures],
        "correction": [_correction(correction) for correction in page.corrections],
    }
    text = compact(present(made)).decode()
    return _UNFIT_IN_HTML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _headline(title: str) -> str:
    if len(title) <= _LONGEST_HEADLINE:
        return title
    cut = title[:_LONGEST_HEADLINE]
    return f"{cut.rpartition(' ')[0] or cut[:-1]}…"


def _organization(newsroom: Newsroom) -> Mapping[str, object]:
    return {"@type": "NewsMediaOrganization", "name": newsroom.organization, "url": newsroom.url}


def _logo(logo: Logo) -> Mapping[str, object]:
    return {"@type": "ImageObject", "url": logo.card, "width": logo.card_width, "height": logo.card_height}


def _image(figure: Figure, newsroom: Newsroom) -> Mapping[str, object]:
    return present(
        {
            "@type": "ImageObject",
            "url": urls.absolute(newsroom, figure.path),
            "width": figure.width,
            "height": figure.height,
            "caption": figure.caption or figure.alt,
            "creditText": figure.credit,
            "copyrightNotice": figure.rights,
        }
    )


def _correction(correction: Correction) -> Mapping[str, object]:
    return {"@type": "CorrectionComment", "text": correction.note, "datePublished": correction.at.isoformat()}
