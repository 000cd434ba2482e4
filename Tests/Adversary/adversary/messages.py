"""Reading Live API messages in either spelling."""

import json

VERBATIM = {"args", "response", "parametersJsonSchema", "parameters"}


def camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def normalized(value):
    if isinstance(value, dict):
        return {
            camel(key): inner if camel(key) in VERBATIM else normalized(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [normalized(inner) for inner in value]
    return value


def parsed(payload: str | bytes) -> dict:
    return normalized(json.loads(payload))


def texts(contents) -> str:
    return " ".join(
        part.get("text", "") for content in contents or [] for part in content.get("parts") or []
    )
