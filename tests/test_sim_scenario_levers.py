"""A lever as a planner writes it, for every type: what it needs, what it may not hold, and words that help."""

from dataclasses import MISSING, fields

import pytest

from sim import quarter
from sim.inputs.errors import InputError
from sim.levers import LEVERS
from sim.scenario.levers import build_lever, current_names

COMMON = {"start": "2025Q1", "end": "2026Q4", "budget": 100, "source": "assumption: test"}
OWN = {
    "growth_coaching": {"cost": 25},
    "compute_supply": {"compute_share": 0.3},
    "guidance_fund": {"tier": "seed", "ticket": 500, "public_share": 0.2},
    "recognition_award": {"recognition": "hnte", "first_award": 20},
    "seedling_grant": {"amount": 20},
    "open_challenge": {"share": 0.2, "cap": 300},
    "pilot_plants": {"platforms": 10, "platform_grant": 500},
    "service_voucher": {"face_value": 2},
    "compute_voucher": {"rate": 0.3, "cap": 100, "compute_share": 0.3},
}
"""What a type needs beside dates, money and source; the others need nothing more."""


def made(city, kind, **changes):
    entry = {"type": kind} | COMMON | OWN.get(kind, {}) | changes
    return build_lever("mine.toml", kind, {k: v for k, v in entry.items() if v is not None}, city)


def refusal(city, kind, **changes):
    with pytest.raises(InputError) as error:
        made(city, kind, **changes)
    message = str(error.value)
    assert message.startswith(f'mine.toml: lever "{kind}": ') and "\n" not in message
    return message


@pytest.mark.parametrize("kind", LEVERS)
def test_every_type_is_made_of_what_it_needs_and_misses_each_of_it_by_name(city, kind):
    x = made(city, kind)
    assert type(x) is LEVERS[kind] and (x.start, x.end) == (quarter.parse("2025Q1"), quarter.parse("2026Q4"))
    needed = {f.name for f in fields(x) if f.default is MISSING and f.default_factory is MISSING} - {"name"}
    assert needed == set(COMMON) | set(OWN.get(kind, {}))
    for name in needed:
        assert f'"{name}" is missing' in refusal(city, kind, **{name: None})


@pytest.mark.parametrize("kind", LEVERS)
def test_every_type_refuses_a_key_it_does_not_know_and_a_date_that_is_none(city, kind):
    assert 'unknown key "budgett". Did you mean "budget"?' in refusal(city, kind, budgett=1)
    assert "start: " in (said := refusal(city, kind, start="2025")) and "is not a quarter" in said
    assert "ends in 2024Q4, before it starts in 2025Q1" in refusal(city, kind, end="2024Q4")


@pytest.mark.parametrize("kind", OWN)
def test_numbers_of_a_type_are_numbers_and_not_negative(city, kind):
    for name, value in OWN[kind].items():
        if not isinstance(value, str):
            assert f'{name} = "much": write a number from ' in refusal(city, kind, **{name: "much"})
            assert f"{name} = -1: write a number from " in refusal(city, kind, **{name: -1})
            assert name in refusal(city, kind, **{name: float("nan")})


@pytest.mark.parametrize(
    ("kind", "name"),
    [("compute_voucher", "rate"), ("guidance_fund", "public_share"), ("service_voucher", "reach"), ("compute_supply", "compute_share")],
)
def test_a_share_of_more_than_one_is_taken_for_a_percentage(city, kind, name):
    assert f"{name} = 30: write a number from 0 to 1 (a share). Shares are decimals: write 30 % as 0.3." in refusal(city, kind, **{name: 30})
    assert getattr(made(city, kind, **{name: 1}), name) == 1.0


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("guidance_fund", {"tier": "sed"}, "tier = 'sed'"),
        ("pilot_zones", {"level": "urban"}, "level = 'urban'"),
        ("talent_programme", {"allocation": "luck"}, "allocation = 'luck'"),
        ("talent_programme", {"evidence": "E"}, "evidence = 'E'"),
        ("talent_programme", {"ramp_quarters": -1}, "ramp_quarters = -1: write a number from 0 to 120 quarters"),
        ("talent_programme", {"size": -0.5}, "size = -0.5: write a number from 0 to 10 times"),
        ("talent_programme", {"budget": -5}, "budget = -5: write a number from 0 to 100,000,000 万元 a year"),
        ("talent_programme", {"source": "  "}, '"source" is empty'),
        ("talent_programme", {"eligible": {"max_agee_years": 5}}, 'unknown key "eligible.max_agee_years"'),
        ("talent_programme", {"eligible": {"max_age_years": "young"}}, 'eligible.max_age_years = "young": write a number'),
        ("talent_programme", {"eligible": {"tracks": "futur"}}, "eligible.tracks"),
    ],
)
def test_words_are_among_those_allowed(city, kind, changes, said):
    assert said in refusal(city, kind, **changes)


def test_places_are_written_by_key_and_kept_by_code(city):
    x = made(city, "talent_programme", eligible={"tracks": [city.tracks[2].key, "other"], "districts": ["xihu"]})
    assert x.eligible.tracks == (2, city.track_index("other")) and x.eligible.districts == (city.district_index("xihu"),)


@pytest.mark.parametrize("old", ["push", "release", "projects", "batch_size"])
def test_names_of_older_files_are_read_and_one_thing_is_there_once(old):
    assert current_names({old: 2.0, "budget_wan_per_year": 5}) == {"size": 2.0, "budget": 5}
    with pytest.raises(InputError, match=f'"size" and "{old}" both mean size; keep size and drop the other'):
        current_names({"size": 1.0, old: 2.0})
