"""How this wing says things: values with their units, periods, formulas, signals, why something moved. In the reader's language."""
