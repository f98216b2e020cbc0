"""Documents that are known beforehand: by the forms in which tools write them, and nothing else where so set."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from sghss_graphql.app import create_app
from sghss_graphql.machinery.faults import Malformed
from sghss_graphql.machinery.web.documents import BadDocuments, Documents, read_documents
from tests.hospital import Hospital

TEXT = "query Quem { __typename }"
ID = hashlib.sha256(TEXT.encode()).hexdigest()


def _folder(place: Path) -> Path:
    (place / "docs/sub").mkdir(parents=True)
    (place / "docs/sub/quem.graphql").write_text(TEXT, "utf-8")
    return place / "docs"


def _file(place: Path, content: object) -> Path:
    path = place / "manifesto.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize(
    "made",
    [
        _folder,
        lambda place: _file(place, {ID: TEXT}),
        lambda place: _file(place, {f"sha256:{ID}": TEXT}),
        lambda place: _file(
            place,
            {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": ID, "body": TEXT}]},
        ),
    ],
    ids=["a folder", "codegen and relay", "with the hash's name", "apollo"],
)
async def test_a_document_is_run_by_its_id(hospital: Hospital, tmp_path: Path, made) -> None:
    update = {"documents": made(tmp_path), "only_documents": True}
    app = create_app(hospital.settings.model_copy(update=update))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        for named in (ID, f"sha256:{ID}"):
            answer = await http.post("/graphql", json={"documentId": named})
            assert answer.json() == {"data": {"__typename": "Query"}}
        assert (await http.get("/graphql", params={"documentId": ID})).json() == {"data": {"__typename": "Query"}}
        for body in ({"documentId": "nada"}, {"query": TEXT}, {"query": "{ __schema { types { name } } }"}):
            (error,) = (await http.post("/graphql", json=body)).json()["errors"]
            assert error["extensions"]["code"] == "REQUISICAO_INVALIDA"


def test_without_documents_a_text_is_a_text() -> None:
    assert read_documents(None, only=False).text({"query": TEXT}) == TEXT
    with pytest.raises(Malformed):
        read_documents(None, only=True).text({"query": TEXT})
    assert Documents({"a": TEXT}, only=False).text({"documentId": "a", "query": "{ x }"}) == "{ x }"


@pytest.mark.parametrize("content", [[1], {"a": 1}, {"operations": [{"id": "x"}]}, "nada"])
def test_what_is_no_manifest_is_refused_in_words(tmp_path: Path, content: object) -> None:
    with pytest.raises(BadDocuments):
        read_documents(_file(tmp_path, content), only=True)
    with pytest.raises(BadDocuments):
        read_documents(tmp_path / "nao-existe.json", only=True)
