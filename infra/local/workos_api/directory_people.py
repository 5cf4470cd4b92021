"""Make the people and groups of a directory from its row in the seed."""

from infra.local.seed.rows import Directory
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import seeded_times


def make_groups(directory: Directory) -> list[Row]:
    return [
        {
            "object": "directory_group",
            "id": _id("directory_group", directory, place),
            "idp_id": f"group-{place:04}",
            "directory_id": directory.id,
            "organization_id": directory.organization,
            "name": name,
            "raw_attributes": {},
            **seeded_times(place),
        }
        for place, name in enumerate(directory.groups)
    ]


def make_people(directory: Directory) -> list[Row]:
    groups = make_groups(directory)
    return [_person(directory, groups, place) for place in range(directory.people)]


def _person(directory: Directory, groups: list[Row], place: int) -> Row:
    turn, first_place = divmod(place, len(directory.first_names))
    first, last = directory.first_names[first_place], directory.last_names[turn % len(directory.last_names)]
    email = f"{first}.{last}@{directory.domain}".lower()
    # Everybody is in the first group, and in one of the others, in turn.
    theirs = groups[:1] + ([groups[1 + place % (len(groups) - 1)]] if len(groups) > 1 else [])
    return {
        "object": "directory_user",
        "id": _id("directory_user", directory, place),
        "idp_id": f"person-{place:04}",
        "directory_id": directory.id,
        "organization_id": directory.organization,
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}",
        "email": email,
        "emails": [{"primary": True, "type": "work", "value": email}],
        "username": email,
        "job_title": None,
        "state": "inactive" if place % 10 == 9 else "active",
        "custom_attributes": {"department_name": theirs[-1]["name"]} if theirs else {},
        "raw_attributes": {},
        "groups": theirs,
        **seeded_times(place),
    }


def _id(kind: str, directory: Directory, place: int) -> str:
    """An id that survives restarts: the directory's id, with a number instead of its last four zeros."""
    return f"{kind}_{directory.id.removeprefix('directory_')[:-4]}{place:04}"
