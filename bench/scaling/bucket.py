"""A token bucket: so many at once, so many a second."""


class Bucket:
    def __init__(self, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self._held = size
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether there is one left; `now` never goes back."""
        self._held = min(self._size, self._held + (now - self._at) * self._rate)
        self._at = now
        if self._held < 1:
            return False
        self._held -= 1
        return True
