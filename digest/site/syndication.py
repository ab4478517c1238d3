"""Every feed: what readers and other newsrooms subscribe to.

survey ─▶ feeds ─▶ documents ─▶ the Atom documents: main, archives, kinds, topics, languages
                            ├─▶ the main one as JSON Feed and RSS
                            └─▶ feeds.opml: all of them in a file
"""

from collections.abc import Iterator
from functools import partial

from digest import urls
from digest.site import feed, feeds, json_feed, opml, rss
from digest.site.documents import Document, documents
from digest.site.feeds import Imprint
from digest.site.survey import Survey
from digest.site.targets import Files, Target, as_it_is, key
from digest.site.workshop import Workshop


def feed_targets(survey: Survey, imprint: Imprint) -> Iterator[Target]:
    """Yield the documents of all feeds, the main one's formats together."""
    yield as_it_is(feeds.OPML, opml.opml(survey.feeds, survey.config))
    places = {item.slug: place for place, item in enumerate(survey.shown)}
    for document in documents(survey):
        neighbours = (document.previous or "", document.following or "")
        known = key(repr(imprint), *neighbours, *survey.states_of(document.slugs))
        near = places[document.slugs[0]] if document.slugs else 0
        yield Target(document.path, known, partial(_document_files, document, imprint), near)


def _document_files(document: Document, imprint: Imprint, workshop: Workshop) -> Files:
    config, entries = workshop.config, [workshop.entry(slug) for slug in document.slugs]
    files = {document.path: feed.atom(document, entries, config, imprint)}
    if document.path == urls.FEED:
        files[feeds.JSON] = json_feed.json_feed(document, entries, config, imprint)
        files[feeds.RSS] = rss.rss(document, entries, config, imprint)
    return files
