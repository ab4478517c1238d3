"""Draws the pictures of the sample newsroom and writes its briefing.

    python tools/sample_images.py [ITEMS_FOLDER]

    for each scene: a canvas with its own seed -> layers of paint -> half the size -> grain -> JPEG
    the briefing:   lines of text and a bar chart -> two PDF pages in Helvetica

Pillow is all it needs. Pictures are drawn at twice their size, which smooths every edge; chance comes from the
scene's name alone, so one version of Pillow always writes the same bytes. Coordinates are final pixels.
"""
# A drawing is made of numbers and of seeded chance:
# ruff: noqa: PLR0913, PLR0917, PLR2004, S311, TID251

import io
import itertools
import math
import random
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

SCALE = 2
MOST_BYTES = 96_000

Point = tuple[float, float]
Paint = str | Sequence[str]
"""One colour, or several for a gradient from the top of what is painted to its bottom."""


@dataclass(frozen=True)
class Pen:
    """Draws shapes into the mask of a brush; `ink` is their strength, 0 to 1."""

    draw: ImageDraw.ImageDraw

    def polygon(self, *points: Point, ink: float = 1) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=round(255 * ink))

    def rect(self, left: float, top: float, right: float, bottom: float, ink: float = 1) -> None:
        """An upright rectangle."""
        self.polygon((left, top), (right, top), (right, bottom), (left, bottom), ink=ink)

    def oval(self, x: float, y: float, rx: float, ry: float | None = None, ink: float = 1) -> None:
        """An ellipse around (x, y); a circle without `ry`."""
        ry = rx if ry is None else ry
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.draw.ellipse(box, fill=round(255 * ink))

    def line(self, *points: Point, width: float = 1, ink: float = 1) -> None:
        """A stroke with round joints and ends."""
        fill = round(255 * ink)
        self.draw.line([(x * SCALE, y * SCALE) for x, y in points], fill, round(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]) if width > 2 else ():
            self.oval(x, y, width / 2, ink=ink)

    def arch(self, x: float, top: float, bottom: float, half: float) -> None:
        """A window with a round head, `half` wide to either side of x."""
        self.rect(x - half, top + half, x + half, bottom)
        self.oval(x, top + half, half)


class Canvas:
    """A picture in the making, with the chance that belongs to it."""

    def __init__(self, name: str, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rng = random.Random(name)
        self.image = Image.new("RGB", (width * SCALE, height * SCALE))

    @contextmanager
    def brush(self, paint: Paint, opacity: float = 1, blur: float = 0) -> Iterator[Pen]:
        """Lays paint where the pen has been, softened by `blur` pixels."""
        mask = Image.new("L", self.image.size)
        yield Pen(ImageDraw.Draw(mask))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE))
        if opacity < 1:
            mask = mask.point(lambda ink: round(ink * opacity))
        if box := mask.getbbox():
            size = (box[2] - box[0], box[3] - box[1])
            self.image.paste(gradient([paint] if isinstance(paint, str) else paint, size), box, mask.crop(box))

    def wash(self, *colors: str, top: float = 0, bottom: float | None = None) -> None:
        """A gradient over the whole width."""
        with self.brush(colors) as pen:
            pen.rect(0, top, self.width, self.height if bottom is None else bottom)

    def glow(self, x: float, y: float, radius: float, color: str, strength: float = 1) -> None:
        """Adds light that falls off to nothing at `radius`."""
        side = round(2 * radius * SCALE)
        falloff = Image.radial_gradient("L").point(lambda far: round(255 * strength * max(0, 1 - far / 180) ** 1.7))
        light = Image.new("RGB", self.image.size)
        corner = (round((x - radius) * SCALE), round((y - radius) * SCALE))
        light.paste(ImageColor.getrgb(color), corner, falloff.resize((side, side), Image.Resampling.BICUBIC))
        self.image = ImageChops.screen(self.image, light)

    def mist(self, color: str, top: float, bottom: float, opacity: float) -> None:
        """A veil that thickens from nothing at `top` to `opacity` at `bottom`."""
        size = (self.image.width, round((bottom - top) * SCALE))
        veil = Image.linear_gradient("L").resize(size).point(lambda ink: round(ink * opacity))
        self.image.paste(ImageColor.getrgb(color), (0, round(top * SCALE)), veil)

    def ridge(self, y: float, swing: float, paint: Paint, rough: float = 0.52) -> Callable[[float], float]:
        """A range of hills down to the lower edge; returns the height of its crest at x."""
        heights = relief(self.rng, rough)
        last = len(heights) - 1
        crest = [(self.width * i / last, y + swing * height) for i, height in enumerate(heights)]
        with self.brush(paint) as pen:
            pen.polygon(*crest, (self.width, self.height), (0, self.height))
        return lambda x: crest[max(0, min(last, round(x / self.width * last)))][1]

    def stars(self, count: int, below: float) -> None:
        """A sky of small stars above the line `below`."""
        with self.brush("#fff8e7") as pen:
            for _ in range(count):
                x, y = self.rng.uniform(0, self.width), below * self.rng.random() ** 1.4
                pen.oval(x, y, self.rng.choice((0.7, 0.7, 1, 1.5)), ink=self.rng.uniform(0.2, 0.95))

    def glitter(self, x: float, top: float, color: str, spread: float, count: int = 260) -> None:
        """Light broken by water, below (x, top)."""
        with self.brush(color, blur=0.6) as pen:
            for _ in range(count):
                depth = self.rng.random() ** 1.3
                y = top + 3 + depth * (self.height - top)
                middle = x + self.rng.gauss(0, 0.25 + depth * 0.75) * spread
                half = 3 + 22 * depth * self.rng.random()
                pen.oval(middle, y, half, 0.7 + 1.7 * depth, ink=self.rng.uniform(0.15, 0.8) * (1 - depth * 0.55))

    def birds(self, color: str, *places: tuple[float, float, float]) -> None:
        """Gliding birds at (x, y), so wide."""
        with self.brush(color) as pen:
            for x, y, span in places:
                for side in (-1, 1):
                    wing = [(x + side * span * t, y - span * 0.42 * math.sin(2.2 * t)) for t in (0, 0.3, 0.6, 1)]
                    pen.line(*wing, width=max(1.2, span / 9))

    def person(self, x: float, foot: float, tall: float, color: str) -> None:
        """A small standing figure in a coat."""
        with self.brush(color) as pen:
            pen.oval(x, foot - tall * 0.925, tall * 0.06, tall * 0.075)
            pen.line((x, foot - tall * 0.88), (x, foot - tall * 0.8), width=tall * 0.05)
            pen.oval(x, foot - tall * 0.785, tall * 0.115, tall * 0.05)
            for side in (-1, 1):
                outline = ((0.115, 0.785), (0.152, 0.46), (0.12, 0.44), (0.13, 0.34), (0, 0.34), (0, 0.8))
                pen.polygon(*((x + side * tall * wide, foot - tall * up) for wide, up in outline))
                pen.oval(x + side * tall * 0.132, foot - tall * 0.445, tall * 0.022)
                pen.line(
                    (x + side * tall * 0.05, foot - tall * 0.36), (x + side * tall * 0.055, foot), width=tall * 0.075
                )

    def save(self, path: Path, grain: float = 0.09) -> None:
        """Halves, grains and writes the picture, at the best quality that stays small."""
        picture = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        noise = Image.frombytes("L", picture.size, self.rng.randbytes(self.width * self.height))
        noise = noise.point(lambda value: round(128 + (value - 128) * grain))
        picture = ImageChops.soft_light(picture, Image.merge("RGB", [noise] * 3))
        for quality in range(90, 40, -4):
            packed = io.BytesIO()
            picture.save(packed, "JPEG", quality=quality, optimize=True, progressive=True)
            if packed.tell() <= MOST_BYTES:
                break
        path.write_bytes(packed.getvalue())


