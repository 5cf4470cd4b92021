import pytest

from infra.local.ports import InvalidPort, Ports, read_port, read_ports


def test_the_default_ports_are_those_of_the_readme() -> None:
    assert read_ports({}) == read_ports({"PORT": "", "AUTHKIT_PORT": ""}) == Ports(8000, 8001)


def test_the_environment_chooses_the_ports() -> None:
    ports = read_ports({"PORT": "9000", "AUTHKIT_PORT": "9001"})

    assert ports == Ports(9000, 9001)
    assert ports.token_command == "make -s token PORT=9000"
    assert read_ports({"PORT": "9000", "AUTHKIT_PORT": "9009"}).token_command == "make -s token AUTHKIT_PORT=9009"


def test_authkit_follows_the_port_of_the_server() -> None:
    assert read_ports({"PORT": "9000"}) == Ports(9000, 9001)
    assert read_port("AUTHKIT_PORT", {"PORT": "9000"}) == 9001
    assert read_ports({"PORT": "65535"}) == Ports(65535, 8001)
    with pytest.raises(InvalidPort, match="PORT is 'eight'"):
        read_port("AUTHKIT_PORT", {"PORT": "eight"})


@pytest.mark.parametrize("text", ["eight", "0", "65536", "-1", "8000.0", "²", "9" * 5000])
def test_a_port_that_is_none_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(InvalidPort) as refusal:
        read_ports({"PORT": text})

    assert str(refusal.value) == f"PORT is {text!r}, not a port from 1024 to 65535; try: make dev PORT=8010"


def test_a_port_of_the_system_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidPort) as refusal:
        read_ports({"AUTHKIT_PORT": "443"})

    why = "AUTHKIT_PORT is 443, and ports below 1024 are for the system's own services"
    assert str(refusal.value) == f"{why}; try: make dev AUTHKIT_PORT=8011"


def test_one_port_for_both_is_refused() -> None:
    with pytest.raises(InvalidPort, match="PORT and AUTHKIT_PORT are both 8000; try: make dev AUTHKIT_PORT=8010"):
        read_ports({"AUTHKIT_PORT": "8000"})


@pytest.mark.parametrize(
    ("ports", "name", "command"),
    [
        (Ports(8000, 8001), "PORT", "make dev PORT=8010"),
        (Ports(8000, 9001), "PORT", "make dev PORT=8010 AUTHKIT_PORT=9001"),
        (Ports(9000, 8001), "AUTHKIT_PORT", "make dev AUTHKIT_PORT=8011 PORT=9000"),
        (Ports(9000, 9001), "PORT", "make dev PORT=9010"),
        (Ports(9000, 8001), "PORT", "make dev PORT=9010 AUTHKIT_PORT=8001"),
        (Ports(8000, 8010), "PORT", "make dev PORT=8020 AUTHKIT_PORT=8010"),
        (Ports(65530, 8001), "PORT", "make dev PORT=8000 AUTHKIT_PORT=8001"),
        (Ports(65530, 8000), "PORT", "make dev PORT=8010 AUTHKIT_PORT=8000"),
    ],
)
def test_the_fix_keeps_the_other_port_and_stays_clear_of_it(ports: Ports, name: str, command: str) -> None:
    assert ports.fix(name) == f"try: {command}"


def test_the_fix_of_a_port_that_is_none_keeps_the_other_one() -> None:
    with pytest.raises(InvalidPort, match=r"try: make dev PORT=8010 AUTHKIT_PORT=9001$"):
        read_ports({"PORT": "eight", "AUTHKIT_PORT": "9001"})
