"""What became of a member of the population, drawn from the member's key."""

from tracking_site.sandbox.spec import Spec


def claims_of_member(key: str) -> tuple[Spec, ...]:
    return ()
