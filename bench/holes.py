"""Policies with one hole each, for attacks and simulations that must find it. Never a real site."""

from dataclasses import replace

from tracking_site.guard.policy import NEVER, Policy, Steps


def naive_policies() -> dict[str, Policy]:
    """Return the policies by the name of what each leaves out."""
    none: Steps = (NEVER, NEVER, NEVER)
    whole = Policy()
    no_second = replace(
        whole,
        second_refuse_suspicion=NEVER,
        second_unproven_work=NEVER,
        second_refuse_unproven=NEVER,
        second_refuse_distinct=NEVER,
    )
    no_suspicion = replace(
        whole,
        work_by_suspicion=none,
        carrier_work_by_suspicion=none,
        refuse_suspicion=NEVER,
        second_refuse_suspicion=NEVER,
        refuse_unproven_distinct=NEVER,
        second_refuse_unproven=NEVER,
    )
    return {
        "no_second_level": no_second,
        "no_suspicion": no_suspicion,
        "no_free_limit": replace(
            whole, work_by_distinct=none, work_by_suspicion=none, unproven_distinct=NEVER
        ),
        "no_cells": replace(whole, cell_misses=NEVER),
        "no_in_flight": replace(whole, in_flight_points=0),
        "no_ledger": replace(
            no_suspicion,
            work_by_distinct=none,
            work_despite_credit=none,
            unproven_distinct=NEVER,
            refuse_distinct=NEVER,
            carrier_refuse_distinct=NEVER,
            second_unproven_work=NEVER,
            second_refuse_distinct=NEVER,
            cell_misses=NEVER,
            in_flight_points=0,
            alarm_refuse_unproven=(NEVER, NEVER),
            ceiling_least=NEVER,
        ),
    }
