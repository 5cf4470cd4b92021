"""`make help` shows a newcomer's ten targets first, and all others in groups."""

from infra.make_help import GROUPS, group_targets, read_targets, render_help


def test_the_first_group_is_a_newcomers_ten_targets() -> None:
    first = next(iter(group_targets(read_targets()).items()))

    assert first == ("First", GROUPS["First"].split())
    assert len(first[1]) == 10


def test_each_target_of_this_repository_is_in_exactly_one_group() -> None:
    grouped = " ".join(GROUPS.values()).split()

    assert sorted(grouped) == sorted(read_targets())


def test_a_target_that_no_group_names_is_shown_last() -> None:
    groups = group_targets({"seed-database": "Fill the table", "dev": "Run the server"})

    assert list(groups.items()) == [("First", ["dev"]), ("Others", ["seed-database"])]


def test_lines_fit_the_terminal_and_lose_no_word() -> None:
    targets = {
        "conformance-server": "Serve what that suite calls",
        "dev": "Run the server and a local WorkOS " * 4,
    }

    text = render_help(targets, columns=72)

    assert max(map(len, text.splitlines())) <= 72
    assert text.split().count("WorkOS") == 4
    assert "  make conformance-server\n                      Serve what that suite calls" in text
