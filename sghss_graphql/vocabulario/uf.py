"""The 27 federative units of Brazil."""

from enum import Enum

import strawberry
from strawberry import enum_value


@strawberry.enum(description="Unidade federativa.")
class UF(Enum):
    """By the code of IBGE's list."""

    AC = enum_value("AC", description="Acre.")
    AL = enum_value("AL", description="Alagoas.")
    AM = enum_value("AM", description="Amazonas.")
    AP = enum_value("AP", description="Amapá.")
    BA = enum_value("BA", description="Bahia.")
    CE = enum_value("CE", description="Ceará.")
    DF = enum_value("DF", description="Distrito Federal.")
    ES = enum_value("ES", description="Espírito Santo.")
    GO = enum_value("GO", description="Goiás.")
    MA = enum_value("MA", description="Maranhão.")
    MG = enum_value("MG", description="Minas Gerais.")
    MS = enum_value("MS", description="Mato Grosso do Sul.")
    MT = enum_value("MT", description="Mato Grosso.")
    PA = enum_value("PA", description="Pará.")
    PB = enum_value("PB", description="Paraíba.")
    PE = enum_value("PE", description="Pernambuco.")
    PI = enum_value("PI", description="Piauí.")
    PR = enum_value("PR", description="Paraná.")
    RJ = enum_value("RJ", description="Rio de Janeiro.")
    RN = enum_value("RN", description="Rio Grande do Norte.")
    RO = enum_value("RO", description="Rondônia.")
    RR = enum_value("RR", description="Roraima.")
    RS = enum_value("RS", description="Rio Grande do Sul.")
    SC = enum_value("SC", description="Santa Catarina.")
    SE = enum_value("SE", description="Sergipe.")
    SP = enum_value("SP", description="São Paulo.")
    TO = enum_value("TO", description="Tocantins.")
