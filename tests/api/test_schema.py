"""Requests made from the OpenAPI document, good and bad ones: no server error, and every answer is as the document says."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from escalations.models import Case, Service
from partners.models import Site
from tests.factories.api import Program
from tests.factories.escalations import CaseFactory, IssueTypeFactory, open_policy

pytestmark = pytest.mark.django_db
EXAMPLES = 25
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, negative_data_rejection, ignored_auth, missing_required_header, unsupported_method,
    allow_header_conformance,
]  # fmt: skip
# The same requests in every run, one after the other, without a file of earlier ones.
quietly = settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """The application answers within the test's own transaction, as it does Django's test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def asked(
    one_connection: None, program: Program, service: Service, site: Site, settings: Settings
) -> Callable[[str, GenerationMode], Counter[int]]:
    """Makes requests to one operation, holds each answer against the document, and counts them by status."""
    settings.API_REQUESTS_PER_MINUTE = 10**9
    open_policy()
    case = CaseFactory(service=service, site=site)
    headers = {"Authorization": f"Bearer {program.text}"}
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), headers=headers)
    found = {one.ok().label: one.ok() for one in document.get_all_operations()}
    known = {"service": "payments", "site": "DLC", "issue_type": IssueTypeFactory(code="refund").code}

    def ask(label: str, mode: GenerationMode) -> Counter[int]:
        return _asked(found[label], mode, headers, case, known)

    return ask


def _asked(
    operation: APIOperation, mode: GenerationMode, headers: dict[str, str], case: Case, known: dict[str, str]
) -> Counter[int]:
    statuses: Counter[int] = Counter()

    @quietly
    @given(one=operation.as_strategy(generation_mode=mode))
    def run(one: schemathesis.Case) -> None:
        if mode is GenerationMode.POSITIVE:
            _meant(one, case, known)
        answer = one.call_and_validate(headers=headers, checks=CHECKS)
        statuses[answer.status_code] += 1

    run()
    return statuses


def _meant(one: schemathesis.Case, case: Case, known: dict[str, str]) -> None:
    """Of codes and references that are made up none is known; and what goes together is made up apart."""
    if "{ref}" in one.operation.path:
        one.path_parameters = {"ref": case.ref}
    elif isinstance(one.body, dict):
        one.body |= known | {"severity_reason": "Because"}
        if not (one.body.get("impact") and one.body.get("urgency")):
            one.body |= {"impact": None, "urgency": None}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(
    ("label", "done"),
    [
        ("GET /api/v1/cases", 200),
        ("POST /api/v1/cases", 201),
        ("GET /api/v1/cases/{ref}", 200),
        ("GET /api/v1/cases/{ref}/clocks", 200),
        ("GET /api/v1/cases/{ref}/entries", 200),
        ("POST /api/v1/cases/{ref}/entries", 201),
    ],
)
def test_every_answer_is_as_the_document_says(
    asked: Callable[[str, GenerationMode], Counter[int]], label: str, done: int, mode: GenerationMode
) -> None:
    statuses = asked(label, mode)
    assert set(statuses) <= {done, 400, 401, 403, 404, 405, 409, 413, 415, 422}
    if mode is GenerationMode.POSITIVE:
        assert statuses[done]


def test_the_document_has_these_operations(program: Program) -> None:
    document = program.get("/openapi.json").json()
    found = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    named = test_every_answer_is_as_the_document_says.pytestmark[0].args[1]
    assert found == {label for label, _done in named}
