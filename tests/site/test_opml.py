from lxml import etree

from digest.site.opml import opml
from digest.site.survey import survey
from tests.site.samples import CONFIG, NOW, item


def test_every_feed_is_an_outline_that_readers_import() -> None:
    every = survey(CONFIG, [item(), item("es", language="es")], NOW).feeds
    root = etree.fromstring(opml(every, CONFIG))
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "Example Newsroom")
    outlines = [dict(outline.attrib) for outline in root.findall("body/outline")]
    assert len(outlines) == len(every)
    assert outlines[1] == {
        "type": "rss",
        "text": "Example Newsroom: Press releases",
        "title": "Example Newsroom: Press releases",
        "xmlUrl": "https://news.example.org/press/kinds/press-release/atom.xml",
        "htmlUrl": "https://news.example.org/press/kinds/press-release/",
        "language": "en",
    }
