"""How sure a figure is: 95 % intervals of proportions and of NPS."""

from math import sqrt
from typing import Final

# The 97.5 % quantile of the normal distribution.
Z95: Final = 1.959963984540054


def wilson(successes: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a proportion, as ratios 0..1. Raises ValueError unless 0 <= successes <= n and n > 0.

    Source: Wilson (1927), as in statsmodels' proportion_confint(method="wilson").
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"no proportion: {successes} of {n}")
    p = successes / n
    z2 = z * z / n
    centre = (p + z2 / 2) / (1 + z2)
    half = z / (1 + z2) * sqrt(p * (1 - p) / n + z2 / (4 * n))
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)


def wald(promoters: float, detractors: float, n: float, z: float = Z95) -> tuple[float, float, float]:
    """NPS in points (-100..100) with its plain Wald interval: (value, low, high). Raises ValueError unless n > 0.

    Variance of a single answer (1, 0, -1): p + d - (p - d)^2; source: cybaea.net, 2016-01-14.
    """
    if n <= 0 or promoters < 0 or detractors < 0 or promoters + detractors > n * (1 + 1e-12):
        raise ValueError(f"no NPS: {promoters} and {detractors} of {n}")
    p, d = promoters / n, detractors / n
    half = z * sqrt(max(p + d - (p - d) ** 2, 0.0) / n)
    return 100 * (p - d), 100 * (p - d - half), 100 * (p - d + half)


def adjusted_wald(promoters: float, detractors: float, n: float, z: float = Z95) -> tuple[float, float, float]:
    """The adjusted Wald interval of NPS in points: (adjusted value, low, high); limits may lie beyond 100 in very small samples.

    Three answers are added: 3/4 to promoters, 3/4 to detractors, 3/2 to passives; source: measuringu.com (Rocks 2016).
    """
    return wald(promoters + 0.75, detractors + 0.75, n + 3, z)
