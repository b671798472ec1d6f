"""Which results are of a recipe that the files no longer hold, and so may not be compared with newer ones."""

from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import learned_hash
from gan_style.experiment.variants import ablation
from gan_style.report.evidence import Evidence, Method
from gan_style.system.errors import UserError


def outdated(evidence: Evidence) -> tuple[str, ...]:
    """`no_gram (5 minutes): why`, for each method that says what it was trained with."""
    reasons = [
        (f"{method.label} ({budget})", reason(evidence, method))
        for budget, methods in evidence.budgets.items()
        for method in methods
        if not method.drawn
    ]
    return tuple(f"{name}: {why}" for name, why in reasons if why)


def reason(evidence: Evidence, method: Method) -> str:
    trained = method.first.training.get("config_sha256")
    if trained is None:
        return ""
    try:
        recipe = read_recipe(str(evidence.config), ablation(method.first.variant), method.first.overrides)
    except UserError as problem:
        return f"its recipe cannot be read any more: {problem}"
    same = learned_hash(recipe.config) == trained
    return "" if same else "trained with another recipe than the files hold now"
