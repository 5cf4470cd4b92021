"""WWW-Authenticate as RFC 9110 and RFC 6750 write it."""

import pytest

from conformance.auth.challenge import bearer_challenge


def test_quoted_and_bare_values_are_read() -> None:
    challenge = bearer_challenge(['Bearer error="invalid_token",scope="a b", error_description="a \\"b\\"", x=y'])

    assert challenge is not None
    assert challenge.error == "invalid_token"
    assert challenge.scopes == {"a", "b"}
    assert challenge.parameters["x"] == "y"


def test_the_scheme_is_found_beside_others_and_in_any_case() -> None:
    one_field = bearer_challenge(['DPoP algs="ES256", bearer scope="a", Basic realm="b"'])
    two_fields = bearer_challenge(['Basic realm="b"', 'Bearer scope="a"'])

    assert one_field is not None
    assert one_field.parameters == {"scope": "a"}
    assert two_fields == one_field


def test_a_challenge_may_have_no_parameter() -> None:
    challenge = bearer_challenge(["Bearer"])

    assert challenge is not None
    assert challenge.parameters == {}
    assert challenge.faults == ()


def test_where_there_is_none_none_is_found() -> None:
    assert bearer_challenge(['Basic realm="Bearer"']) is None
    assert bearer_challenge([]) is None


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ('Bearer scope="a", scope="b"', "scope is there twice"),
        ('Bearer error="in\\"valid"', "error has characters that it must not have"),
        ('Bearer scope="a  b"', "scope has characters that it must not have"),
        ('Bearer scope="a', "it cannot be read to its end"),
    ],
)
def test_faults_of_form_are_named(value: str, fault: str) -> None:
    challenge = bearer_challenge([value])

    assert challenge is not None
    assert challenge.faults == (fault,)
