"""Reads of the wing. What a page, an export or an alert shows starts at the sites that its reader may see."""

from .contracts import Card, card_of, cards, cards_of, judged_on, make_card, terms_of
from .definitions import formula_of, in_force, kpis_in_use, stretches, versions_of
from .figures import NOW, THEN, Figures, figures
from .scope import reads_figures, sees_all, sites_visible_to
from .scores import Worth, carried_scores, readings, scores, shown, tally, worth
from .sums import Key, Row, Scope, sums

__all__ = [
    "NOW",
    "THEN",
    "Card",
    "Figures",
    "Key",
    "Row",
    "Scope",
    "Worth",
    "card_of",
    "cards",
    "cards_of",
    "carried_scores",
    "figures",
    "formula_of",
    "in_force",
    "judged_on",
    "kpis_in_use",
    "make_card",
    "readings",
    "reads_figures",
    "scores",
    "sees_all",
    "shown",
    "sites_visible_to",
    "stretches",
    "sums",
    "tally",
    "terms_of",
    "versions_of",
    "worth",
]
