"""The contracts as documents: OpenAPI and AsyncAPI of each service, a JSON Schema of each event; never broken."""

import inspect
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.specification import AsyncAPI

from ops.console import Fault, err, out
from ops.running import ROOT
from shared.events import EVERY, Event, cloud_event
from shared.service import Service
from shared.topology import EVENTS, RESTRICTED, restricted_part

API = ROOT / "docs" / "api"
"""Where the documents lie."""
SCHEMAS = "schemas"
BROKEN = 1

_WORDS = frozenset({"title", "description", "examples", "$id", "$schema", "$defs"})
"""Parts of a schema that say nothing about what fits it."""

contracts_app = typer.Typer(
    no_args_is_help=True, help="Hợp đồng API và sự kiện trong docs/api/ · Contracts of APIs and events in docs/api/."
)

Folder = Annotated[Path, typer.Option(help="Thư mục · Folder.", file_okay=False)]


@contracts_app.command()
def write(folder: Folder = API) -> None:
    """Viết lại tài liệu; từ chối thay đổi làm hỏng sự kiện cũ · Write the documents; refuse to break an event."""
    documents = generate()
    if broken := breaks(committed(folder), documents):
        raise Fault(
            "Thay đổi này làm hỏng hợp đồng · This change breaks a contract:\n" + "\n".join(broken),
            "Thêm trường tùy chọn, hoặc một phiên bản mới (.v2) bên cạnh"
            " · Add an optional field, or a new edition (.v2) beside the old one",
        )
    for name in committed(folder).keys() - documents.keys():
        (folder / name).unlink()
    for name, text in documents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    err.print(f"{len(documents)} tài liệu · documents → {folder}")


@contracts_app.command()
def check(folder: Folder = API) -> None:
    """So tài liệu với mã nguồn · Compare the documents with the code."""
    differing = differences(committed(folder), generate())
    for one in differing:
        out.print(one, markup=False, soft_wrap=True)
    if differing:
        err.print("→ chungcu contracts write")
        raise typer.Exit(BROKEN)
    err.print("[green]✓[/] docs/api")


@cache
def generate() -> Mapping[str, str]:
    """Return every document by its path below the folder, the same text for the same code."""
    from ops.services import SERVICES  # noqa: PLC0415 (imports all four services)

    documents = {f"{SCHEMAS}/{event.type}.json": schema(event) for event in EVERY}
    for name, service in SERVICES.items():
        documents[f"{name}.openapi.json"] = service.application().openapi()
        documents[f"{name}.asyncapi.json"] = asyncapi(service)
    return {
        name: json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for name, document in sorted(documents.items())
    }


def committed(folder: Path) -> dict[str, str]:
    """Return the documents that lie in a folder, by their paths below it."""
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.json"))
    }


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Name the documents that are not as they should be."""
    return [
        *(f"{name}: thiếu · missing" for name in sorted(new.keys() - old.keys())),
        *(f"{name}: thừa · one too many" for name in sorted(old.keys() - new.keys())),
        *(f"{name}: khác · differs" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]),
    ]


def breaks(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Name what the new documents would break of the old ones: events told once are read for ever."""
    broken = []
    for name in sorted(one for one in old if one.startswith(f"{SCHEMAS}/")):
        kind = name.removeprefix(f"{SCHEMAS}/").removesuffix(".json")
        if name not in new:
            broken.append(f"{kind}: removed")
        else:
            broken += [f"{kind}: {one}" for one in incompatible(json.loads(old[name]), json.loads(new[name]))]
    return broken


def schema(event: type[Event], references: str = "#/$defs/{model}") -> dict[str, Any]:
    """Return the JSON Schema of a told event: the whole CloudEvent, pinned to its type."""
    described = cloud_event(event).model_json_schema(ref_template=references)
    pinned = {
        "source": f"/services/{event.source}",
        "type": event.type,
        "dataschema": f"urn:chungcu:schema:{event.type}",
    }
    for name, value in pinned.items():
        described["properties"][name]["const"] = value
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:chungcu:event:{event.type}",
        **described,
    }


