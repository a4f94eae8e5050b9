"""Every attack with the copies that it is run on, and the holes that it must find."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from drills.attack.attacks import (
    broken,
    budgets,
    cross_site,
    crowd,
    elsewhere,
    embedded,
    evidence,
    flood,
    forgery,
    headers,
    outage,
    sameness,
    second_factor,
    serials,
    spellings,
)
from drills.attack.finding import Finding, Scene
from drills.attack.running import Build

Attack = Callable[[Scene], Finding]

ONE = Build()
ONE_OVER_REDIS = Build(redis=True)
FOUR = Build(processes=4)
EMBEDDED = Build(settings=embedded.PARTNERS)
FOUR_EMBEDDED = Build(processes=4, settings=embedded.PARTNERS)
FRAMED = Build(settings={"EMBED_ORIGINS": cross_site.HOST})

USUAL_LIMITS = {
    "REQUESTS_PER_MINUTE": "120",
    "CARRIER_REQUESTS_PER_MINUTE": "3000",
}
ONE_CARD = {"SECOND_FACTOR": "kpj_suffix"}
ONE_WITH_CARD = replace(ONE, settings=ONE_CARD)
FOUR_WITH_CARD = replace(FOUR, settings=ONE_CARD)
FIVE_A_MINUTE = {
    **USUAL_LIMITS,
    "GUARD_OFF": "1",
    "REQUESTS_PER_MINUTE": "5",
    "CARRIER_REQUESTS_PER_MINUTE": "5",
}
REPLACED_SOON = {"GUNICORN_CMD_ARGS": "--max-requests 300 --max-requests-jitter 1"}


@dataclass(frozen=True)
class Hole:
    """A copy that an attack must break, told in a few words."""

    words: str
    build: Build
    attack: Attack | None = None


def _hole(drill: str, build: Build = ONE) -> Hole:
    return Hole(drill.replace("_", " "), replace(build, drill=drill))


@dataclass(frozen=True)
class Row:
    """An attack. Its bounds stand with its measures; without holes it only tells."""

    key: str
    words: str
    attack: Attack
    builds: tuple[Build, ...]
    holes: tuple[Hole, ...]


ROWS = (
    Row(
        "guess",
        "one address guessing, paying all work",
        budgets.guessing,
        (ONE, FOUR),
        (_hole("no_suspicion"),),
    ),
    Row(
        "guess-stored",
        "the same, all work done before, then all at once",
        budgets.guessing_with_work_in_store,
        (ONE, FOUR),
        (_hole("no_in_flight", FOUR),),
    ),
    Row(
        "list",
        "one address with a list of which 60 % exist",
        budgets.lists_from_one_address,
        (ONE, FOUR),
        (_hole("no_suspicion"),),
    ),
    Row(
        "list-64",
        "one IPv6 /64 with such a list",
        budgets.list_from_64,
        (ONE,),
        (_hole("no_suspicion"),),
    ),
    Row(
        "list-48",
        "one IPv6 /48 with such a list",
        budgets.list_from_48,
        (ONE, FOUR),
        (_hole("no_second_level"),),
    ),
    Row(
        "list-24",
        "one /24 with such a list",
        budgets.list_from_24,
        (ONE, FOUR),
        (_hole("no_second_level"),),
    ),
    Row(
        "list-24-at-once",
        "one /24 with such a list, 64 at a time, while the core is slow",
        budgets.list_from_24_at_once,
        (FOUR,),
        (_hole("no_second_level"),),
    ),
    Row(
        "at-once",
        "64 parallel requests of new numbers",
        budgets.new_numbers_at_once,
        (ONE, FOUR),
        (_hole("charges_afterwards"), _hole("private_ledgers", FOUR)),
    ),
    Row(
        "headers",
        "spoofed, doubled, junk `X-Forwarded-For`, `Forwarded`, `X-Real-IP`; no proxy",
        headers.without_a_proxy,
        (replace(ONE, proxies=0),),
        (Hole("believes the header", replace(ONE, proxies=1)),),
    ),
    Row(
        "headers-proxied",
        "the same behind a proxy that adds to the line",
        headers.behind_a_proxy,
        (ONE,),
        (Hole("believes one hop too many", replace(ONE, proxies=2)),),
    ),
    Row(
        "headers-own-line",
        "the same behind a proxy that adds a line",
        headers.behind_a_proxy_with_a_line_of_its_own,
        (ONE,),
        (Hole("believes one hop too many", replace(ONE, proxies=2)),),
    ),
    Row(
        "spellings",
        "one number written 50 ways",
        spellings.one_number_fifty_ways,
        (ONE,),
        (_hole("counts_nothing"),),
    ),
    Row(
        "two-numbers",
        "two numbers in one request",
        spellings.two_numbers_in_one_request,
        (ONE,),
        (_hole("counts_nothing"),),
    ),
    Row(
        "serials",
        "knows birth date and district, tries serials from 40 addresses",
        serials.serials,
        (ONE, FOUR),
        (_hole("no_cells"),),
    ),
    Row(
        "serials-at-once",
        "the same, from all addresses at once",
        serials.serials_at_once,
        (FOUR,),
        (_hole("no_cells"),),
    ),
    Row(
        "serials-alone",
        "one process answers what is free; Redis is killed, and all processes are asked in turn",
        serials.serials_without_redis,
        (FOUR,),
        (_hole("no_cells", FOUR),),
    ),
    Row(
        "cards",
        "knows a company's cards, tries the last two digits from 40 addresses",
        serials.cards,
        (ONE,),
        (_hole("no_cells"),),
    ),
    Row(
        "forged-work",
        "replayed, shared or forged work (level, cost, expiry, binding, signature)",
        forgery.forged_work,
        (ONE, FOUR),
        (_hole("gullible"),),
    ),
    Row(
        "forged-waiting",
        "wait tickets: shared, forged, too early, many at once",
        forgery.forged_waiting,
        (ONE,),
        (_hole("gullible"),),
    ),
    Row(
        "sameness",
        "challenge and refusal for existing and missing numbers: same bytes, same time",
        sameness.existing_and_missing,
        (ONE, ONE_OVER_REDIS),
        (_hole("asks_first"),),
    ),
    Row(
        "other-cards",
        "with the second field on, the holders of a person's cards within one minute",
        second_factor.each_card_its_own,
        (ONE_WITH_CARD,),
        (_hole("one_rendering_for_all_cards", ONE_WITH_CARD),),
    ),
    Row(
        "wrong-ends",
        "with the second field on, wrong ends and unknown numbers while the core is down",
        second_factor.wrong_ends_in_an_outage,
        (ONE_WITH_CARD, FOUR_WITH_CARD),
        (_hole("tells_wrong_ends", ONE_WITH_CARD),),
    ),
    Row(
        "card-ends",
        "with the second field on, knows a NIK and tries the two characters from 40 addresses",
        second_factor.ends_of_one_number,
        (ONE_WITH_CARD, FOUR_WITH_CARD),
        (_hole("no_cells", ONE_WITH_CARD),),
    ),
    Row(
        "cross-site",
        "pages of other sites send numbers from their visitors' browsers",
        cross_site.forms,
        (FRAMED, replace(FOUR, settings=FRAMED.settings)),
        (_hole("answers_other_sites", FRAMED),),
    ),
    Row(
        "cross-site-seen",
        "such pages count redirects and read heights, in a real browser",
        cross_site.watched,
        (FRAMED,),
        (_hole("answers_other_sites", FRAMED), _hole("tells_by_height", FRAMED)),
    ),
    Row(
        "redis-killed",
        "Redis killed during an attack",
        outage.redis_killed,
        (FOUR, ONE_OVER_REDIS),
        (
            _hole("all_without_redis", ONE_OVER_REDIS),
            _hole("nothing_without_redis", ONE_OVER_REDIS),
        ),
    ),
    Row(
        "redis-still",
        "Redis hangs during an attack",
        outage.redis_held_still,
        (FOUR,),
        (_hole("all_without_redis", ONE_OVER_REDIS),),
    ),
    Row(
        "redis-full",
        "Redis filled by very many addresses",
        outage.redis_full,
        (ONE_OVER_REDIS,),
        (_hole("nothing_when_full", ONE_OVER_REDIS),),
    ),
    Row(
        "crowd",
        "honest people behind one carrier address, 11 % misses, usual request limits",
        crowd.crowd,
        (replace(ONE, settings=USUAL_LIMITS), replace(FOUR, settings=USUAL_LIMITS)),
        (Hole("5 a minute for each address", replace(ONE, settings=FIVE_A_MINUTE)),),
    ),
    Row(
        "flood",
        "random numbers from random addresses, over HTTP",
        flood.addresses_over_http,
        (ONE,),
        (_hole("forgets_when_full"),),
    ),
    Row(
        "filling",
        "a million networks in one ledger",
        flood.networks_in_a_full_ledger,
        (ONE,),
        (Hole("evicts nothing", ONE, flood.networks_in_an_unbounded_ledger),),
    ),
    Row(
        "replaced",
        "cheap requests until the worker is replaced",
        flood.worker_replaced,
        (ONE,),
        (
            Hole(
                "replaces its one worker, whose budgets no file keeps",
                replace(ONE, settings=REPLACED_SOON, drill="keeps_nothing"),
            ),
        ),
    ),
    Row(
        "outage",
        "one address guessing through an outage of the core, and asking all of it again",
        evidence.guessing_through_an_outage,
        (ONE, FOUR),
        (_hole("repeats_what_was_asked"), _hole("repeats_what_was_asked", FOUR)),
    ),
    Row(
        "outage-killed",
        "the same while the core is slow and workers are killed under their questions",
        evidence.guessing_through_kills,
        (FOUR,),
        (_hole("repeats_what_was_asked", FOUR),),
    ),
    Row(
        "known",
        "four addresses that know the same 30 numbers and guess for the credit",
        evidence.known_numbers,
        (ONE, FOUR),
        (_hole("credits_again"), _hole("credits_again", FOUR)),
    ),
    Row(
        "neighbours",
        "seven addresses of a /24 guess and do no work; then 30 neighbours ask",
        evidence.beside_guessers,
        (ONE, FOUR),
        (_hole("refuses_neighbours"),),
    ),
    Row(
        "killed",
        "one address guessing, paying all work, its worker killed after every third number",
        broken.guessing_between_deaths,
        (ONE,),
        (_hole("keeps_nothing"),),
    ),
    Row(
        "killed-serials",
        "serials from 40 addresses, the worker killed after every third",
        broken.serials_between_deaths,
        (ONE,),
        (_hole("keeps_nothing"),),
    ),
    Row(
        "malformed",
        "malformed requests full of hostile text, and somebody who only wants to be answered",
        broken.frozen,
        (ONE, FOUR),
        (_hole("quotes_what_it_cannot_read"),),
    ),
    Row(
        "elsewhere",
        "addresses of the site that would lead to another one, by any path and host",
        elsewhere.redirects,
        (ONE, replace(ONE, settings={"SITE_URL": "https://lacak.example"})),
        (_hole("redirects_to_any_host"),),
    ),
    Row(
        "partner",
        "a stranger asks in a partner's frame for twice its quota, paying all work; readers come",
        embedded.partner_quota,
        (EMBEDDED, FOUR_EMBEDDED),
        (_hole("counts_strangers", EMBEDDED), _hole("counts_strangers", FOUR_EMBEDDED)),
    ),
    Row(
        "hosts",
        "pages under host names that are made up, while the site has no address of its own",
        embedded.made_up_hosts,
        (ONE,),
        (_hole("compresses_for_any_host"),),
    ),
    Row(
        "list-32",
        "one IPv6 /32 with a list (not promised)",
        budgets.list_from_32,
        (ONE,),
        (),
    ),
)
