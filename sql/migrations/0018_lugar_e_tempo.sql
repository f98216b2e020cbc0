-- exige parada: os turnos e as consultas passam a ter unidade.
-- A shift is in a unidade, perhaps in a sala and for some kinds, from a day on, until a day, every so many weeks.
-- A consulta is in a unidade, too; whatever was so far is in that of its profissional's time zone.

ALTER TABLE turno
    ADD COLUMN numero SMALLINT UNSIGNED NOT NULL DEFAULT 0 AFTER profissional_id,
    ADD COLUMN unidade_id BINARY(16) NULL,
    ADD COLUMN sala_id BINARY(16) NULL,
    ADD COLUMN vigencia_de DATE NULL COMMENT 'the first local day on which it may begin; NULL is always',
    ADD COLUMN vigencia_ate DATE NULL COMMENT 'the last one',
    ADD COLUMN a_cada_semanas TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'counted from the week of vigencia_de';

UPDATE turno t JOIN (
    SELECT profissional_id, dia, inicio, ROW_NUMBER() OVER (PARTITION BY profissional_id ORDER BY dia, inicio) AS n
    FROM turno
) o ON o.profissional_id = t.profissional_id AND o.dia = t.dia AND o.inicio = t.inicio
JOIN profissional m ON m.id = t.profissional_id
SET t.numero = o.n, t.unidade_id = UNHEX(LEFT(SHA2(m.fuso, 256), 32));

ALTER TABLE turno
    DROP PRIMARY KEY,
    MODIFY numero SMALLINT UNSIGNED NOT NULL,
    MODIFY unidade_id BINARY(16) NOT NULL,
    ADD PRIMARY KEY (profissional_id, numero),
    ADD KEY turno_unidade (unidade_id, profissional_id),
    ADD KEY turno_sala (sala_id, unidade_id),
    ADD CONSTRAINT turno_unidade FOREIGN KEY (unidade_id) REFERENCES unidade (id),
    ADD CONSTRAINT turno_sala FOREIGN KEY (sala_id, unidade_id) REFERENCES sala (id, unidade_id),
    ADD CONSTRAINT turno_semanas CHECK (a_cada_semanas BETWEEN 1 AND 4),
    ADD CONSTRAINT turno_vigencia CHECK (vigencia_ate >= vigencia_de);

-- The kinds for which a shift is; one without any is for all.
CREATE TABLE turno_tipo (
    profissional_id BINARY(16) NOT NULL,
    numero SMALLINT UNSIGNED NOT NULL,
    tipo_id BINARY(16) NOT NULL,
    PRIMARY KEY (profissional_id, numero, tipo_id),
    KEY turno_tipo_tipo (tipo_id),
    CONSTRAINT turno_tipo_turno FOREIGN KEY (profissional_id, numero) REFERENCES turno (profissional_id, numero)
        ON DELETE CASCADE,
    CONSTRAINT turno_tipo_tipo FOREIGN KEY (tipo_id) REFERENCES tipo_de_atendimento (id)
) ENGINE = InnoDB;

ALTER TABLE consulta
    ADD COLUMN unidade_id BINARY(16) NULL,
    ADD COLUMN sala_id BINARY(16) NULL,
    ADD COLUMN tipo_id BINARY(16) NULL,
    ADD COLUMN intervalo SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'minutes after it that stay taken';

UPDATE consulta c JOIN profissional m ON m.id = c.profissional_id SET c.unidade_id = UNHEX(LEFT(SHA2(m.fuso, 256), 32));

ALTER TABLE consulta
    MODIFY unidade_id BINARY(16) NOT NULL,
    ADD KEY consulta_unidade (unidade_id, inicio, id),
    ADD KEY consulta_sala (sala_id, unidade_id),
    ADD KEY consulta_tipo (tipo_id, inicio, id),
    ADD CONSTRAINT consulta_unidade FOREIGN KEY (unidade_id) REFERENCES unidade (id),
    ADD CONSTRAINT consulta_sala FOREIGN KEY (sala_id, unidade_id) REFERENCES sala (id, unidade_id),
    ADD CONSTRAINT consulta_tipo FOREIGN KEY (tipo_id) REFERENCES tipo_de_atendimento (id);

-- One thing at one time: a pessoa, in whatever role, or a sala. In lane 0 each time is taken once; what is booked over it
-- on purpose has a lane of its own.
CREATE TABLE tempo (
    coisa_id BINARY(16) NOT NULL COMMENT 'a pessoa or a sala',
    celula INT UNSIGNED NOT NULL COMMENT 'of 5 minutes, numbered from 1970',
    faixa TINYINT UNSIGNED NOT NULL DEFAULT 0,
    consulta_id BINARY(16) NOT NULL,
    PRIMARY KEY (coisa_id, celula, faixa),
    KEY tempo_consulta (consulta_id),
    CONSTRAINT tempo_consulta FOREIGN KEY (consulta_id) REFERENCES consulta (id)
) ENGINE = InnoDB;

INSERT IGNORE INTO tempo (coisa_id, celula, faixa, consulta_id) SELECT pessoa_id, celula, 0, consulta_id FROM celula;

DROP TABLE IF EXISTS celula;