def asyncapi(service: Service) -> dict[str, Any]:
    """Return the AsyncAPI document of a service: what it tells and what it hears.

    The broker is there for the document alone: the real subscriber takes whole batches of bytes, so it would
    describe nothing. Payloads are set here, each with definitions of its own: two services may use one name for
    different things (both have channels), and FastStream keeps one definition for each name.
    """
    broker = RabbitBroker("amqp://localhost:5672/")
    open_to_all = RabbitExchange(EVENTS, type=ExchangeType.TOPIC, durable=True)
    apart = RabbitExchange(RESTRICTED, type=ExchangeType.TOPIC, durable=True)
    told = [event for event in EVERY if event.source == service.name]
    hears = {*service.consumers.hears, *(service.restricted.hears if service.restricted else ())}
    heard = sorted(hears, key=EVERY.index)
    for event in told:
        broker.publisher(
            routing_key=f"{event.type}.#",
            exchange=apart if event.restricted else open_to_all,
            schema=cloud_event(event),
            persist=True,
            content_type="application/cloudevents+json",
            title=f"tells.{event.type}",
            description=inspect.getdoc(event),
        )
    for event in heard:
        queue = restricted_part(service.name) if event.restricted else service.name
        broker.subscriber(
            RabbitQueue(queue, routing_key=f"{event.type}.#", durable=True),
            apart if event.restricted else open_to_all,
            title=f"hears.{event.type}",
            description=inspect.getdoc(event),
        )(_hearing(event))
    specification = AsyncAPI(
        broker,
        title=f"chungcu · {service.name}",
        version="1",
        description=f"What the {service.name} service tells and hears. The routing key is the type, a dot, and the"
        " path of the unit: bind `boards.petition_filed.v1.HN.Q004.#` for the petitions of one district.",
        schema_version="3.0.0",
    )
    described = _named(json.loads(specification.to_specification().to_json()))
    # Who reads this has a broker of their own; ours at the moment of writing says nothing.
    described.pop("servers")
    for channel in described["channels"].values():
        channel.pop("servers")
    described["defaultContentType"] = "application/cloudevents+json"
    messages, components = described["components"]["messages"], described["components"]
    components["schemas"] = {
        event.type: schema(event, f"#/components/schemas/{event.type}/$defs/{{model}}") for event in [*told, *heard]
    }
    for name, message in messages.items():
        kind = name.partition(".")[2].rpartition(".")[0]
        message["payload"] = {"$ref": f"#/components/schemas/{kind}"}
        message["contentType"] = "application/cloudevents+json"
        message["correlationId"] = {"location": "$message.payload#/correlationid"}
    return described


def incompatible(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Name what changed between two JSON Schemas other than words and added optional fields.

    Those alone can be read by programs of both editions. A value more in an enumeration is refused like one
    less: readers of the older edition would put such an event aside as unreadable.
    """
    return sorted(set(_compare("", old, new, old, new)))


def _compare(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], old_root: Mapping[str, Any], new_root: Mapping[str, Any]
) -> list[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    here = path or "/"
    found = [
        f"{here}: {key} {_said(old, key)} → {_said(new, key)}"
        for key in (old.keys() | new.keys()) - _WORDS - {"properties", "required", "enum", "items", "anyOf"}
        if old.get(key) != new.get(key)
    ]
    before, after = old.get("properties", {}), new.get("properties", {})
    found += [f"{path}/{name}: field removed" for name in before.keys() - after.keys()]
    found += [
        f"{path}/{name}: {'new field is' if name not in before else 'now'} required"
        for name in set(new.get("required", ())) - set(old.get("required", ()))
    ]
    found += [
        f"{path}/{name}: no longer required"
        for name in set(old.get("required", ())) - set(new.get("required", ()))
        if name in after
    ]
    for name in before.keys() & after.keys():
        found += _compare(f"{path}/{name}", before[name], after[name], old_root, new_root)
    found += [f"{here}: value {value} removed" for value in _less(old, new, "enum")]
    found += [f"{here}: value {value} added" for value in _less(new, old, "enum")]
    if "items" in old and "items" in new:
        found += _compare(f"{path}/*", old["items"], new["items"], old_root, new_root)
    elif ("items" in old) != ("items" in new):
        found.append(f"{here}: items changed")
    return found + _compare_choices(path, old, new, old_root, new_root)


def _compare_choices(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], old_root: Mapping[str, Any], new_root: Mapping[str, Any]
) -> list[str]:
    """Compare what a value may be one of, in order: pydantic writes choices as they are declared."""
    before: Sequence[Mapping[str, Any]] = old.get("anyOf", ())
    after: Sequence[Mapping[str, Any]] = new.get("anyOf", ())
    if len(before) != len(after):
        return [f"{path or '/'}: {len(before)} choices → {len(after)}"]
    return [
        one
        for old_choice, new_choice in zip(before, after, strict=True)
        for one in _compare(path, old_choice, new_choice, old_root, new_root)
    ]


def _less(one: Mapping[str, Any], other: Mapping[str, Any], key: str) -> list[Any]:
    """Return what one list has and the other, which must be there too, has not."""
    return [value for value in one.get(key, ()) if value not in other.get(key, ())]


def _resolved(part: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference into the definitions; what stands beside it stays."""
    if "$ref" not in part:
        return part
    definition = root["$defs"][part["$ref"].rpartition("/")[2]]
    return {**definition, **{key: value for key, value in part.items() if key != "$ref"}}


def _said(part: Mapping[str, Any], key: str) -> str:
    return json.dumps(part[key], ensure_ascii=False) if key in part else "—"


def _hearing(event: type[Event]) -> Any:  # noqa: ANN401 (FastStream takes any function)
    async def heard(message: Any) -> None:  # noqa: ANN401 (annotated below)
        """Take an event."""

    heard.__annotations__["message"] = cloud_event(event)
    return heard


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """Give components names that AsyncAPI allows: letters, digits, dots, dashes and underscores."""
    text = json.dumps(document)
    for name in document["components"]["messages"]:
        text = text.replace(name, name.replace(":", "."))
    named: dict[str, Any] = json.loads(text)
    return named
