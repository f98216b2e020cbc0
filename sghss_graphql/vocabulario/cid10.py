"""A code of the CID-10 is good if DATASUS's table or the WHO's has it; ``cid10.tsv`` holds both, not their words."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def codigos() -> dict[str, str]:
    """Give each code, as ``J45.0``, by what it may be written as in capitals: with its point, without."""
    texto = files(__package__).joinpath("cid10.tsv").read_text(encoding="ascii")
    lidos = (linha.partition("\t")[0] for linha in texto.splitlines() if not linha.startswith("#"))
    return {forma: codigo for codigo in lidos for forma in (codigo, codigo.replace(".", ""))}
