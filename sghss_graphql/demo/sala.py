"""What the demo brings: no table of its own, and rows in nearly all of the others'."""

from sghss_graphql.demo.store import INSERCOES
from sghss_graphql.sala import Sala

SALA = Sala(nome="demo", emprestadas=dict.fromkeys(INSERCOES, "a demonstração enche o hospital inteiro"))
