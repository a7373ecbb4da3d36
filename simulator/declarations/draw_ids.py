"""The ids of random draws. They are part of every draw's address: append new ones, never renumber or reuse."""

from enum import IntEnum


class Event(IntEnum):
    """What a draw decides."""

    CHIEF_START = 0
    FINANCE_START = 1
    COMMITTEE_START = 2
    AWARE_START = 3
    SEATED_START = 4
    RELATIONS_START = 5
    CUSTOM_START = 6
    FINANCES = 7
    CHIEF_LEAVES = 8
    CHIEF_COVER = 9
    CHIEF_NEXT = 10
    FINANCE_LEAVES = 11
    FINANCE_COVER = 12
    FINANCE_NEXT = 13
    PLAN = 14
    RAID = 15
    RAID_SIZE = 16
    OFFSET = 17
    EVALUATE = 18
    GOOD_RESULT = 19
    PILOT_FATE = 20
    COMMIT_SPEED = 21
    LEAD_GAINS = 22
    CUT_SIZE = 23
    LEAD_LOST = 24
    COMMITTEE_GROWS = 25
    USE_INTERVENTIONS = 26
    USE_DEVOLVED = 27
    USE_CAPABILITY = 28
    USE_PILOTS = 29
    USE_STAFF = 30


EVENTS = len(Event)
