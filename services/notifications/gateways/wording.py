"""Puts deliveries into words: texts from templates in a language, and messages to systems with the texts in both."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import orjson
from jinja2 import FunctionLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from services.notifications import domain
from services.notifications.domain.delivery import Letter
from shared.events.notifications import Language
from shared.settings import Environment, Settings


@dataclass(frozen=True, slots=True)
class Text:
    """A subject and what follows it."""

    subject: str
    body: str


def _template(name: str) -> str:
    return files("services.notifications").joinpath("templates", name).read_text(encoding="utf-8")


_templates = SandboxedEnvironment(
    loader=FunctionLoader(_template),
    undefined=StrictUndefined,
    autoescape=False,  # plain text, never HTML
    trim_blocks=True,
    lstrip_blocks=True,
)


def made_up(settings: Settings) -> bool:
    """Tell whether what is told here is made up: in development it is."""
    return settings.env is Environment.DEVELOPMENT


def text(event_type: str, parameters: Mapping[str, Any], language: Language, *, synthetic: bool = False) -> Text:
    """Write the text about an event in a language: `boards.petition_filed.v1` is told by `petition_filed.vi.txt`.

    What is `synthetic` says so before anything else.
    """
    _, word, _ = event_type.split(".")
    template = _templates.get_template(f"{word}.{language.value}.txt")
    subject, _, body = template.render(domain.words.spoken(parameters, language)).partition("\n")
    mark = f"{domain.words.ILLUSTRATION}\n\n" if synthetic else ""
    return Text(subject.strip(), f"{mark}{body.strip()}\n")


def message(letter: Letter, *, synthetic: bool) -> bytes:
    """Write what a system is told, the same at every attempt: a payload of Standard Webhooks."""
    texts = {
        language.value: asdict(text(letter.type, letter.parameters, language, synthetic=synthetic))
        for language in Language
    }
    data = {
        "event": str(letter.event),
        "type": letter.type,
        "subject": letter.subject,
        "unit": letter.unit,
        "on": letter.on_day,
        "synthetic": synthetic,
        "text": texts,
    }
    return orjson.dumps({"type": letter.type, "timestamp": letter.told, "data": data}, option=orjson.OPT_UTC_Z)
