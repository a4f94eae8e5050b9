"""A stand-in core that speaks the contract over real HTTP, with made-up participants.

It shares no code with the site, so that the two can contradict each other.
"""

from sandbox.command import main
from sandbox.directory import Participant
from sandbox.server import Sandbox, serve

__all__ = ["Participant", "Sandbox", "main", "serve"]