def gradient(colors: Sequence[str], size: tuple[int, int]) -> Image.Image:
    """The colours at equal distances from top to bottom, blended."""
    stops = [ImageColor.getrgb(color)[:3] for color in colors]
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        place = y / max(1, size[1] - 1) * (len(stops) - 1)
        above = min(int(place), max(0, len(stops) - 2))
        pair = zip(stops[above], stops[min(above + 1, len(stops) - 1)], strict=True)
        column.putpixel((0, y), tuple(round(a + (b - a) * (place - above)) for a, b in pair))
    return column.resize(size)


def relief(rng: random.Random, rough: float, steps: int = 9) -> list[float]:
    """A fractal line of heights around nought, by midpoint displacement."""
    heights, swing = [rng.uniform(-1, 1), rng.uniform(-1, 1)], 1.0
    for _ in range(steps):
        middles = [(a + b) / 2 + rng.uniform(-swing, swing) for a, b in itertools.pairwise(heights)]
        heights = [height for pair in zip(heights, middles, strict=False) for height in pair] + heights[-1:]
        swing *= rough
    return heights


# The scenes


def boat(c: Canvas, x: float, y: float, size: float, color: str, *, sail: str = "") -> None:
    """A fishing boat on the water, with its reflection."""
    with c.brush(color, 0.45, blur=2) as pen:
        pen.polygon(
            (x - size * 0.8, y), (x + size * 0.8, y), (x + size * 0.5, y + size * 0.3), (x - size * 0.5, y + size * 0.3)
        )
    if sail:
        with c.brush(sail) as pen:
            pen.polygon(
                (x + size * 0.05, y - size * 1.75), (x + size * 0.05, y - size * 0.4), (x + size * 0.8, y - size * 0.45)
            )
            pen.polygon(
                (x - size * 0.05, y - size * 1.5), (x - size * 0.05, y - size * 0.4), (x - size * 0.6, y - size * 0.42)
            )
    with c.brush(color) as pen:
        bow, keel = (x + size, y - size * 0.34), (x + size * 0.7, y)
        pen.polygon((x - size * 0.9, y - size * 0.26), (x, y - size * 0.18), bow, keel, (x - size * 0.7, y))
        pen.line((x, y - size * 0.2), (x, y - size * 1.8), width=size * 0.045)
        if not sail:
            pen.rect(x - size * 0.55, y - size * 0.55, x - size * 0.1, y - size * 0.18)
            pen.line((x, y - size * 1.7), bow, width=size * 0.02)
            pen.line((x, y - size * 1.7), (x - size * 0.85, y - size * 0.3), width=size * 0.02)


def dawn_harbour(c: Canvas) -> None:
    """Fishing boats in front of the rising sun."""
    c.wash("#27305a", "#6a5183", "#c97b84", "#f4b183", "#ffe0a3", bottom=470)
    c.glow(800, 455, 420, "#ffb45e", 0.8)
    with c.brush("#fff3cf") as pen:
        pen.oval(800, 440, 46)
    c.ridge(452, 26, "#8d6a8c", 0.6)
    c.wash("#e2a183", "#8b6583", "#3b3a63", "#1c2242", top=470)
    c.glitter(800, 470, "#ffe6b3", 85)
    quay = "#1d1f3a"
    with c.brush(quay) as pen:
        pen.polygon((0, 448), (330, 462), (330, 486), (0, 512))
        for x, tall in ((70, 250), (205, 190)):
            pen.line((x, 460), (x, 460 - tall), width=9)
            pen.line((x - 45, 460 - tall * 0.82), (x + 130, 460 - tall * 1.08), width=6)
            pen.line((x + 118, 460 - tall * 1.06), (x + 118, 460 - tall * 0.6), width=1.6)
            pen.line((x, 460 - tall), (x + 110, 460 - tall * 1.06), width=2)
    boat(c, 520, 540, 62, "#2c2a4c")
    boat(c, 985, 512, 44, "#45395f")
    boat(c, 850, 660, 128, "#141730")
    c.birds("#2b2b50", (470, 190, 24), (540, 228, 16), (430, 250, 13), (960, 150, 18))


def mountain_pass(c: Canvas) -> None:
    """Walkers on a road below blue ranges."""
    c.wash("#f7d9b9", "#f6c7a8", "#d9b7b8", "#a9b4c9")
    c.glow(360, 190, 300, "#fff1c9", 0.9)
    with c.brush("#fff6df") as pen:
        pen.oval(360, 190, 38)
    for y, swing, color in ((290, 130, "#9fb0cb"), (390, 120, "#7f97b8"), (480, 95, "#5d7ba0"), (570, 70, "#3e5e83")):
        c.ridge(y, swing, color, 0.57)
        c.mist("#f3d3bd", y, y + 190, 0.4)
    c.ridge(640, 10, ["#274763", "#14273d"], 0.42)
    with c.brush(["#8f9fae", "#dcc9b4"], 0.8, blur=0.8) as pen:
        bends = [(760, 640, 3), (690, 665, 6), (800, 690, 11), (640, 720, 19), (770, 760, 34), (560, 830, 62)]
        pen.polygon(*((x - w, y) for x, y, w in bends), *((x + w, y) for x, y, w in reversed(bends)))
    for x, foot, tall in (
        (700, 668, 15),
        (790, 690, 25),
        (774, 696, 23),
        (668, 718, 38),
        (692, 726, 42),
        (735, 748, 36),
        (764, 760, 64),
    ):
        c.person(x, foot, tall, "#0c1a2b")
    for x, foot, size in (
        (60, 790, 150),
        (150, 810, 190),
        (262, 770, 96),
        (1010, 800, 130),
        (1095, 820, 210),
        (1180, 780, 150),
    ):
        pine(c, x, foot, size, "#0c1a2b")
    c.birds("#4d6487", (820, 170, 20), (880, 200, 14), (770, 215, 11))


def pine(c: Canvas, x: float, foot: float, size: float, color: str) -> None:
    """A pine in silhouette."""
    with c.brush(color) as pen:
        pen.rect(x - size * 0.025, foot - size * 0.3, x + size * 0.025, foot)
        for layer in range(7):
            top, half = foot - size * (1.05 - layer * 0.125), size * (0.06 + layer * 0.032)
            pen.polygon((x, top), (x + half, top + size * 0.2), (x, top + size * 0.165), (x - half, top + size * 0.2))


