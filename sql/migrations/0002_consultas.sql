-- Appointments. A cell is 5 minutes, numbered from 1970-01-01T00:00Z; the primary keys of the two cell
-- tables are what keeps a médico, and a paciente, from being in two consultas at once.

CREATE TABLE turno (
    medico_id BINARY(16) NOT NULL,
    dia TINYINT UNSIGNED NOT NULL COMMENT '0 is Monday',
    inicio SMALLINT UNSIGNED NOT NULL COMMENT 'minutes after local midnight',
    fim SMALLINT UNSIGNED NOT NULL COMMENT 'minutes after the same midnight; over 1440 goes into the next day',
    PRIMARY KEY (medico_id, dia, inicio),
    CONSTRAINT turno_medico FOREIGN KEY (medico_id) REFERENCES medico (id),
    CONSTRAINT turno_dia CHECK (dia <= 6),
    CONSTRAINT turno_horas CHECK (inicio < 1440 AND fim > inicio AND fim <= inicio + 1440),
    CONSTRAINT turno_cinco_minutos CHECK (inicio % 5 = 0 AND fim % 5 = 0)
) ENGINE = InnoDB;

CREATE TABLE bloqueio (
    id BINARY(16) NOT NULL,
    medico_id BINARY(16) NOT NULL,
    inicio DATETIME(6) NOT NULL,
    fim DATETIME(6) NOT NULL,
    motivo VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY bloqueio_medico (medico_id, fim),
    CONSTRAINT bloqueio_medico FOREIGN KEY (medico_id) REFERENCES medico (id),
    CONSTRAINT bloqueio_ordem CHECK (fim > inicio)
) ENGINE = InnoDB;

CREATE TABLE consulta (
    id BINARY(16) NOT NULL,
    paciente_id BINARY(16) NOT NULL,
    medico_id BINARY(16) NOT NULL,
    inicio DATETIME(6) NOT NULL,
    fim DATETIME(6) NOT NULL,
    situacao VARCHAR(14) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    modalidade VARCHAR(13) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    motivo VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY consulta_id_paciente (id, paciente_id),
    KEY consulta_inicio (inicio, id),
    KEY consulta_paciente (paciente_id, inicio, id),
    KEY consulta_medico (medico_id, inicio, id),
    KEY consulta_vinculo (medico_id, paciente_id, situacao),
    CONSTRAINT consulta_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id),
    CONSTRAINT consulta_medico FOREIGN KEY (medico_id) REFERENCES medico (id),
    CONSTRAINT consulta_ordem CHECK (fim > inicio),
    CONSTRAINT consulta_modalidade CHECK (modalidade IN ('PRESENCIAL', 'TELECONSULTA')),
    CONSTRAINT consulta_situacao CHECK (
        situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO', 'REALIZADA', 'CANCELADA', 'FALTOU')
    )
) ENGINE = InnoDB;

-- What happened to a consulta, in order; never changed.
CREATE TABLE consulta_mudanca (
    consulta_id BINARY(16) NOT NULL,
    numero SMALLINT UNSIGNED NOT NULL,
    situacao VARCHAR(14) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    inicio DATETIME(6) NOT NULL,
    fim DATETIME(6) NOT NULL,
    motivo VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    usuario_id BINARY(16) NOT NULL,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (consulta_id, numero),
    KEY consulta_mudanca_usuario (usuario_id),
    CONSTRAINT consulta_mudanca_consulta FOREIGN KEY (consulta_id) REFERENCES consulta (id),
    CONSTRAINT consulta_mudanca_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id)
) ENGINE = InnoDB;

CREATE TRIGGER consulta_mudanca_sem_update BEFORE UPDATE ON consulta_mudanca FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'consulta_mudanca is append-only';

CREATE TRIGGER consulta_mudanca_sem_delete BEFORE DELETE ON consulta_mudanca FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'consulta_mudanca is append-only';

CREATE TABLE celula_do_medico (
    medico_id BINARY(16) NOT NULL,
    celula INT UNSIGNED NOT NULL,
    consulta_id BINARY(16) NOT NULL,
    PRIMARY KEY (medico_id, celula),
    KEY celula_do_medico_consulta (consulta_id),
    CONSTRAINT celula_do_medico_medico FOREIGN KEY (medico_id) REFERENCES medico (id),
    CONSTRAINT celula_do_medico_consulta FOREIGN KEY (consulta_id) REFERENCES consulta (id)
) ENGINE = InnoDB;

CREATE TABLE celula_do_paciente (
    paciente_id BINARY(16) NOT NULL,
    celula INT UNSIGNED NOT NULL,
    consulta_id BINARY(16) NOT NULL,
    PRIMARY KEY (paciente_id, celula),
    KEY celula_do_paciente_consulta (consulta_id),
    CONSTRAINT celula_do_paciente_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id),
    CONSTRAINT celula_do_paciente_consulta FOREIGN KEY (consulta_id) REFERENCES consulta (id)
) ENGINE = InnoDB;

-- The one definition of "patients on their agenda" (any row) and "in their care" (sob_cuidado).
CREATE VIEW vinculo AS
    SELECT medico_id, paciente_id, situacao <> 'CANCELADA' AS sob_cuidado FROM consulta;
