"""The pages of a lookup: private, never stored, never framed."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

import structlog
from flask import Blueprint, Response, g, request
from markupsafe import escape

from ..domain.identifiers import MAX_TEXT_LENGTH
from ..domain.outcomes import Found, NotFound, Outcome, Waiting
from ..following.keys import Address, Addresses, CannotTell, Revoked
from ..guard.desk import Desk, Visit
from ..guard.limits import Refused
from ..guard.line import MIN_PAUSE, MIN_RELOAD, QUIET, InLine
from ..guard.networks import NETWORK, is_named, is_proxy
from ..guard.partners import PartnerQuota
from ..sealing import Expired, NotSealed
from ..telling.outcomes import present
from .embed.partners import KINDS, Partner
from .layers import HURRIED, accepts, host_of
from .polling import (
    WAY_BACK,
    Versions,
    came_from,
    carried,
    fresh_ticket,
    no_news,
    seen_version,
    sent_to_the_line,
    shown_version,
    waiting,
)
from .rendering import (
    HOST,
    Rendering,
    Renderings,
    answer,
    current_words,
    door,
    link,
    may_be_indexed,
    new_mark,
    page,
    see_other,
    text_of,
    wants_fragment,
)

_log = structlog.get_logger()

VisitNow = Callable[[], Visit]
"""Returns who sends the request that is being served."""


def visitors(trusted_proxies: int) -> VisitNow:
    """Return what reads the network behind a request, its payment, and the framing partner.

    Where trusted proxies write no address, or one of them is not counted, it warns once: the site
    works on, for everybody as one.
    """
    warned = Event()

    def visit() -> Visit:
        environ = request.environ
        if not warned.is_set():
            why = ""
            if trusted_proxies and not is_named(environ, trusted_proxies):
                why = "X-Forwarded-For names no address where TRUSTED_PROXIES looks for one"
            elif is_proxy(environ, trusted_proxies):
                why = "X-Forwarded-For comes through a proxy that TRUSTED_PROXIES does not count"
            if why:
                warned.set()
                _log.warning(
                    f"{why}: all visitors behind that proxy count as one network",
                    trusted_proxies=trusted_proxies,
                )
        form: Mapping[str, str] = request.form
        partner: Partner | None = g.get("partner")
        # The browser says it where the page is in no frame, and so in no partner's.
        is_framed = request.headers.get("Sec-Fetch-Dest") != "document"
        quota = None
        if partner and partner.slug and is_framed:
            quota = PartnerQuota(partner.slug, partner.daily_lookups)
        return Visit(
            network=environ[NETWORK],
            solution=form.get("altcha", ""),
            wait_ticket=form.get("tunggu", ""),
            card=form.get("kartu", ""),
            partner=quota,
            accepts=partner.accepts if partner else KINDS,
            is_hurried=environ.get(HURRIED, False),
        )

    return visit


@dataclass(frozen=True, slots=True)
class Lookups:
    """What the views of a lookup share: the door to it, and what their answers are made with."""

    desk: Desk
    tickets: Addresses
    keys: Addresses
    visit: VisitNow
    renderings: Renderings
    clock: Callable[[], datetime]
    versions: Versions = field(default_factory=Versions)


def make_blueprint(lookups: Lookups) -> Blueprint:
    """Return the form, the lookup and the result under the addresses of the site itself."""
    blueprint = Blueprint("tracking", __name__)
    blueprint.get("/", endpoint="form")(lambda: may_be_indexed(page("tracking/form.html")))
    add_lookup(blueprint, "", lookups)
    return blueprint


def add_lookup(blueprint: Blueprint, prefix: str, lookups: Lookups) -> None:
    """Add looking up, the result and clearing the screen to a blueprint, under a prefix."""
    desk, tickets, clock = lookups.desk, lookups.tickets, lookups.clock

    @blueprint.post(f"{prefix}/lacak")
    def look_up() -> Response:
        # At a length that can be shown again.
        typed, visitor = request.form.get("nomor", "")[: MAX_TEXT_LENGTH + 1], lookups.visit()
        outcome = desk.look_up(typed, visitor)
        if isinstance(outcome, Waiting):
            return sent_to_the_line(outcome, clock())
        if not isinstance(outcome, Found | NotFound):
            presented = present(outcome, current_words(), clock(), typed, card=visitor.card)
            return answer(presented)
        return answered(outcome, tickets.seal(desk.paid_form(outcome, visitor)))

    @blueprint.get(f"{prefix}/lacak")
    @blueprint.get(f"{prefix}/bersihkan")
    def back_to_form() -> Response:
        # A tab that is opened again asks for the address on which a form was answered.
        return see_other(link(f"{blueprint.name}.form"))

    def answered(outcome: Found | NotFound, ticket: str) -> Response:
        # The same way whether found or not: other sites can count redirects and history entries.
        if not wants_fragment():
            address = link(f"{blueprint.name}.result", ticket=ticket)
            return see_other(address)
        if isinstance(outcome, Found):
            return found_again(lookups.renderings, outcome, ticket, push=True)
        presented = present(outcome, current_words(), clock(), ticket=ticket)
        return answer(presented, push=True)

    @blueprint.route(f"{prefix}/antre/<place>", methods=["GET", "POST"])
    def stand(place: str) -> Response:
        reload = QUIET if "diam" in request.args else MIN_RELOAD
        back = came_from()
        standing = desk.place_of(place, leads_back=back is not None)
        if not wants_fragment():
            # Who has given it up sees none of it again.
            tickets.require_live(standing.family)
        # Who is asked to pay sends what was paid, and is led nowhere.
        pause = MIN_PAUSE if wants_fragment() or request.method == "POST" else reload
        outcome = desk.look_up_placed(standing, lookups.visit(), min_pause=pause)
        if isinstance(outcome, Waiting) and outcome.place == place:
            return waiting(outcome, clock())
        if isinstance(outcome, Waiting):
            # It was promised, and stands now: at an address that is asked for nothing more.
            return in_its_stead(sent_to_the_line(outcome, clock(), **carried("diam")))
        if not isinstance(outcome, Found | NotFound):
            presented = replace(present(outcome, current_words(), clock()), place=place)
            return answer(presented, came=carried(*WAY_BACK))
        address = to_show_here(standing)
        if address is not None:
            return shown(outcome, request.args["tiket"], address)
        if back is not None:
            return see_other(back)
        # Who clears the screen of the answer ends the place as well.
        return in_its_stead(answered(outcome, tickets.seal_of(standing.paid_form, standing.family)))

    @blueprint.get(f"{prefix}/klaim/<ticket>")
    def result(ticket: str) -> Response:
        address = tickets.open(ticket)
        # A page that shows an answer asks anew by and by, and comes back to no place.
        outcome = desk.look_up_paid(address.number, lookups.visit(), stands=not shown_version())
        if isinstance(outcome, Waiting):
            return sent_to_the_line(outcome, clock(), tiket=ticket)
        return shown(outcome, ticket, address)

    def to_show_here(standing: InLine) -> Address | None:
        """Return the ticket of a result that this process has and the one that led here had not.

        While Redis is away each has copies of its own: led back, one would be led here again.
        """
        is_led_here = clock().timestamp() - standing.place.since < MIN_RELOAD
        if "tiket" not in request.args or not is_led_here:
            return None
        address = tickets.open(request.args["tiket"])
        return address if address.number == standing.paid_form else None

    def shown(outcome: Outcome | Refused, ticket: str, address: Address) -> Response:
        versions = {"since": seen_version(), "shown": shown_version()}
        is_young = tickets.is_young(address)
        if isinstance(outcome, Found) and is_young and not any(versions.values()):
            return found_again(lookups.renderings, outcome, ticket)
        renewed = fresh_ticket(tickets, ticket, address) if isinstance(outcome, Found) else ticket
        # The first renewal that can make no private address takes the button for it away.
        loses_button = renewed != ticket and tickets.turned_old(address)
        response = None if loses_button else no_news(outcome, lookups.versions)
        if response is None:
            presented = present(outcome, current_words(), clock(), ticket=renewed, **versions)
            response = answer(replace(presented, may_be_followed=is_young))
        if renewed != ticket:
            response.headers["HX-Replace-Url"] = link(f"{blueprint.name}.result", ticket=renewed)
        return response

    @blueprint.post(f"{prefix}/bersihkan")
    def clear() -> Response:
        key, takes_link = request.form.get("kunci", ""), "matikan" in request.form
        with suppress(NotSealed, Expired, Revoked, CannotTell):
            tickets.forget(request.form.get("tiket", ""))
        with suppress(NotSealed, Expired, CannotTell):
            given_up = desk.place_of(request.form.get("antre", ""), leads_back=True)
            tickets.forget_family(given_up.family)
            # Only what leads to no answer any more: the others count as what is guessed at once.
            desk.give_up(given_up)
        with suppress(NotSealed, Expired, CannotTell):
            # Back leads to the page that the private address was made on.
            tickets.forget_family(lookups.keys.family_of(key))
        if takes_link:
            # Whoever asked for it must hear when it could not be done.
            with suppress(NotSealed, Expired, Revoked):
                lookups.keys.forget(key)
        response = see_other(link(f"{blueprint.name}.form"))
        # Nothing of ours is in the cache: every page is no-store. To empty it takes browsers long.
        response.headers["Clear-Site-Data"] = '"storage"'
        return response


def in_its_stead(response: Response) -> Response:
    """Let the address of what is shown replace that of the place, which would only lead here.

    So Back leads to where the number was typed.
    """
    if pushed := response.headers.pop("HX-Push-Url", ""):
        response.headers["HX-Replace-Url"] = pushed
    return response


def found_again(renderings: Renderings, found: Found, ticket: str, push: bool = False) -> Response:
    """Answer with a result, rendered at most once a minute for each copy of the core's answer.

    The same as `answer`, for whom nothing is told as new.
    """
    key = renderings.key_of(found)
    # It is packed around a ticket of this length.
    key = key and (*key, len(ticket))
    rendering = renderings.get(key)
    if rendering is None:
        # What came with the request is known by marks until it is written in.
        mark, g.host = new_mark(), HOST
        try:
            presented = present(found, current_words(), found.checked_at, ticket=mark)
            text = text_of(presented, None, {})
        finally:
            del g.host
        address = link(f"{door()}.result", ticket=mark)
        rendering = Rendering.around(mark, text, address, ticket, str(escape(host_of(request))))
        renderings.keep(key, found, rendering)
    body, address = rendering.for_ticket(ticket)
    headers = {"Vary": "Accept-Encoding"} | ({"HX-Push-Url": address} if push else {})
    # Without a key there is in it what a stranger made up: the looks of a frame that is tried out.
    if key is not None and accepts(request.environ, "gzip"):
        body, headers["Content-Encoding"] = rendering.gzipped(ticket, body), "gzip"
    return Response(body, headers=headers, mimetype="text/html")