def courtroom(c: Canvas) -> None:
    """An empty bench under three tall windows."""
    c.wash("#3a2a33", "#5a3d40", "#6b4841")
    for x in (270, 600, 930):
        with c.brush("#2a1e27") as pen:
            pen.arch(x, 58, 470, 98)
        with c.brush(["#fff3d2", "#fbd9a0", "#e9a86c"]) as pen:
            pen.arch(x, 72, 460, 84)
        with c.brush("#4a3236") as pen:
            pen.rect(x - 3, 72, x + 3, 460)
            for y in (190, 280, 370):
                pen.rect(x - 84, y - 3, x + 84, y + 3)
        c.glow(x, 260, 330, "#ffca85", 0.34)
    c.wash("#3d2a2b", "#241a20", top=600)
    for x in (270, 600, 930):
        with c.brush("#ffdf9f", 0.17, blur=14) as pen:
            pen.polygon((x - 84, 120), (x + 84, 120), (x - 60, 800), (x - 330, 800))
    with c.brush(["#6a4030", "#3c2521"]) as pen:
        pen.rect(250, 470, 950, 660)
        pen.rect(130, 530, 250, 660)
        pen.rect(950, 530, 1070, 660)
    with c.brush("#8a5638") as pen:
        pen.rect(232, 456, 968, 476)
        pen.rect(118, 522, 250, 536)
        pen.rect(950, 522, 1082, 536)
    with c.brush("#2c1b1b", 0.6) as pen:
        for x in range(280, 930, 110):
            pen.rect(x, 500, x + 84, 640)
    with c.brush("#201519") as pen:
        for x in (420, 600, 780):
            pen.arch(x, 352 if x == 600 else 376, 457, 40)
    scales(c, 600, 575, "#d9a25f")
    with c.brush(["#20161c", "#140e14"]) as pen:
        for row, y in enumerate((712, 752)):
            for seat in range(8):
                x = 90 + seat * 150 - row * 45
                pen.rect(x, y - 36, x + 98, 800)
                pen.oval(x + 49, y - 36, 49, 14)


def scales(c: Canvas, x: float, y: float, color: str) -> None:
    """The emblem of justice."""
    with c.brush(color) as pen:
        pen.line((x, y - 58), (x, y + 46), width=5)
        pen.line((x - 50, y - 42), (x + 50, y - 42), width=4)
        pen.line((x - 26, y + 48), (x + 26, y + 48), width=6)
        for side in (-50, 50):
            pen.line((x + side, y - 42), (x + side - 20, y + 4), width=1.6)
            pen.line((x + side, y - 42), (x + side + 20, y + 4), width=1.6)
            pen.draw.pieslice(
                [(x + side - 24) * SCALE, (y - 14) * SCALE, (x + side + 24) * SCALE, (y + 24) * SCALE], 0, 180, fill=255
            )


def raised_ballots(c: Canvas) -> None:
    """Hands that hold up voting papers."""
    c.wash("#f4b860", "#ef8f5b", "#d9605a")
    c.glow(600, 120, 620, "#fff0bd", 0.75)
    rows = (
        (
            (130, 420, "#a8654a", "#7b3f5c"),
            (420, 330, "#e2ab84", "#3f6b78"),
            (715, 380, "#7a4a36", "#a8384a"),
            (1010, 320, "#f0c39c", "#5b4a7d"),
        ),
        (
            (285, 520, "#f0c39c", "#22465c"),
            (575, 470, "#8c553c", "#d98a2b"),
            (880, 510, "#c98a62", "#2f6b5f"),
            (1130, 560, "#6b3f30", "#8c2f45"),
        ),
    )
    for depth, row in enumerate(rows):
        for x, y, skin, sleeve in row:
            raised_hand(c, x, y, skin, sleeve, tilt=c.rng.uniform(-0.2, 0.2), size=0.92 + depth * 0.16)
        if not depth:
            c.mist("#e0705a", 300, 800, 0.5)


def raised_hand(c: Canvas, x: float, y: float, skin: str, sleeve: str, tilt: float, size: float) -> None:
    """An arm from the lower edge whose fist, at (x, y), holds a folded paper."""

    def at(across: float, up: float) -> Point:
        return (
            x + size * (across * math.cos(tilt) + up * math.sin(tilt)),
            y + size * (across * math.sin(tilt) - up * math.cos(tilt)),
        )

    with c.brush("#3a1420", 0.13, blur=12) as pen:
        pen.polygon(at(-52, 40), at(84, 40), at(84, 205), at(-52, 205))
    with c.brush(skin) as pen:
        pen.line(at(0, 0), at(-8, -210), width=58 * size)
    with c.brush(sleeve) as pen:
        pen.polygon(at(-44, -120), at(38, -120), at(62, -700), at(-84, -700))
        pen.line(at(-42, -122), at(36, -122), width=18 * size)
    with c.brush(skin) as pen:
        pen.line(at(-14, 14), at(14, 14), width=70 * size)
    with c.brush(["#ffffff", "#f1e6d6"]) as pen:
        pen.polygon(at(-62, 24), at(72, 24), at(72, 205), at(-62, 205))
    with c.brush("#c9b9a6") as pen:
        for up in (176, 152, 128):
            pen.line(at(-36, up), at(46 if up > 130 else 10, up), width=4 * size)
    with c.brush("#c8434d") as pen:
        pen.line(at(-32, 88), at(-22, 76), at(2, 106), width=7 * size)
    with c.brush(skin) as pen:
        for finger in range(4):
            pen.line(at(-31 + finger * 21, 4), at(-31 + finger * 21, 40 - abs(finger - 1.4) * 5), width=20 * size)
    with c.brush("#3a1c18", 0.3) as pen:
        for finger in range(3):
            pen.line(at(-20.5 + finger * 21, 6), at(-20.5 + finger * 21, 34), width=1.6 * size)


