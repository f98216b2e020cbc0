# /// script
# requires-python = ">=3.11"
# dependencies = ["holidays==0.109"]
# ///
"""Writes sghss_graphql/vocabulario/feriados.tsv: the days on which Brazil and its states don't work.

The library and what it stands on can't be installed beside the product (python-dateutil), and takes a second and 40 MiB
to say what fits in a small file.
"""

from pathlib import Path

from holidays import country_holidays
from holidays.countries import Brazil

FILE = Path(__file__).parents[1] / "sghss_graphql/vocabulario/feriados.tsv"
YEARS = range(2020, 2061)


def main() -> None:
    """Write the file: a state's days are those that aren't the country's (BR)."""
    national = country_holidays("BR", years=YEARS, language="pt_BR")
    lines = [(day, "BR", name) for day, name in national.items()]
    for state in Brazil.subdivisions:
        of_state = country_holidays("BR", subdiv=state, years=YEARS, language="pt_BR")
        lines += [(day, state, name) for day, name in of_state.items() if day not in national]
    written = "".join(f"{day}\t{where}\t{name}\n" for day, where, name in sorted(lines))
    head = "# Feriados do Brasil (BR) e das suas unidades federativas: da biblioteca holidays, por make feriados.\n"
    FILE.write_text(head + written, encoding="utf-8")


if __name__ == "__main__":
    main()
