"""The time of the local engine, which tests replace so that nobody waits for a timer."""

import asyncio
import time


class Clock:
    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    async def sleep_until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - self.now()))