def night_city(c: Canvas) -> None:
    """A city by the river at dusk, its windows lit."""
    c.wash("#141b3c", "#2d3566", "#6c4f83", "#d47d7c", "#f7bb83", bottom=600)
    c.stars(120, 260)
    with c.brush("#fdf3d8") as pen:
        pen.oval(930, 140, 34)
    c.glow(930, 140, 170, "#f6e7c0", 0.5)
    for low, high, color, lit in ((170, 400, "#6a5583", 0.0), (110, 320, "#3f3c6b", 0.16), (50, 210, "#1f2147", 0.34)):
        x = -20.0
        while x < c.width:
            wide, top = c.rng.uniform(48, 104), 600 - c.rng.uniform(low, high)
            tower(c, x, top, wide, color, lit)
            x += wide + c.rng.choice((0, 0, 6))
    mirror = c.image.crop((0, 400 * SCALE, c.width * SCALE, 600 * SCALE)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    c.image.paste(mirror.filter(ImageFilter.GaussianBlur(9)), (0, 600 * SCALE))
    c.wash("#151838", top=598, bottom=603)
    with c.brush("#10153a", 0.5) as pen:
        pen.rect(0, 600, c.width, 800)
    with c.brush("#f3b98c", 0.22, blur=0.7) as pen:
        for _ in range(170):
            x, y = c.rng.uniform(0, c.width), c.rng.uniform(608, 800)
            pen.oval(x, y, (y - 560) * c.rng.uniform(0.08, 0.3), 1, ink=c.rng.uniform(0.2, 1))


def tower(c: Canvas, x: float, top: float, wide: float, color: str, lit: float) -> None:
    """A block of flats; `lit` is the share of windows with light."""
    with c.brush(color) as pen:
        pen.rect(x, top, x + wide, 600)
        if c.rng.random() < 0.4:
            pen.rect(x + wide * 0.3, top - 14, x + wide * 0.6, top)
            pen.line((x + wide * 0.45, top), (x + wide * 0.45, top - 44), width=2)
    with c.brush(c.rng.choice(("#ffd58a", "#ffc06b", "#ffe6b0"))) as pen:
        for row in range(int((590 - top) / 19)):
            for column in range(int((wide - 12) / 14)):
                if c.rng.random() < lit:
                    left, upper = x + 9 + column * 14, top + 12 + row * 19
                    pen.rect(left, upper, left + 7, upper + 10, ink=c.rng.uniform(0.5, 1))


def desk_lamp(c: Canvas) -> None:
    """A lamp that burns over a reporter's desk at night."""
    c.wash("#12303a", "#17424a", "#1b4a4e")
    with c.brush(["#0d1c38", "#27406b", "#54658f"]) as pen:
        pen.rect(760, 90, 1080, 430)
    with c.brush("#f6eecf") as pen:
        pen.oval(985, 175, 26)
    with c.brush("#0c2229") as pen:
        for x in (760, 915, 1070):
            pen.rect(x, 80, x + 12, 440)
        for y in (80, 250, 430):
            pen.rect(748, y, 1094, y + 12)
    with c.brush("#ffe1a0", 0.4, blur=26) as pen:
        pen.polygon((405, 300), (535, 330), (780, 610), (150, 610))
    c.glow(470, 420, 430, "#ffc871", 0.6)
    c.wash("#7a4a2e", "#432719", top=600)
    with c.brush("#ffd590", 0.42, blur=22) as pen:
        pen.oval(470, 650, 330, 52)
    with c.brush("#0b171b") as pen:
        pen.oval(215, 640, 82, 15)
        pen.line((215, 636), (150, 420), (330, 215), width=11)
        pen.oval(150, 420, 12)
    with c.brush(["#e0654a", "#a83b34"]) as pen:
        pen.polygon((318, 190), (385, 208), (560, 318), (540, 352), (372, 306))
        pen.oval(345, 212, 34)
    with c.brush("#fff6d8") as pen:
        pen.polygon((378, 310), (548, 338), (538, 352), (372, 318))
    typewriter(c, 640, 640)
    with c.brush(["#fff6e0", "#e4cfa9"]) as pen:
        pen.polygon((330, 665), (500, 655), (520, 720), (315, 730))
        pen.polygon((300, 690), (440, 690), (430, 752), (265, 745))
    with c.brush("#8f7b62") as pen:
        for y in (676, 686, 696):
            pen.line((352, y), (480, y - 7), width=2)
    with c.brush("#17333a") as pen:
        pen.line((540, 738), (640, 716), width=5)


def typewriter(c: Canvas, x: float, y: float) -> None:
    """A typewriter with a page in it, its left edge at x."""
    with c.brush(["#fffaf0", "#ead9b8"]) as pen:
        pen.polygon((x + 62, y - 150), (x + 232, y - 150), (x + 232, y - 20), (x + 62, y - 20))
    with c.brush("#a08d72") as pen:
        for row in range(5):
            pen.line((x + 84, y - 128 + row * 14), (x + (210 if row < 4 else 150), y - 128 + row * 14), width=2.4)
    with c.brush(["#2c5560", "#16313a"]) as pen:
        pen.rect(x + 20, y - 66, x + 274, y - 40)
        pen.polygon((x + 40, y - 44), (x + 254, y - 44), (x + 300, y + 52), (x - 6, y + 52))
        pen.line((x + 20, y - 53), (x - 4, y - 53), width=12)
    with c.brush("#e9dcc0") as pen:
        for row in range(3):
            for key in range(9):
                pen.oval(x + 44 - row * 9 + key * (25 + row * 2.2), y - 14 + row * 21, 7, 5)


def barred_window(c: Canvas) -> None:
    """Morning light through the bars of a cell."""
    c.wash("#33404c", "#2a3440", "#1c232d")
    for _ in range(26):
        with c.brush(c.rng.choice(("#4a5864", "#222b35")), 0.22, blur=24) as pen:
            pen.oval(c.rng.uniform(0, 1200), c.rng.uniform(0, 700), c.rng.uniform(40, 160), c.rng.uniform(20, 70))
    with c.brush("#151b24") as pen:
        pen.rect(690, 96, 1010, 396)
    with c.brush(["#6fb1d6", "#b9d8e0", "#ffe3b0", "#ffc681"]) as pen:
        pen.rect(712, 118, 988, 378)
    with c.brush("#d98f63", 0.75) as pen:
        pen.polygon((712, 378), (712, 340), (790, 322), (850, 346), (930, 312), (988, 340), (988, 378))
    c.glow(850, 250, 420, "#ffd9a0", 0.42)
    with c.brush("#10151d") as pen:
        for x in (766, 820, 878, 934):
            pen.rect(x - 6, 112, x + 6, 384)
        pen.rect(706, 236, 994, 246)
    with c.brush("#4b5661") as pen:
        pen.polygon((676, 396), (1024, 396), (1044, 420), (656, 420))
    with c.brush("#12161d") as pen:
        pen.oval(738, 382, 18, 11)
        pen.oval(754, 370, 8)
        pen.polygon((761, 367), (772, 371), (760, 374))
        pen.polygon((724, 380), (698, 396), (706, 399), (734, 390))
    c.wash("#232a33", "#12161c", top=640)
    with c.brush("#ffcf93", 0.12, blur=18) as pen:
        pen.polygon((712, 118), (988, 378), (520, 790), (150, 690))
    for left in (0, 62, 124, 186, 248):
        with c.brush("#ffd294", 0.62, blur=2.5) as pen:
            pane = 170 + left * 1.25
            pen.polygon((pane + 60, 662), (pane + 118, 662), (pane + 66, 716), (pane + 4, 716))
            pen.polygon((pane - 2, 722), (pane + 60, 722), (pane - 2, 786), (pane - 70, 786))
    with c.brush("#0d1116") as pen:
        pen.rect(0, 560, 210, 578)
        pen.rect(20, 578, 34, 680)
        pen.rect(172, 578, 186, 680)


def river_valley(c: Canvas) -> None:
    """A river that winds to the sea between green hills."""
    c.wash("#fbe3b6", "#f5d6b0", "#cfdccb")
    c.glow(720, 150, 340, "#fff4cf", 0.9)
    for y, swing, color in ((270, 46, "#a9c4bd"), (320, 42, "#86ad9f"), (365, 30, "#659681")):
        c.ridge(y, swing, color, 0.45)
        c.mist("#f7e2b8", y, y + 120, 0.35)
    c.wash("#7fae7d", "#4f8a62", "#255a4a", top=400)
    bends = [(t / 60, 640 + 250 * math.sin(3.1 + 10.5 * (t / 60) ** 0.62) * (0.12 + t / 60)) for t in range(61)]
    left = [(x - 4 - 150 * t**1.9, 402 + 400 * t**1.5) for t, x in bends]
    right = [(x + 4 + 190 * t**1.9, 402 + 400 * t**1.5) for t, x in bends]
    with c.brush("#e7d9a4", 0.8, blur=2) as pen:
        pen.polygon(
            *((x - 3 - (y - 400) * 0.03, y) for x, y in left),
            *((x + 3 + (y - 400) * 0.03, y) for x, y in reversed(right)),
        )
    with c.brush(["#fdf0cf", "#b9dcd6", "#5fa6ad", "#2d7388"]) as pen:
        pen.polygon(*left, *reversed(right))
    with c.brush("#ffffff", 0.4, blur=0.6) as pen:
        for _ in range(60):
            t, x = c.rng.choice(bends[12:])
            pen.oval(x + c.rng.uniform(-90, 110) * t**1.9, 402 + 400 * t**1.5, 4 + 22 * t, 0.8 + t)
    greens = (("#4f8f5b", "#22523f"), ("#6ea35f", "#2d6146"), ("#a7a957", "#4d6a3c"))
    for step in range(6, 58):
        for (bank, y), side in ((left[step], -1), (right[step], 1)):
            for _ in range(3):
                size = (2 + 24 * (step / 60) ** 1.6) * c.rng.uniform(0.7, 1.3)
                x = bank + side * (size * 1.4 + c.rng.expovariate(1 / (60 + step * 4)))
                tree(c, x, y + c.rng.uniform(-3, 3), size, c.rng.choice(greens))
    c.birds("#41735f", (300, 150, 18), (352, 176, 13), (262, 190, 11))


def tree(c: Canvas, x: float, foot: float, size: float, leaves: Paint) -> None:
    """A round tree that stands on (x, foot)."""
    if not -60 < x < c.width + 60:
        return
    with c.brush("#1d3a2e", 0.35, blur=1) as pen:
        pen.oval(x + size * 0.5, foot, size * 1.1, size * 0.24)
    with c.brush(leaves) as pen:
        pen.line((x, foot), (x, foot - size), width=max(1, size * 0.18))
        for dx, dy, r in ((0, 1.6, 0.8), (-0.5, 1.15, 0.62), (0.5, 1.2, 0.64)):
            pen.oval(x + dx * size, foot - dy * size, r * size)


def silent_mast(c: Canvas) -> None:
    """A radio mast above a village without signal."""
    c.wash("#101a3a", "#24386a", "#5a5f96", "#c98a9b", "#f5bd94", bottom=640)
    c.stars(220, 420)
    for number, radius in enumerate(range(70, 470, 62)):
        with c.brush("#ffd9b0", 0.42 - number * 0.055, blur=0.5) as pen:
            box = [(760 - radius) * SCALE, (150 - radius) * SCALE, (760 + radius) * SCALE, (150 + radius) * SCALE]
            for start in (-52, 128):
                pen.draw.arc(box, start, start + 104, fill=255, width=5 * SCALE)
    c.ridge(600, 36, "#4a4674")
    c.ridge(655, 22, ["#2a2a52", "#151631"], 0.4)
    with c.brush("#0e1029") as pen:
        levels = [150 + 34 * step for step in range(16)]
        for y, below in itertools.pairwise(levels):
            half, wider = 5 + (y - 150) * 0.1, 5 + (below - 150) * 0.1
            for side in (-1, 1):
                pen.line((760 + side * half, y), (760 + side * wider, below), width=4)
                pen.line((760 + side * half, y), (760 - side * wider, below), width=2)
            pen.line((760 - half, y), (760 + half, y), width=2)
        pen.line((760, 150), (760, 92), width=4)
        for y, side in ((210, 1), (250, -1), (292, 1)):
            pen.oval(760 + side * 30, y, 9, 17)
    with c.brush("#ff5a4d") as pen:
        pen.oval(760, 90, 6)
    c.glow(760, 90, 60, "#ff6a55", 0.8)
    x = -10.0
    while x < 1210:
        wide, top = c.rng.uniform(50, 92), c.rng.uniform(676, 720)
        with c.brush(c.rng.choice(("#14163a", "#191a40", "#0f1130"))) as pen:
            pen.rect(x, top, x + wide, 800)
            pen.polygon((x - 6, top), (x + wide + 6, top), (x + wide / 2, top - wide * 0.36))
        x += wide + c.rng.uniform(0, 12)
    with c.brush("#ffd183") as pen:
        pen.rect(316, 734, 332, 754)
    c.glow(324, 744, 70, "#ffb95e", 0.7)


def lantern_vigil(c: Canvas) -> None:
    """Paper lanterns that float on dark water."""
    c.wash("#0b1330", "#16275a", "#36417a", "#5c4f80", bottom=340)
    c.stars(150, 300)
    c.ridge(312, 26, "#1b2350")
    c.wash("#2a2f62", "#131b42", "#080d24", top=340)
    spots = [(c.rng.uniform(20, 1180), 350 + 380 * c.rng.random() ** 1.6) for _ in range(34)]
    for x, y in sorted([*spots, (330, 690), (905, 640), (610, 560)], key=lambda spot: spot[1]):
        size = 5 + (y - 345) * 0.125
        c.glow(x, y - size * 0.6, size * 4.6, "#ff9d47", 0.62)
        with c.brush(["#ffb860", "#c2612f"], 0.55, blur=size * 0.12) as pen:
            for step in range(6):
                wave = size * 0.2 * math.sin(step * 2.1 + x)
                pen.oval(
                    x + wave,
                    y + size * (0.35 + step * 0.34),
                    size * (0.66 - step * 0.08),
                    size * 0.1,
                    ink=1 - step * 0.15,
                )
        with c.brush(["#ffdf9a", "#ffc163", "#f08a3c"]) as pen:
            pen.polygon(
                (x - size * 0.62, y - size * 1.5),
                (x + size * 0.62, y - size * 1.5),
                (x + size * 0.74, y),
                (x - size * 0.74, y),
            )
        with c.brush("#fff7da", blur=size * 0.1) as pen:
            pen.oval(x, y - size * 0.55, size * 0.2, size * 0.42)
        with c.brush("#6b3423") as pen:
            pen.rect(x - size * 0.86, y - size * 0.05, x + size * 0.86, y + size * 0.1)


def lighthouse(c: Canvas) -> None:
    """A lighthouse over a rough sea at night; upright."""
    c.wash("#0d1733", "#1c3157", "#3f5f86", "#93a3ae", bottom=860)
    c.stars(200, 560)
    for points in (((470, 300), (800, 180), (800, 330)), ((450, 300), (0, 190), (0, 370))):
        with c.brush("#ffe9b0", 0.42, blur=12) as pen:
            pen.polygon(*points)
    c.wash("#5f7d93", "#274a68", "#0d2038", top=850)
    for row in range(15):
        y = 865 + row**1.75 * 3.2
        with c.brush("#cfe0e3", 0.13 + row * 0.012, blur=0.6 + row * 0.06) as pen:
            for _ in range(22):
                x, half = c.rng.uniform(-20, 820), c.rng.uniform(8, 16) * (1 + row * 0.24)
                pen.line(
                    *((x + half * t, y - 3 * math.sin(t * 2 + 1)) for t in (-1, -0.5, 0, 0.5, 1)),
                    width=1.1 + row * 0.12,
                )
    with c.brush(["#3a3d4e", "#151826"]) as pen:
        pen.polygon(
            (240, 1200),
            (270, 1040),
            (325, 980),
            (345, 880),
            (405, 828),
            (545, 822),
            (600, 862),
            (690, 880),
            (800, 850),
            (800, 1200),
        )
    with c.brush("#525668", 0.6) as pen:
        pen.polygon((345, 880), (405, 828), (545, 822), (470, 860), (420, 940), (325, 980))
    with c.brush("#e9eef0", 0.85, blur=3) as pen:
        for _ in range(90):
            t = c.rng.random()
            pen.oval(
                232 + 60 * t + c.rng.gauss(0, 14), 1185 - 190 * t + c.rng.gauss(0, 8), c.rng.uniform(2, 8), ink=0.55
            )
    with c.brush(["#fbf1e2", "#e3d3c6"]) as pen:
        pen.polygon((424, 352), (496, 352), (522, 838), (398, 838))
    with c.brush("#c4473f") as pen:
        for y in (420, 560, 700):
            grow, more = (y - 352) * 0.0535, (y + 66 - 352) * 0.0535
            pen.polygon((424 - grow, y), (496 + grow, y), (496 + more, y + 66), (424 - more, y + 66))
    with c.brush("#1c2338", 0.22, blur=10) as pen:
        pen.polygon((470, 352), (496, 352), (522, 838), (476, 838))
    with c.brush("#171d31") as pen:
        pen.rect(410, 340, 510, 354)
        pen.polygon((424, 268), (496, 268), (460, 226))
        pen.line((460, 230), (460, 204), width=4)
        for x in (430, 460, 490):
            pen.rect(x - 2, 268, x + 2, 342)
    with c.brush("#fff4c7") as pen:
        pen.rect(434, 274, 486, 336)
    c.glow(460, 304, 210, "#ffdf94", 0.95)
    with c.brush("#37415c") as pen:
        pen.arch(460, 640, 672, 9)
        pen.arch(460, 500, 532, 9)
        pen.arch(460, 784, 838, 15)


def drylands(c: Canvas) -> None:
    """Herders cross the plain below a great sun; a panorama."""
    c.wash("#f7c98b", "#f3a76d", "#e58a63", "#d97a63")
    c.glow(1240, 235, 420, "#fff0b8", 0.75)
    with c.brush(["#fff6d5", "#ffdf9c"]) as pen:
        pen.oval(1240, 235, 92)
    for y, swing, color in ((300, 42, "#d08368"), (345, 38, "#b36a5c"), (395, 28, "#8c4f50"), (445, 20, "#643a45")):
        c.ridge(y, swing, color, 0.47)
        c.mist("#f2a878", y, y + 110, 0.3)
    ground = c.ridge(500, 14, ["#45283a", "#22162a"], 0.4)
    for x, size in ((250, 150), (395, 84), (1560, 122), (930, 58)):
        foot = ground(x) + 8
        with c.brush("#1c1120") as pen:
            pen.line((x, foot), (x - size * 0.04, foot - size * 0.5), width=size * 0.055)
            pen.line((x - size * 0.04, foot - size * 0.45), (x - size * 0.34, foot - size * 0.82), width=size * 0.035)
            pen.line((x - size * 0.04, foot - size * 0.45), (x + size * 0.36, foot - size * 0.86), width=size * 0.035)
            for dx, dy, rx in ((-0.36, 0.86, 0.42), (0.34, 0.9, 0.46), (0, 0.97, 0.4)):
                pen.oval(x + dx * size, foot - dy * size, rx * size, size * 0.09)
    for number, x in enumerate((1080, 1128, 1176, 1220, 1268, 1330)):
        if number in (0, 5):
            c.person(x, ground(x) + 5, 58, "#1c1120")
        else:
            goat(c, x, ground(x) + 5, 30 + 3 * (number % 2), "#1c1120")
    c.birds("#8c4f50", (700, 120, 20), (752, 146, 14), (668, 156, 11))


def goat(c: Canvas, x: float, foot: float, size: float, color: str) -> None:
    """A goat in silhouette, walking right."""
    with c.brush(color) as pen:
        pen.oval(x, foot - size * 0.62, size * 0.5, size * 0.25)
        pen.line((x + size * 0.38, foot - size * 0.7), (x + size * 0.62, foot - size * 1.02), width=size * 0.18)
        pen.oval(x + size * 0.7, foot - size * 1.02, size * 0.18, size * 0.11)
        pen.line((x + size * 0.62, foot - size * 1.1), (x + size * 0.44, foot - size * 1.3), width=size * 0.06)
        for dx in (-0.38, -0.24, 0.24, 0.38):
            pen.line((x + dx * size, foot - size * 0.5), (x + dx * size * 1.1, foot), width=size * 0.09)


def open_door(c: Canvas) -> None:
    """Someone stands in a door that is open at last."""
    c.wash("#14233f", "#1b2f50", "#213a5c")
    c.glow(600, 380, 560, "#f2a65a", 0.42)
    c.wash("#152540", "#0c1629", top=600)
    with c.brush(["#ffd78f", "#f2a65a", "#7a5552"], 0.85, blur=5) as pen:
        pen.polygon((480, 600), (720, 600), (960, 800), (240, 800))
    with c.brush("#0d182c") as pen:
        pen.rect(456, 136, 744, 600)
    with c.brush(["#fff6d9", "#ffe3a6", "#ffc873"]) as pen:
        pen.rect(480, 160, 720, 600)
    with c.brush("#f6b56a", 0.8) as pen:
        pen.polygon((480, 520), (540, 490), (610, 512), (720, 470), (720, 600), (480, 600))
    with c.brush(["#e9925a", "#c96f4c"], 0.85) as pen:
        pen.polygon((480, 566), (590, 540), (720, 556), (720, 600), (480, 600))
    with c.brush(["#2d4a6d", "#1a2f4c"]) as pen:
        pen.polygon((744, 136), (872, 96), (872, 668), (744, 600))
    with c.brush("#3d5f86", 0.8) as pen:
        for top, bottom in ((0.08, 0.45), (0.53, 0.92)):
            pen.polygon(
                *(
                    (x, y0 + (y1 - y0) * t)
                    for x, y0, y1, t in (
                        (764, 130, 610, top),
                        (852, 102, 658, top),
                        (852, 102, 658, bottom),
                        (764, 130, 610, bottom),
                    )
                )
            )
    with c.brush("#f2c27a") as pen:
        pen.oval(764, 384, 7)
    with c.brush("#0b1426", 0.75, blur=4) as pen:
        pen.polygon((576, 622), (624, 622), (690, 800), (470, 800))
    c.person(600, 628, 300, "#101b30")
    c.glow(600, 300, 260, "#ffe9b5", 0.25)


def tents(c: Canvas) -> None:
    """Lit tents under a wide sky of stars."""
    c.wash("#070d24", "#11214c", "#2a3d73", "#6f5f8c", "#d58f86", bottom=600)
    for _ in range(60):
        t = c.rng.random()
        x, y = 180 + 900 * t + c.rng.gauss(0, 45), 420 - 420 * t + c.rng.gauss(0, 45)
        c.glow(x, y, c.rng.uniform(50, 120), "#7f86c9", 0.055)
    c.stars(620, 520)
    c.ridge(505, 62, "#3a3a68")
    c.ridge(575, 34, "#25274f")
    c.wash("#1b1c3d", "#0c0d22", top=596)
    places = [
        (x + c.rng.uniform(-24, 24), 622 + 58 * row, 26 + 22 * row)
        for row in range(3)
        for x in range(70 - 40 * row, 1240, 108 + 62 * row)
    ]
    for x, y, size in places:
        lit = c.rng.random() < 0.6
        if lit:
            c.glow(x, y - size * 0.4, size * 2.6, "#ff9f50", 0.55)
        with c.brush(["#ffdc98", "#f09a4e"] if lit else ["#454a78", "#2b2e57"]) as pen:
            pen.polygon((x - size, y), (x, y - size * 1.05), (x + size, y))
        with c.brush(["#c5763f", "#9c5433"] if lit else ["#33376a", "#20234a"]) as pen:
            pen.polygon(
                (x + size, y),
                (x, y - size * 1.05),
                (x + size * 0.7, y - size * 1.12),
                (x + size * 1.6, y - size * 0.12),
            )
        with c.brush("#2b1a2b") as pen:
            pen.polygon((x - size * 0.16, y), (x, y - size * 0.72), (x + size * 0.16, y))
    c.person(560, 742, 64, "#07081a")
    c.person(592, 744, 42, "#07081a")


def orchard(c: Canvas) -> None:
    """Rows of fruit trees in evening light."""
    c.wash("#f8d59a", "#f6b98a", "#eaa68f", bottom=420)
    c.glow(250, 300, 420, "#fff2c0", 0.9)
    c.ridge(350, 40, "#c7958f", 0.45)
    c.ridge(395, 26, "#98837c", 0.42)
    c.wash("#c2ae5c", "#8f9a4c", "#52713f", top=410)
    for row in range(10):
        t = row / 9
        y, size = 424 + 360 * t**1.7, 12 + 66 * t**1.4
        for column in range(-9, 10):
            x = 600 + (column + 0.25) * size * 3.1
            tree(c, x, y, size, c.rng.choice((["#7d9a48", "#3c5f38"], ["#98a44c", "#4b6a3a"])))
            if size > 20 and -50 < x < c.width + 50:
                with c.brush(["#e8683f", "#c23f36"]) as pen:
                    for _ in range(9):
                        pen.oval(x + c.rng.gauss(0, 0.42) * size, y - size * c.rng.uniform(0.9, 2), size * 0.075)
    c.mist("#402f3a", 560, 800, 0.35)


def street_cameras(c: Canvas) -> None:
    """Cameras on a pole, and the birds that take no notice."""
    c.wash("#0f4c5c", "#2f7c84", "#8fb8a0", "#f3c98b", "#f29a64")
    c.glow(340, 640, 520, "#ffe2a0", 0.7)
    with c.brush("#ffeec2") as pen:
        pen.oval(340, 620, 78)
    for x, y, wide in ((150, 150, 150), (930, 250, 190), (520, 330, 120)):
        with c.brush("#fff2d4", 0.35, blur=10) as pen:
            for dx, dy, r in ((-0.5, 0, 0.3), (0, -0.08, 0.4), (0.5, 0.02, 0.3)):
                pen.oval(x + dx * wide, y + dy * wide, wide * r, wide * 0.13)
    dark = "#0c2530"
    with c.brush(dark) as pen:
        pen.rect(768, 70, 792, 800)
        pen.line((780, 180), (560, 180), width=10)
        pen.line((780, 300), (960, 300), width=10)
        pen.line((780, 430), (620, 430), width=10)
    for x, y, way in ((560, 214, -1), (960, 334, 1), (620, 464, -1)):
        with c.brush([dark, "#173b47"]) as pen:
            pen.line((x, y - 34), (x, y), width=10)
            pen.polygon((x - way * 70, y - 24), (x + way * 80, y + 8), (x + way * 70, y + 62), (x - way * 80, y + 26))
        with c.brush("#1f4d59") as pen:
            pen.polygon((x - way * 84, y - 34), (x + way * 104, y + 4), (x + way * 102, y + 14), (x - way * 86, y - 22))
        with c.brush("#f2b27a") as pen:
            pen.oval(x + way * 75, y + 36, 11, 22)
        with c.brush("#e4463f") as pen:
            pen.oval(x - way * 52, y + 6, 5)
    with c.brush(dark) as pen:
        for x, y in ((830, 294), (862, 294), (690, 174), (655, 174), (705, 424)):
            pen.oval(x, y - 12, 14, 9)
            pen.oval(x + 11, y - 22, 7)
            pen.polygon((x - 8, y - 14), (x - 30, y - 4), (x - 10, y - 6))
            pen.polygon((x + 16, y - 25), (x + 25, y - 21), (x + 16, y - 19))
    c.ridge(760, 12, "#123742", 0.5)
    c.birds("#124450", (160, 330, 22), (220, 362, 15), (118, 376, 13), (1070, 130, 17))


def loom(c: Canvas) -> None:
    """Threads that cross on a loom, in the diamonds of an old pattern."""
    c.wash("#1d1320")
    warp, weft = ("#f1e3c6", "#e9c46a", "#f1e3c6", "#d9a05b"), ("#8c2f45", "#264653", "#2a7f7a", "#264653", "#c8553d")
    step, turn = 25, 24
    stitches: dict[tuple[str, bool], list[Point]] = {}
    for y in range(c.height // step):
        for x in range(c.width // step + 1):
            upright = (abs(x % turn - turn // 2) + abs(y % turn - turn // 2)) // 3 % 2 == 0
            color = warp[x // 6 % 4] if upright else weft[y // 5 % 5]
            stitches.setdefault((color, upright), []).append((x * step, y * step))
    for (color, upright), places in stitches.items():
        wide, high = (-1.4, 1.5) if upright else (1.5, -1.4)
        with c.brush(color) as pen:
            for left, top in places:
                pen.rect(left - wide, top - high, left + step + wide, top + step + high, ink=c.rng.uniform(0.86, 1))
        with c.brush("#1d1320", 0.3, blur=1) as pen:
            for left, top in places:
                pen.rect(left + step * 0.7 * upright, top + step * 0.7 * (not upright), left + step, top + step)
    c.glow(380, 220, 640, "#ffdca0", 0.22)
    c.mist("#1d1320", 480, 800, 0.45)


Scene = Callable[[Canvas], None]

LANDSCAPES: tuple[Scene, ...] = (
    dawn_harbour, mountain_pass, courtroom, raised_ballots, night_city, desk_lamp, barred_window, river_valley,
    silent_mast, lantern_vigil, open_door, tents, orchard, street_cameras, loom,
)  # fmt: skip
SIZES: dict[Scene, tuple[int, int]] = dict.fromkeys(LANDSCAPES, (1200, 800)) | {
    lighthouse: (800, 1200),
    drylands: (1800, 600),
}


# The briefing

PRISONS = {  # places, people held
    "Santa Odila": (420, 911),
    "Fort Ruman": (310, 602),
    "Kessel Bridge": (650, 1131),
    "Almira North": (540, 869),
    "Hanno Street": (180, 261),
    "Lower Varn": (400, 516),
}

BRIEFING = (
    """# Counting the cells
    = Briefing on remand prisons in Belmara, October 2026
    Between March and August 2026, Amparo visited the six remand prisons of Belmara at the invitation of the
    Office of the Prison Ombudsman. We counted beds, read registers and spoke with 212 people in custody, 41
    officers and 18 relatives. None of the people we met had been convicted of the offence for which they
    were held.
    ## What we found
    On the days of our visits, 4,290 people were held in 2,500 places: 172 per cent of capacity. Every one
    of the six prisons was above its limit. At Santa Odila, more than two people were held for each place,
    and men slept in turns.
    - 1,706 people, two in five, had waited longer than six months for a first hearing.
    - In four of six prisons, a cell was open for less than one hour a day.
    - 63 people had served longer on remand than the heaviest sentence their charge allows.
    ## People held for every 100 places
    % chart""",
    """## Why it happens
    Bail is legal in Belmara, but the sum is fixed by the charge and not by what a person can pay. A missing
    bus ticket, a shoplifted coat: both carry a bail of nine monthly minimum wages. Courts sit in two of six
    districts only, and one van serves four prisons. Of the hearings cancelled in July, two thirds were
    cancelled because nobody had come to drive.
    ## What Amparo recommends
    To the Ministry of Justice:
    - publish the number of people and places in every prison, each month;
    - release at once everyone who has served longer than the sentence they could receive.
    To parliament:
    - let judges set bail by a person\u2019s means, and make release the rule for minor offences;
    - set a limit of ninety days to the first hearing, after which a person goes home.
    To the courts:
    - hear cases by district, with a rota of duty judges, and by video only where the person agrees.
    ## How we counted
    A place is a bed with at least four square metres of floor for each person, the measure in
    Belmara\u2019s own prison rules. Where the register and our count differed, we used the lower figure.
    The Ministry received these findings on 2 September and replied on 29 September; its reply is quoted in
    full in the report.
    = Contact: press@amparo.example \u00b7 newsroom.amparo.example
    = \u00a9 2026 Amparo. You may quote this briefing freely if you name the source.""",
)

STYLES = {  # mark: font, size, leading, space above, letters a line
    "# ": ("Bold", 30, 36, 0, 40),
    "## ": ("Bold", 14.5, 20, 20, 70),
    "= ": ("Oblique", 12, 18, 8, 80),
    "- ": ("Roman", 12, 18, 4, 76),
    "": ("Roman", 12, 18, 7, 79),
}


def typeset(text: str) -> bytes:
    """The PDF drawing operators of one A4 page of marked-up lines."""
    y, page = 760.0, ["0.77 0.28 0.25 rg 64 800 467 4 re f 0.1 0.13 0.2 rg"]
    for mark, words in paragraphs(text):
        if mark == "% ":
            y = bars(page, y - 12)
            continue
        font, size, leading, above, letters = STYLES[mark]
        y -= above
        for number, line in enumerate(textwrap.wrap(words, letters)):
            y -= leading
            bullet = "\u2022  " if mark == "- " and not number else ""
            page.append(show(line, 78 if mark == "- " else 64, y, font, size))
            page.append(show(bullet, 66, y, font, size) if bullet else "")
    return "\n".join(filter(None, page)).encode("cp1252")


def paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """Marks and words: a marked line is a paragraph; unmarked lines join until the next mark."""
    mark, words = "", ""
    for line in textwrap.dedent("    " + text).splitlines():
        found = next((known for known in ("## ", "# ", "= ", "- ", "% ") if line.startswith(known)), "")
        if words and (found or mark):
            yield mark, words
            mark, words = found, line.removeprefix(found)
        else:
            mark, words = found or mark, f"{words} {line.removeprefix(found)}".strip()
    yield mark, words


def bars(page: list[str], y: float) -> float:
    """Draws the occupancy of each prison; returns the height below the chart."""
    for name, (places, held) in PRISONS.items():
        share = round(100 * held / places)
        page.append(f"0.93 0.90 0.86 rg 164 {y - 12:g} 150 14 re f")
        page.append(f"0.77 0.28 0.25 rg 164 {y - 9:g} {share * 1.5:g} 8 re f 0.1 0.13 0.2 rg")
        page += [show(name, 64, y - 9, "Roman", 12), show(str(share), 172 + share * 1.5, y - 9, "Bold", 12)]
        y -= 27
    page.append(show("The pale bar is 100: as many people as places.", 164, y - 8, "Oblique", 9))
    return y - 20


def show(text: str, x: float, y: float, font: str, size: float) -> str:
    """The operators that write one line of text."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size:g} Tf {x:g} {y:g} Td ({escaped}) Tj ET"


def pdf(title: str, pages: Sequence[bytes]) -> bytes:
    """A PDF 1.4 file in Helvetica; needs no date, so it is the same each time (ISO 32000-1, 7.5)."""
    fonts = {"Roman": "Helvetica", "Bold": "Helvetica-Bold", "Oblique": "Helvetica-Oblique"}
    first = 4 + len(fonts)
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    named = " ".join(f"/{name} {number} 0 R" for number, name in enumerate(fonts, 4))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) /ViewerPreferences << /DisplayDocTitle true >> >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 595 842]"
        f" /Resources << /Font << {named} >> >> >>".encode(),
        f"<< /Title ({title}) /Author (Amparo) >>".encode(),
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{base} /Encoding /WinAnsiEncoding >>".encode()
            for base in fonts.values()
        ),
    ]
    for number, page in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {first + 2 * number + 1} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page))
    file, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"<< /Size %d /Root 1 0 R /Info 3 0 R >>" % (len(objects) + 1)
    return file + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, trailer, len(file),
    )  # fmt: skip


def draw(scene: Scene) -> Canvas:
    """The finished canvas of a scene."""
    canvas = Canvas(scene.__name__, *SIZES[scene])
    scene(canvas)
    return canvas


def main(items: Path) -> None:
    """Writes every picture and the briefing below the folder of items."""
    for folder in ("images", "documents"):
        (items / "2026" / folder).mkdir(parents=True, exist_ok=True)
    for scene in SIZES:
        draw(scene).save(items / "2026" / "images" / f"{scene.__name__.replace('_', '-')}.jpg")
    briefing = pdf("Counting the cells: briefing on remand prisons in Belmara", [typeset(text) for text in BRIEFING])
    (items / "2026" / "documents" / "counting-the-cells-briefing.pdf").write_bytes(briefing)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "items")
