"""Work of many steps, and of two questions with the steps between their answers."""

from pydantic import BaseModel

from app.authoring import CurrentWork, tool


class Confirmation(BaseModel):
    """What the user confirms."""

    sure: bool


def give(number: int) -> int:
    return number


@tool(background=True)
async def count_up(steps: int, work: CurrentWork) -> int:
    """Add numbers, one in each step, after one message."""
    await work.say("Counting")
    return sum([await work.step(f"step {number}", give, number) for number in range(steps)])


@tool(background=True)
async def ask_around_steps(steps: int, work: CurrentWork) -> str:
    """Put two questions at once, and count between their answers."""
    first, second = work.ask("First?", Confirmation), work.ask("Second?", Confirmation)
    await first
    for number in range(steps):
        await work.step(f"step {number}", give, number)
    return "both" if (await second).sure else "one"


@tool(background=True)
async def count_around_sleep(steps: int, work: CurrentWork) -> str:
    """Count, sleep ten minutes, count again and ask."""
    await work.say("Counting")
    for number in range(2 * steps):
        if number == steps:
            await work.sleep(minutes=10)
        await work.step(f"step {number}", give, number)
    return "sure" if (await work.ask("Sure?", Confirmation)).sure else "unsure"
