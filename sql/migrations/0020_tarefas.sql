-- What the hospital does by itself: each task is one process's at a time, which has it until it ends, or is heard of no more.

CREATE TABLE tarefa (
    nome VARCHAR(60) NOT NULL,
    dono BINARY(16) NULL COMMENT 'the process that does it now',
    ate DATETIME(6) NULL COMMENT 'until when it has it, unless it says so again',
    proxima DATETIME(6) NULL COMMENT 'not before',
    comecou_em DATETIME(6) NULL,
    terminou_em DATETIME(6) NULL,
    falha VARCHAR(100) NULL COMMENT 'what the last run ended with, if it failed',
    PRIMARY KEY (nome)
) ENGINE = InnoDB;
