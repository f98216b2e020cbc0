-- Two registrations that turned out to be of one person. Nothing of either is rewritten: whoever has several is found by
-- any of them (mesma_pessoa holds each pair, both ways), until the joining is undone.

CREATE TABLE unificacao (
    id BINARY(16) NOT NULL,
    de_id BINARY(16) NOT NULL COMMENT 'the registration that is left over',
    para_id BINARY(16) NOT NULL,
    justificativa VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    por BINARY(16) NOT NULL,
    em DATETIME(6) NOT NULL,
    desfeita_em DATETIME(6) NULL,
    desfeita_por BINARY(16) NULL,
    motivo_de_desfazer VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    PRIMARY KEY (id),
    KEY unificacao_de (de_id, em),
    KEY unificacao_para (para_id, em),
    CONSTRAINT unificacao_de FOREIGN KEY (de_id) REFERENCES paciente (id),
    CONSTRAINT unificacao_para FOREIGN KEY (para_id) REFERENCES paciente (id),
    CONSTRAINT unificacao_por FOREIGN KEY (por) REFERENCES usuario (id),
    CONSTRAINT unificacao_desfeita_por FOREIGN KEY (desfeita_por) REFERENCES usuario (id)
) ENGINE = InnoDB;

ALTER TABLE paciente
    ADD COLUMN unificado_com BINARY(16) NULL COMMENT 'where its life goes on; it takes no bookings',
    ADD COLUMN juntos BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'mesma_pessoa has others of this person',
    ADD CONSTRAINT paciente_unificado_com FOREIGN KEY (unificado_com) REFERENCES paciente (id);

CREATE TABLE mesma_pessoa (
    paciente_id BINARY(16) NOT NULL,
    outro_id BINARY(16) NOT NULL,
    PRIMARY KEY (paciente_id, outro_id),
    CONSTRAINT mesma_pessoa_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id),
    CONSTRAINT mesma_pessoa_outro FOREIGN KEY (outro_id) REFERENCES paciente (id)
) ENGINE = InnoDB;

-- Whoever has a paciente in care has all registrations of that person: a source gives a row for each.
ALTER TABLE cuidado
    ADD COLUMN espelho BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'of another registration than the source is about',
    DROP PRIMARY KEY,
    ADD PRIMARY KEY (origem_id, paciente_id);

-- Counts what changes of a consulta; and as whom somebody changed it, which was not kept before.
ALTER TABLE consulta ADD COLUMN versao INT UNSIGNED NOT NULL DEFAULT 1;

ALTER TABLE consulta_mudanca ADD COLUMN papel VARCHAR(13) CHARACTER SET ascii COLLATE ascii_bin NULL;
