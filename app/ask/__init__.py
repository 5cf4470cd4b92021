"""Ask the user in the middle of a call; the door for authors."""

from app.ask.ask import Ask, Cancelled, CurrentAsk, Declined, Model, NoCallToAsk, get_ask

__all__ = ["Ask", "Cancelled", "CurrentAsk", "Declined", "Model", "NoCallToAsk", "get_ask"]
