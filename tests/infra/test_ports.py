import pytest

from infra.local.ports import InvalidPort, Ports, read_ports


def test_the_default_ports_are_those_of_the_readme() -> None:
    assert read_ports({}) == read_ports({"PORT": "", "AUTHKIT_PORT": ""}) == Ports(8000, 8001)


def test_the_environment_chooses_the_ports() -> None:
    ports = read_ports({"PORT": "9000", "AUTHKIT_PORT": "9001"})

    assert ports == Ports(9000, 9001)
    assert ports.token_command == "make -s token AUTHKIT_PORT=9001"


@pytest.mark.parametrize("text", ["eight", "0", "65536", "-1", "8000.0", "²"])
def test_a_port_that_is_none_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(InvalidPort) as refusal:
        read_ports({"PORT": text})

    assert str(refusal.value) == f"PORT is {text!r}, not a port from 1 to 65535; try: make dev PORT=8010"


def test_one_port_for_both_is_refused() -> None:
    with pytest.raises(InvalidPort, match="PORT and AUTHKIT_PORT are both 8001; try: make dev AUTHKIT_PORT=8011"):
        read_ports({"PORT": "8001"})
