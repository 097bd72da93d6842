"""Files of facts: read as text into the database, checked there as a set, and written in one transaction."""

from .counts import Made
from .run import Outcome, Upload, import_facts
from .schema import FactsMapping, facts_mapping

__all__ = ["FactsMapping", "Made", "Outcome", "Upload", "facts_mapping", "import_facts"]
