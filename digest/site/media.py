"""The picture of an entry as Media RSS 1.5.1 has it, in Atom and in RSS; feedgen's own extension knows no credit."""

from lxml import etree

from digest.site.entries import Picture

NAMESPACE = "http://search.yahoo.com/mrss/"


def add_picture(entry: etree._Element, picture: Picture) -> None:
    """Add the picture with its size, description, credit and rights to the element of an entry.

    As `media:content`, never as an enclosure: readers would show it a second time, below the content.
    """
    figure = picture.figure
    media = etree.SubElement(entry, _name("content"), url=picture.address, medium="image", type=figure.media_type)
    media.set("width", str(figure.width))
    media.set("height", str(figure.height))
    said = {"description": figure.alt or figure.caption, "credit": figure.credit, "copyright": figure.rights}
    for name, text in said.items():
        if text:
            etree.SubElement(media, _name(name)).text = text


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
