"""The guide's example in Python signs requests that the portal takes."""

import re
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from escalations.models import Case
from tests.databases import ROOT
from tests.factories.channels import ChannelEndpointFactory, said, take

pytestmark = pytest.mark.django_db


def test_the_example_of_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (Path(ROOT) / "docs/guide/api.md").read_text()
    found = re.search(r"```python\n(.*?)```", guide, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], "api.md", "exec"), names)

    def open_it(request: urllib.request.Request) -> Any:
        headers = dict(request.header_items())
        kind = headers.pop("Content-type")
        body = request.data if isinstance(request.data, bytes) else b""
        answer = Client().post(request.selector, body, content_type=kind, headers=headers)
        return SimpleNamespace(status=answer.status_code)

    monkeypatch.setattr(urllib.request, "urlopen", open_it)
    endpoint = ChannelEndpointFactory()
    address = f"https://portal.example/hooks/in/{endpoint.key}/"
    assert names["send"](address, endpoint.secrets()[0], "msg-1", said(text="Out of the guide")) == 202
    take()
    assert Case.objects.get().subject == "Out of the guide"
