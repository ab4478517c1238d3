"""Newsrooms that are hard on a mail: forty long items, a single one, and one from the right in three languages.

All words are made up, and the same each time. The pictures are those of the sample newsroom.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[2]
PICTURES = ("tents", "lighthouse", "drylands", "dawn-harbour")  # upright and lying, small and wide
_CONFIG: dict[str, Any] = {
    "newsroom": {
        "id": "0b9be6f0-54e2-4c8e-9a57-6d5a8cf1a3e4",
        "title": "Amparo Newsroom",
        "organization": "Amparo International",
        "url": "https://newsroom.amparo.example",
        "language": "en",
        "timezone": "Europe/Madrid",
        "contact": {"name": "Amparo press desk", "email": "press@amparo.example", "phone": "+34 910 000 000"},
        "address": "Amparo International, Calle de la Ribera 12, 28012 Madrid, Spain",
        "rights": "© Amparo International. Journalists may quote and reprint with credit.",
    },
    "kinds": {
        "press-release": {
            "label": {"en": "Press release", "es": "Nota de prensa", "ar": "بيان صحفي"},
            "plural": {"en": "Press releases", "es": "Notas de prensa", "ar": "بيانات صحفية"},
        },
        "victory": {
            "label": {"en": "Victory", "es": "Victoria", "ar": "إنجاز"},
            "plural": {"en": "Victories", "es": "Victorias", "ar": "إنجازات"},
        },
        "report": {
            "label": {"en": "Report", "es": "Informe", "ar": "تقرير"},
            "plural": {"en": "Reports", "es": "Informes", "ar": "تقارير"},
        },
    },
    "topics": {
        "asylum": {"label": {"en": "Asylum", "es": "Asilo", "ar": "اللجوء"}},
        "press-freedom": {"label": {"en": "Press freedom", "es": "Libertad de prensa", "ar": "حرية الصحافة"}},
        "environment": {"label": {"en": "Environment", "es": "Medio ambiente", "ar": "البيئة"}},
    },
    "digests": {
        "weekly": {
            "title": {"en": "Amparo weekly", "es": "La semana de Amparo", "ar": "أسبوع أمبارو"},
            "schedule": {"every": "week", "on": "friday", "at": "09:00"},
        }
    },
    "mail": {
        "from": {"name": "Amparo Newsroom", "email": "digest@amparo.example"},
        "reply_to": "press@amparo.example",
        "bounces": "bounces@mail.amparo.example",
        "smtp": [{"host": "127.0.0.1", "port": 2525, "security": "none"}],
    },
    "web": {"url": "https://newsroom.amparo.example"},
}

_KINDS, _TOPICS = list(_CONFIG["kinds"]), list(_CONFIG["topics"])
_PLACES = ("Sant Orrell", "Karsova", "Belmara", "Puerto Almira", "Tarquenia", "Quillmere", "Norhaven", "Drylands")
_PEOPLE = (
    "the women who clean the ferries of the northern line",
    "four villages below the dam, none of which was asked",
    "the night shift of the last newspaper that prints in two alphabets",
    "three hundred families whose houses stand on no map",
    "the drivers who carried water to the camp when the pipeline broke",
    "pupils of the floating school, and the teachers who row to it",
    "weavers who asked for a lamp, a door that opens and eight hours",
)
_ACTS = (
    "go to court over the rule that lets officials decide without a hearing",
    "win the right to see every page that the ministry has kept about them",
    "publish what they counted at the gate, day by day, for a whole winter",
    "ask parliament to repeal the decree before the first snow closes the pass",
    "answer the company that calls their meadow an “unused industrial reserve”",
)
_SENTENCES = (
    "The file has 1,204 pages; the part that explains the decision has two, and one of them is a table of contents.",
    "Amparo read the register of seven offices and found the same sentence, with the same misspelling, in each.",
    "A judge will hear the case on Thursday at ten; the session is public, and there are forty seats.",
    "“We do not want a favour, we want the letter that the law promises us,” said a spokeswoman of the families.",
    "Nobody was hurt, but the road has been closed since, and the clinic on the other side has one midwife.",
    "The ministry did not answer our nine questions; it sent a photograph of its new building instead.",
    "What they won is small enough for a pocket: a card that says that its bearer may not be sent away.",
)
_LONG_WORD = "Grundwasserentnahmegenehmigungsverfahrensbeschleunigungsverordnung"
_LONG_ADDRESS = "https://register.karsova.example/decisions/" + "and-so-on-" * 9


def forty(folder: Path) -> Path:
    """Write a newsroom that has had a busy week: forty items, every one long and with a picture."""
    items = [_long(number) for number in range(40)]
    _draw_logo(folder / "brand" / "logo.png")
    items[3] |= {"title": f"Karsova: the {_LONG_WORD} is void, {_PEOPLE[3]} may stay"}
    items[4] |= {"summary": f"The decision is at {_LONG_ADDRESS} for everybody to read."}
    newsroom = _CONFIG["newsroom"] | {"logo": "brand/logo.png"}
    return _written(folder, _CONFIG | {"newsroom": newsroom}, items)


def one(folder: Path) -> Path:
    """Write a newsroom with one item, without a picture; it says little of itself."""
    newsroom = {key: _CONFIG["newsroom"][key] for key in ("id", "title", "organization", "url", "timezone")}
    config = _CONFIG | {"newsroom": newsroom | {"contact": {"name": "Press desk"}}}
    item = {
        "slug": "river-law-passes",
        "kind": "victory",
        "title": "The river law passes",
        "published": "2026-11-19 09:00",
        "summary": "After eleven years the river belongs to itself.",
    }
    return _written(folder, config, [item])


def right_to_left(folder: Path) -> Path:
    """Write a newsroom whose language is Arabic, with items in English and Spanish; its mails are in all three."""
    newsroom = _CONFIG["newsroom"] | {
        "title": "غرفة أخبار أمبارو",
        "organization": "أمبارو الدولية",
        "language": "ar",
        "languages": ["en", "es"],
        "contact": {"name": "المكتب الصحفي", "email": "press@amparo.example", "phone": "+34 910 000 000"},
        "address": "أمبارو الدولية، شارع الضفة 12، 28012 مدريد، إسبانيا",
        "rights": "© أمبارو الدولية. للصحفيين أن يقتبسوا وأن يعيدوا النشر مع ذكر المصدر.",
    }
    mail = _CONFIG["mail"] | {"from": {"name": "غرفة أخبار أمبارو", "email": "digest@amparo.example"}}
    _written(folder, _CONFIG | {"newsroom": newsroom, "mail": mail}, _MIXED)
    messages = folder / "templates" / "messages"
    messages.mkdir(parents=True)
    shutil.copyfile(Path(__file__).parent / "ar.po", messages / "ar.po")
    return folder


def _long(number: int) -> dict[str, Any]:
    """Return an item with much of everything."""
    place = _PLACES[number % len(_PLACES)]
    people, act = _PEOPLE[number % len(_PEOPLE)], _ACTS[number % len(_ACTS)]
    said = [_SENTENCES[(number + step) % len(_SENTENCES)] for step in range(5)]
    return {
        "slug": f"item-{number + 1}-of-a-long-week",
        "kind": _KINDS[number % len(_KINDS)],
        "title": f"{place}: {people} {act} (part {number + 1} of a long story)",
        "published": f"2026-11-{14 + number // 8} {8 + number % 8:02}:15",
        "summary": " ".join(said),
        "topics": _TOPICS[: 1 + number % len(_TOPICS)],
        "place": place,
        "image": _picture(
            PICTURES[number % len(PICTURES)],
            f"{place} on the morning after, with a long row of people who wait in front of a closed door",
            f"People wait in {place}. {said[0]} The queue began at four in the morning and was let in at noon.",
        ),
    }


def _draw_logo(file: Path) -> None:
    """Draw dark letters on nothing: what cannot be seen on the ground of a mail that is read in the dark."""
    picture = Image.new("RGBA", (900, 160), (0, 0, 0, 0))
    ImageDraw.Draw(picture).text((0, 0), "amparo", fill=(24, 32, 60, 255), font=ImageFont.load_default(size=120))
    file.parent.mkdir(parents=True)
    picture.save(file)


def _picture(name: str, alt: str, caption: str) -> dict[str, str]:
    return {"file": f"images/{name}.jpg", "alt": alt, "caption": caption, "credit": "Illustration: Studio Ribera"}


def _written(folder: Path, config: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Path:
    """Write config.yaml and the items, which are JSON and so YAML, beside the pictures."""
    images = folder / "items" / "images"
    images.mkdir(parents=True)
    for name in PICTURES:
        shutil.copyfile(ROOT / "items" / "2026" / "images" / f"{name}.jpg", images / f"{name}.jpg")
    (folder / "config.yaml").write_text(_json(config), "utf-8")
    for item in items:
        fields = {key: value for key, value in item.items() if key != "slug"}
        fields["id"] = f"tag:amparo.example,2026:{item['slug']}"
        fields.setdefault("body", item["summary"])
        (folder / "items" / f"{item['slug']}.yaml").write_text(_json(fields), "utf-8")
    return folder


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


_MIXED: list[dict[str, Any]] = [
    {
        "slug": "court-opens-the-files",
        "kind": "press-release",
        "title": "بلمارا: المحكمة تفتح الملفات أمام 214 عائلة بعد انتظار دام تسع سنوات",
        "published": "2026-11-19 10:00",
        "summary": (
            "قضت المحكمة العليا بأن لكل عائلة الحق في قراءة ملفها كاملًا. وكانت الوزارة قد رفضت الطلب 3 مرات دون أن "
            "تذكر سببًا. وتقول أمبارو إن القرار يعني أكثر من 1,200 صفحة لم يرها أحد."
        ),
        "topics": ["press-freedom", "asylum"],
        "place": "بلمارا",
        "image": _picture(
            "dawn-harbour", "قوارب صيد راسية أمام شمس تشرق، وعلى اليسار رافعتان", "الميناء القديم عند الفجر."
        ),
    },
    {
        "slug": "winter-tents",
        "kind": "press-release",
        "title": "سهل لورانيا: خيام الشتاء تصل قبل الثلج بيومين (Winter Tents 2026)",
        "published": "2026-11-18 09:30",
        "summary": "وصلت 640 خيمة إلى السهل، أي نصف ما وُعد به. ويقول سائقو الشاحنات إن الطريق سيُغلق يوم الجمعة.",
        "topics": ["asylum"],
        "place": "سهل لورانيا",
        "image": _picture("tents", "خيام مضاءة تحت سماء واسعة مليئة بالنجوم", "كل خيمة تتسع لستة أشخاص."),
    },
    {
        "slug": "herders-keep-their-way",
        "kind": "victory",
        "title": "رعاة الأراضي الجافة يستعيدون حق المرور",
        "published": "2026-11-17 12:00",
        "summary": "بعد 11 عامًا من الأسوار، يعود الطريق القديم مفتوحًا للجميع.",
        "topics": ["environment"],
        "image": _picture("drylands", "سهل جاف يمتد حتى الأفق", "الطريق القديم في موسم الجفاف."),
    },
    {
        "slug": "what-the-lighthouse-saw",
        "kind": "report",
        "language": "en",
        "title": "What the lighthouse saw: 41 nights of unanswered distress calls",
        "published": "2026-11-16 08:15",
        "summary": (
            "Keepers wrote down every call that they heard on the emergency channel in October. The coastguard’s own "
            "log has fewer than half of them."
        ),
        "topics": ["asylum"],
        "place": "Puerto Almira",
        "image": _picture(
            "lighthouse", "A lighthouse by night, and its beam over a dark sea", "It has been lit since 1871."
        ),
    },
    {
        "slug": "la-ley-de-costas",
        "kind": "report",
        "language": "es",
        "title": "La ley de costas, explicada: quién decide sobre la playa y quién la limpia",
        "published": "2026-11-15 11:45",
        "summary": (
            "Ocho preguntas y ocho respuestas sobre la ley que el Parlamento vota en diciembre. «Nadie nos ha "
            "llamado», dicen las mariscadoras."
        ),
        "topics": ["environment"],
        "place": "Puerto Almira",
    },
    {
        "slug": "la-ley-de-costas-ar",
        "kind": "report",
        "title": "قانون السواحل: من يقرر بشأن الشاطئ ومن ينظفه؟",
        "published": "2026-11-15 12:30",
        "translation_of": "la-ley-de-costas",
        "summary": "ثمانية أسئلة وثمانية أجوبة عن القانون الذي يصوّت عليه البرلمان في كانون الأول.",
        "topics": ["environment"],
    },
]
