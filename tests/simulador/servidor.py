"""``python -m tests.simulador.servidor RELOGIO MILISSEGUNDOS [DEFEITO]``: ``serve``, by the clock of the simulation."""

import sys
from datetime import timedelta
from pathlib import Path

from sghss_graphql.comando.cli import main
from tests.simulador.defeitos import DEFEITOS
from tests.simulador.relogio import RelogioPartilhado

if __name__ == "__main__":
    arquivo, torto, *defeito = sys.argv[1:]
    RelogioPartilhado(Path(arquivo)).seguir(timedelta(milliseconds=int(torto)))
    for nome in defeito:
        DEFEITOS[nome]()
    sys.argv[1:] = ["serve"]
    main()
