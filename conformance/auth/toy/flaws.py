"""The one thing that the toy does wrong, named for the requirement that it breaks."""


class Flaws:
    def __init__(self, broken: str = "") -> None:
        self._broken = broken

    def __contains__(self, requirement: object) -> bool:
        return requirement == self._broken
