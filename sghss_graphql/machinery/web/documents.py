"""Trusted documents: operations that are known beforehand, each by an id, so that nothing else need be run.

Read are a folder of ``.graphql`` files (the id is the SHA-256 of the text, in hex), a JSON object of texts by id
(GraphQL Code Generator, Relay) and Apollo's manifest. A request names one as ``documentId`` (GraphQL over HTTP).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sghss_graphql.machinery.faults import Fault, Malformed, os_reason


class BadDocuments(Fault):
    """What was to be read isn't documents; the text says what is wrong, for whoever runs the server."""


class Documents:
    """The documents that are known; ``only`` is whether nothing else is run."""

    def __init__(self, by_id: Mapping[str, str], *, only: bool) -> None:
        self._by_id = by_id
        self._only = only

    def text(self, body: Mapping[str, Any]) -> Any:
        """Give the text that a request asks for.

        Raises:
            Malformed: it names a document that isn't known, or sends a text where only documents are run.
        """
        named, query = body.get("documentId"), body.get("query")
        if isinstance(named, str) and query is None:
            text = self._by_id.get(named.removeprefix("sha256:"))
            if text is None:
                raise Malformed("Não há um documento com este documentId neste servidor.")
            return text
        if self._only:
            raise Malformed("Este servidor só executa documentos conhecidos: envie documentId, e não query.")
        return query


def read_documents(place: Path | None, *, only: bool) -> Documents:
    """Read the documents of a folder or a manifest; none, if there is no such place.

    Raises:
        BadDocuments: it can't be read.
    """
    if place is None:
        return Documents({}, only=only)
    try:
        found = dict(_in_folder(place) if place.is_dir() else _in_manifest(json.loads(place.read_text("utf-8"))))
    except OSError as error:
        raise BadDocuments(f"{place}: {os_reason(error)}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadDocuments(f"{place} não é uma pasta de .graphql nem um manifesto JSON de documentos") from None
    return Documents(found, only=only)


def _in_folder(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.graphql")):
        text = path.read_text("utf-8")
        yield hashlib.sha256(text.encode()).hexdigest(), text


def _in_manifest(manifest: Any) -> Iterator[tuple[str, str]]:
    if "operations" in manifest:  # Apollo's
        for operation in manifest["operations"]:
            yield operation["id"], operation["body"]
        return
    for name, text in manifest.items():
        if not isinstance(text, str):
            raise TypeError
        yield name.removeprefix("sha256:"), text
