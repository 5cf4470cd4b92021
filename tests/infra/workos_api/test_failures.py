"""Failures on demand, as the SDK meets them."""

import time

import httpx2
import pytest
from workos import (
    AuthenticationError,
    AuthorizationError,
    BadRequestError,
    ConflictError,
    NotFoundError,
    RateLimitExceededError,
    ServerError,
    UnprocessableEntityError,
)
from workos._errors import APIError, WorkOSTimeoutError
from workos.organizations.models import Organization

from tests.infra.workos_api.rig import ADA, ENGINES, HOOK, Api


def read_organization(api: Api, **options: object) -> Organization:
    return api.ask(lambda workos: workos.organizations.get_organization(ENGINES), **options)  # type: ignore[arg-type]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, AuthorizationError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, UnprocessableEntityError),
        (429, RateLimitExceededError),
        (500, ServerError),
        (502, ServerError),
        (503, ServerError),
        (504, ServerError),
    ],
)
def test_each_status_is_its_error_once(api: Api, status: int, kind: type[APIError]) -> None:
    api.fail(path="/organizations", status=status, count=1)

    with pytest.raises(kind) as failed:
        read_organization(api)
    assert failed.value.status_code == status
    assert failed.value.request_id
    assert read_organization(api).id == ENGINES


def test_a_rate_limit_names_the_wait(api: Api) -> None:
    api.fail(path="/organizations", status=429, retry_after=7, count=2)

    for _ in range(2):
        with pytest.raises(RateLimitExceededError) as limited:
            read_organization(api)
        assert limited.value.retry_after == 7
        assert limited.value.code == "rate_limit_exceeded"
    assert read_organization(api).id == ENGINES


def test_the_sdk_gets_over_what_passes(api: Api) -> None:
    api.fail(path="/organizations", status=503, retry_after=0, count=2)

    assert read_organization(api, max_retries=2).id == ENGINES


def test_latency_delays_the_answer_and_may_outlast_the_caller(api: Api) -> None:
    api.fail(path="/organizations", latency=0.3)

    started = time.monotonic()
    assert read_organization(api).id == ENGINES
    assert time.monotonic() - started >= 0.3
    with pytest.raises(WorkOSTimeoutError):
        read_organization(api, request_timeout=0.1)


def test_a_call_that_hangs_ends_by_the_callers_patience(api: Api) -> None:
    api.fail(path="/organizations", hang=True, count=1)

    with pytest.raises(WorkOSTimeoutError):
        read_organization(api, request_timeout=0.2)
    assert read_organization(api).id == ENGINES


def test_a_failure_concerns_its_path_alone(api: Api) -> None:
    api.fail(path="/organizations", status=500)

    assert api.http.get("/organizations").status_code == 500
    assert api.http.get(f"/organizations/{ENGINES}/feature-flags").status_code == 500
    assert api.http.get(f"/user_management/users/{ADA}").status_code == 200
    assert api.http.get("/organizationsx").status_code == 404


def test_without_a_path_everything_fails_but_the_hooks(api: Api) -> None:
    api.fail(status=500)

    assert api.http.get(f"/user_management/users/{ADA}").status_code == 500
    assert api.hook("GET", "audit-logs/events").status_code == 200


def test_failures_are_listed_and_cleared(api: Api) -> None:
    api.fail(path="/organizations/", status=500, count=3)
    api.http.get("/organizations")

    [listed] = api.hook("GET", "failures").json()["failures"]
    assert (listed["path"], listed["status"], listed["count"]) == ("/organizations", 500, 2)
    assert api.hook("DELETE", "failures").status_code == 204
    assert api.http.get("/organizations").status_code == 200


def test_the_key_is_asked_for_before_a_failure_is_spent(api: Api) -> None:
    api.fail(path="/organizations", status=500, count=1)
    with httpx2.Client(base_url=api.url, trust_env=False) as http:
        assert http.get("/organizations").status_code == 401

    assert api.http.get("/organizations").status_code == 500


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"path": "/organizations"},
        {"path": "organizations", "status": 500},
        {"status": 200},
        {"status": 418},
        {"status": "500"},
        {"status": 500, "count": 0},
        {"status": 429, "retry_after": -1},
        {"status": 429, "retry_after": 1.5},
        {"latency": 61},
        {"latency": True},
        {"hang": "yes"},
        {"status": 500, "often": True},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(api: Api, body: object) -> None:
    assert api.hook("POST", "failures", body).status_code == 422
    assert api.hook("GET", "failures").json() == {"failures": []}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("headers", [{}, {"X-Local-Stand-In": "0"}, HOOK | {"Origin": "http://localhost:6274"}])
def test_the_switch_is_closed_to_whoever_does_not_say_the_word(
    api: Api, method: str, headers: dict[str, str]
) -> None:
    assert api.http.request(method, "/_local/failures", headers=headers).status_code == 403
