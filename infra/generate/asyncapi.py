"""asyncapi: generates the AsyncAPI 3 document of the Kafka topics from the event code.

`python -m infra.generate.asyncapi` writes docs/asyncapi.json; with `--check` it compares the file,
and exits with 1 on a difference.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from infra.generate.asyncapi_payloads import PAYLOADS, SCHEMAS
from infra.generate.written_file import write_or_compare
from risksentinel.events.event import JSON
from risksentinel.events.registry import EVENTS, dead_letter_topic

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "asyncapi.json"
_DESCRIPTION: Final = (
    "The Kafka topics. Each record is a CloudEvent 1.0 in binary content mode: its attributes "
    "are headers with the prefix ce_, its value is the data below. The record's key is "
    "the `partitionkey`: the sender, or the rule."
)
Document = dict[str, Any]


def document() -> Document:
    """Return the AsyncAPI document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "RiskSentinel",
            "version": version("risksentinel"),
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "defaultContentType": JSON,
        "channels": {topic: _channel(topic) for topic in EVENTS},
        "operations": {
            f"{_action(topic)}.{topic}": _operation(topic, _action(topic)) for topic in EVENTS
        },
        "components": {"schemas": SCHEMAS},
    }


def text() -> str:
    """Return the document as the text of the file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file, or compare it; return 1 if the file is outdated."""
    return write_or_compare(DOCUMENT, text(), arguments, "python -m infra.generate.asyncapi")


def _channel(topic: str) -> Document:
    payload = PAYLOADS[topic]
    name = payload.type.removeprefix("za.risksentinel.")
    message = {
        "name": payload.type,
        "title": name,
        "contentType": JSON,
        "headers": {
            "type": "object",
            "required": ["ce_specversion", "ce_id", "ce_source", "ce_type"],
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_id": {"type": "string", "description": "Identical for each retry"},
                "ce_source": {"type": "string"},
                "ce_type": {"const": payload.type},
            },
        },
        "payload": payload.schema,
    }
    consumer = EVENTS[topic].consumer
    described = f"Consumed by {consumer}; dead letters go to {dead_letter_topic(topic)}."
    details = {"description": described} if consumer else {}
    return {"address": topic, **details, "messages": {name: message}}


def _action(topic: str) -> str:
    """Return what RiskSentinel does with the topic: receive events of others, or send its own."""
    return "receive" if PAYLOADS[topic].comes_in else "send"


def _operation(topic: str, action: str) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": PAYLOADS[topic].summary,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
