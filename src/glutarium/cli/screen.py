"""``glutarium screen``: the stress screen."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.console import ProgressHook, examples, note, progress, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.knowledge.records import ScreenCondition
    from glutarium.simulate.model import CellModel
    from glutarium.study.screen import Outcome

__all__ = ["EXAMPLES", "screen"]

EXAMPLES = examples("glutarium screen", "glutarium screen --members 4")


def screen(
    *,
    members: Annotated[
        int | None,
        typer.Option(min=1, help="How many ensemble members to use; all by default."),
    ] = None,
) -> None:
    """Put the cell under stress and show what stays physiological.

    Single blocks of reactions, nutrients taken away, levels of oxygen: for each the share of
    members that pass, the pool that rose most above its reference, the lowest ATP and the dry mass
    at the end over that at the start (worst member, worst member, median).
    """
    from glutarium.simulate.model import load_model
    from glutarium.study.screen import halves

    with progress() as hook:
        hook("loading the model", 0, 1)
        model = load_model(members)
        conditions = tuple(model.base.screen)
        by_condition = _run(model, conditions, hook)
    judging = {condition.condition for condition in halves(conditions)[1]}
    columns = ("condition", "half", "pass>", "worst pool", "fold>", "lowest ATP, mM>", "growth>")
    rows = [
        (name, "judge" if name in judging else "select", *_row(model, outcomes))
        for name, outcomes in by_condition.items()
    ]
    table(columns, rows)
    for half in ("select", "judge"):
        chosen = [o for c, o in by_condition.items() if (c in judging) == (half == "judge")]
        _sum_up(model, half, [outcome for outcomes in chosen for outcome in outcomes])


def _run(
    model: CellModel, conditions: Sequence[ScreenCondition], hook: ProgressHook
) -> dict[str, list[Outcome]]:
    """Condition → one outcome per member; member by member, since a member comes to rest once."""
    from glutarium.study.screen import screen_member

    found: dict[str, list[Outcome]] = {c.condition: [] for c in conditions}
    for member in range(len(model.ensemble)):
        hook("members under stress", member, len(model.ensemble))
        for outcome in screen_member(model, member, conditions):
            found[outcome.condition].append(outcome)
    return found


def _row(model: CellModel, outcomes: Sequence[Outcome]) -> tuple[object, ...]:
    worst = max(outcomes, key=lambda outcome: outcome.worst_fold)
    passed = sum(_passes(model, outcome) for outcome in outcomes)
    lowest = min(outcome.lowest_atp for outcome in outcomes)
    growth = median(outcome.growth_fold for outcome in outcomes)
    return f"{passed}/{len(outcomes)}", worst.worst_pool, worst.worst_fold, lowest, growth


def _passes(model: CellModel, outcome: Outcome) -> bool:
    return outcome.physiological(model) and outcome.alive(model)


def _sum_up(model: CellModel, half: str, outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    calm = sum(outcome.physiological(model) for outcome in outcomes) / len(outcomes)
    alive = sum(outcome.alive(model) for outcome in outcomes) / len(outcomes)
    note(f"{half} half: {calm:.0%} of {len(outcomes)} runs physiological, {alive:.0%} keep ATP")
